"""The code for this, on the Lesions page: each program ends with the numbers that the page shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from app.engine.selection import Photo
from app.lesions import code, computed, recorded
from tests.app.test_snippets import BUNDLED, CAT, OWN, PLAIN, UNTRAINED, files, run  # noqa: F401

RESNET18 = computed.Net("resnet18", "imagenette")


@pytest.mark.parametrize(("gone", "scale"), [(("layer1.1", "layer2.2"), 0.0), (("layer1.1",), 0.5), ((), 0.0)])
def test_answers_without_blocks(gone: tuple[str, ...], scale: float) -> None:
    assert_frame_equal(
        run(code.lesion_code([BUNDLED], CAT, gone, scale)), computed.effect(BUNDLED, CAT, gone, scale), rtol=1e-4
    )
    both = [computed.effect(net, CAT, gone, scale).assign(net=net.label) for net in (BUNDLED, PLAIN)]
    shown = pd.concat(both, ignore_index=True)
    assert_frame_equal(run(code.lesion_code([BUNDLED, PLAIN], CAT, gone, scale)), shown, rtol=1e-4)


@pytest.mark.parametrize("net", [BUNDLED, PLAIN, UNTRAINED], ids=["bundled", "plain", "random"])
def test_subnetworks_paths_and_read_outs(net: computed.Net) -> None:
    found, orders = computed.every_subnetwork(net, CAT), computed.orders(net)
    assert orders is None
    assert_frame_equal(run(code.subnetworks_code(net, CAT, orders)), found.table, rtol=1e-4)
    values = pd.concat([found.shapley, found.margin], axis=1).reset_index()
    assert_frame_equal(run(code.shapley_code(net, CAT, orders)), values, rtol=1e-3, atol=1e-6)
    assert_frame_equal(run(code.paths_code(net, CAT)), computed.spectrum(net, CAT), rtol=1e-4, atol=1e-9)
    assert_frame_equal(run(code.readout_code(net, CAT)), computed.read_out(net, CAT), rtol=1e-3)


@pytest.mark.parametrize("study", recorded.STUDIES.values(), ids=lambda study: study.file)
def test_the_recorded_studies(study: recorded.Study) -> None:
    shown = recorded.finished(BUNDLED, study, recorded.View(again=False, gone=(), blocks=9))
    assert_frame_equal(run(shown.code), shown.table)


def test_a_sample_is_drawn_again_alike() -> None:
    deep = computed.Net("resnet56", "cifar10")
    orders = computed.orders(deep)
    assert orders == computed.ORDERS
    found = computed.every_subnetwork(deep, CAT)
    assert_frame_equal(run(code.subnetworks_code(deep, CAT, orders)), found.table, rtol=1e-3, atol=1e-6)


def test_a_large_network_gets_fewer_orders() -> None:
    assert computed.orders(RESNET18) is None
    assert computed.orders(computed.Net("resnet50", "random")) == computed.ORDERS
    assert computed.FEWEST <= computed.orders(computed.Net("resnet152", "random")) < computed.ORDERS


def test_the_twin_is_the_network_trained_alike() -> None:
    assert computed.twin(BUNDLED) == PLAIN
    assert computed.twin(PLAIN) == BUNDLED
    assert computed.twin(RESNET18) is None
    assert computed.twin(UNTRAINED) is None


def test_a_checkpoint_of_ones_own(files: Photo) -> None:  # noqa: F811
    net = replace(OWN, content=Path(OWN.file_name).read_bytes())
    shown = computed.effect(net, files, ("layer1.1",), 0.0)
    assert_frame_equal(run(code.lesion_code([net], files, ("layer1.1",), 0.0)), shown, rtol=1e-4)
    assert len(computed.every_subnetwork(net, files).table) == 512
    assert computed.twin(net) is None
