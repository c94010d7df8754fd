"""The bench's table of Captum's calls: whole, and the same work on both sides."""

from __future__ import annotations

import re
from typing import Any

import pytest
from torch import nn

import resnet_core as rc
from tests import bench_attributions
from tests.attributions import POOLED, assert_close
from tests.bench_attributions import attributions, checks, photo_of, pictures_through, sides
from tests.captum_calls import DIRECT, Case

RANDOM = {method for method in DIRECT if rc.METHODS[method].random}
EVERY_LOOK_TWICE = {"gradient_shap"}  # for its deltas Captum takes each look and its baseline forward again
WITHOUT_OURS = {"deeplift"}  # behind a max pool Captum misses completeness (see `methods/deeplift.py`)
pytestmark = pytest.mark.filterwarnings("ignore:Setting (forward, )?backward hooks")


@pytest.fixture(scope="module")
def narrow() -> rc.ResNet:
    """As many stages as ResNet-18, but few channels: here only the work is compared, not the time."""
    return rc.build(POOLED, seed=0).eval()


def test_every_method_is_measured_or_said_to_have_no_counterpart(
    narrow: rc.ResNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(DIRECT) <= set(rc.METHODS)
    monkeypatch.setattr(bench_attributions, "pair", lambda _name: (narrow, narrow))
    monkeypatch.setattr(bench_attributions, "_measured", lambda what, *_: (what, "Captum", "goal", "1.00x"))
    monkeypatch.delitem(DIRECT, "lime")
    rows = list(attributions(1))
    assert [row[0] for row in rows] == [f"attribute, {method}" for method in rc.METHODS]
    missing = [f"attribute, {method}" for method in rc.METHODS if method not in DIRECT]
    assert "attribute, lime" in missing
    assert [row[0] for row in rows if row[3] == "not measured"] == missing


@pytest.mark.parametrize("method", DIRECT)
def test_both_sides_do_the_same_work(narrow: rc.ResNet, method: str) -> None:
    results: list[Any] = []
    ours, captums = (
        pictures_through(lambda side=side: results.append(side()))  # type: ignore[misc]
        for side in sides(method, narrow, narrow)
    )
    assert ours > 0
    assert (ours < captums) if method in EVERY_LOOK_TWICE else (ours == captums)
    record, reference = results
    if method not in RANDOM | WITHOUT_OURS:
        assert_close(record.raw, reference[0] if isinstance(reference, tuple) else reference, 1e-4)


@pytest.mark.parametrize("method", [method for method, direct in DIRECT.items() if not direct.theirs])
def test_captum_is_called_on_our_network_only_where_it_fails_on_torchvisions(
    resnet18: rc.ResNet, torchvisions: nn.Module, method: str
) -> None:
    with pytest.raises(RuntimeError, match="module is being used more than once in the network"):
        DIRECT[method].call(Case(torchvisions, photo_of(32, resnet18), resnet18))


def test_the_checks_do_the_same_work_but_for_captums_look_at_the_whole_photo_in_every_part(
    narrow: rc.ResNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_attributions, "pair", lambda _name: (narrow, narrow))
    monkeypatch.setattr(bench_attributions, "fastest", lambda *_, **__: (1.0, 1.0))
    infidelity, sensitivity = (row[0] for row in checks(1))
    assert infidelity.endswith("(112 px, pictures 49 / 51)")  # 48 squares in 3 parts of 16
    assert re.search(r"\(112 px, pictures (\d+) / \1\)$", sensitivity)  # as many draws as ours needed
