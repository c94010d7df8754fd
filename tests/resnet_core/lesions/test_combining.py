"""All networks inside a network against a loop over `lesion`; Shapley values against every order of the blocks."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

import resnet_core as rc
from resnet_core.errors import ResNetCoreError
from resnet_core.lesions._subsets import evaluations
from resnet_core.lesions.combining import every_set
from resnet_core.nets.blocks import BasicBlock
from resnet_core.nets.model import ResNet
from tests.resnet_core.lesions.nets import DEEP, NAMES, batch, labels, net


def assert_row(row: Any, names: list[str], model: ResNet, x: Tensor, recalibrate: Tensor | None = None) -> None:
    """The row is what a lone `lesion` gives."""
    true = labels(len(x))
    logits = rc.lesion(model, x, remove=[name for name in names if not row[name]], recalibrate=recalibrate)
    assert row["probability"] == pytest.approx(float(logits.double().softmax(1)[range(len(x)), true].mean()), abs=1e-6)
    assert row["error"] == pytest.approx(float((logits.argmax(1) != true).double().mean()))
    assert row["blocks"] == sum(bool(row[name]) for name in names)


@pytest.mark.parametrize("options", [{}, {"shortcut": "B"}, {"shortcut": "none"}])
@pytest.mark.parametrize("again", [None, batch(7)], ids=["as trained", "measured again"])
def test_every_network_of_four_blocks(options: dict[str, Any], again: Tensor | None) -> None:
    model, x = net(**options), batch(5)
    found = rc.subnetworks(model, x, labels(5), recalibrate=again)
    names = [name for name in NAMES if options.get("shortcut") != "none" or name != "layer2.0"]
    assert list(found.table) == [*names, "blocks", "probability", "error"]
    assert len(found.table) == 2 ** len(names)
    assert len(found.table[names].drop_duplicates()) == len(found.table)
    for _, row in found.table.iterrows():
        assert_row(row, names, model, x, again)
    assert found.orders is None
    assert (found.margin == 0).all()


def test_all_512_of_resnet_20_equal_networks_run_alone() -> None:
    model = rc.load("resnet20", "cifar10", device="cpu")
    x = batch(2, 32)
    names = [name for name, _ in model.named_blocks()]
    found = rc.subnetworks(model, x, labels(2))
    assert len(found.table) == 512
    for place in (0, 511, *np.random.default_rng(0).choice(512, 12, replace=False)):
        assert_row(found.table.iloc[place], names, model, x)
    ends = found.table["probability"].iloc[[0, -1]].to_numpy()
    assert found.shapley.sum() == pytest.approx(ends[1] - ends[0], abs=1e-12)


def by_every_order(table: pd.DataFrame, names: list[str]) -> dict[str, float]:
    """What each block adds, over all orders in which the blocks can be put back."""
    worth = {frozenset(name for name in names if row[name]): row["probability"] for _, row in table.iterrows()}
    orders = list(permutations(names))
    return {
        name: sum(
            worth[frozenset(order[: order.index(name) + 1])] - worth[frozenset(order[: order.index(name)])]
            for order in orders
        )
        / len(orders)
        for name in names
    }


def test_shapley_values_are_means_over_every_order() -> None:
    found = rc.subnetworks(net(), batch(4), labels(4))
    expected = by_every_order(found.table, list(NAMES))
    assert found.shapley.to_dict() == pytest.approx(expected, abs=1e-12)
    assert min(abs(value) for value in expected.values()) > 1e-4


def test_f_is_evaluated_once_for_all_networks_that_begin_alike() -> None:
    model = net()
    calls: list[int] = []

    class Counting(nn.Identity):
        def forward(self, x: Tensor) -> Tensor:
            calls.append(len(x))
            return x

    for _, block in model.named_blocks():
        assert isinstance(block, BasicBlock)
        block.relu1 = nn.Sequential(nn.ReLU(), Counting())  # type: ignore[assignment]
    rc.subnetworks(model, batch(3), labels(3))
    assert sum(calls) == 3 * (2**4 - 1)
    assert evaluations(every_set(9)) == 511


@pytest.mark.parametrize("most", [1, 4 * 16 * 16 * 7])
def test_little_memory_gives_the_same(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model, x = net(), batch(3)
    whole = rc.subnetworks(model, x, labels(3))
    monkeypatch.setattr("resnet_core.lesions._subsets.MOST", most)
    monkeypatch.setattr("resnet_core.lesions._calibration.AT_ONCE", 2 * 16 * 16)
    seen: list[tuple[int, int]] = []
    found = rc.subnetworks(model, x, labels(3), progress=lambda *report: seen.append(report))
    pd.testing.assert_frame_equal(found.table, whole.table, rtol=0, atol=1e-6)
    assert {total for _, total in seen} == {2 * 15}
    assert seen[-1] == (30, 30)
    assert len(seen) > 8


def test_a_sample_is_honest() -> None:
    model, x = net(), batch(4)
    whole = rc.subnetworks(model, x, labels(4))
    found = rc.subnetworks(model, x, labels(4), samples=40)
    assert found.orders == 40
    joined = found.table.merge(whole.table, on=[*NAMES, "blocks"])
    assert len(joined) == len(found.table)
    np.testing.assert_allclose(joined["probability_x"], joined["probability_y"], atol=1e-6)
    ends = whole.table["probability"].iloc[[0, -1]].to_numpy()
    assert found.shapley.sum() == pytest.approx(ends[1] - ends[0], abs=1e-6)
    hits, whole = [], rc.subnetworks(model, x[:2], labels(2))
    for seed in range(20):
        some = rc.subnetworks(model, x[:2], labels(2), samples=10, seed=seed)
        hits += list((some.shapley - whole.shapley).abs() <= some.margin + 1e-6)
    assert 0.85 <= np.mean(hits) < 1
    assert np.isinf(rc.subnetworks(model, x, labels(4), samples=1).margin).all()


def test_of_many_blocks_it_is_a_sample() -> None:
    model, x = net("resnet32"), batch(1, 16)
    found = rc.subnetworks(model, x, labels(1), samples=2)
    assert len(found.shapley) == 15
    assert 2 + 14 < len(found.table) <= 2 + 2 * 14  # two orders, which may meet the same set
    assert set(found.table["blocks"]) == {*range(16)}
    assert rc.subnetworks(net(DEEP), x, labels(1)).orders is None


def test_what_cannot_be_tried_is_one_sentence() -> None:
    with pytest.raises(ResNetCoreError, match="samples is 0, but must be a whole number, 1 or more"):
        rc.subnetworks(net(), batch(2), labels(2), samples=0)
    with pytest.raises(ResNetCoreError, match="The labels hold 10, but must be 2 whole class numbers"):
        rc.subnetworks(net(), batch(2), torch.tensor([0, 10]))
