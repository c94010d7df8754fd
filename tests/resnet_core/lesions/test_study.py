"""Studies against a loop over `lesion`, one network after the other."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pandas as pd
import pytest
import torch
from torch import Tensor

import resnet_core as rc
from resnet_core.errors import ResNetCoreError
from resnet_core.nets.model import ResNet
from tests.resnet_core.lesions.nets import DEEP, NAMES, batch, labels, net

COUNT = 12


def errors(model: ResNet, x: Tensor, **options: Any) -> float:
    return float((rc.lesion(model, x, **options).argmax(1) != labels(len(x))).double().mean())


def assert_measured(found: pd.DataFrame, model: ResNet, x: Tensor, column: str = "deleted", **options: Any) -> None:
    """Every row is what a lone `lesion` gives."""
    what = {"deleted": "remove", "order": "order"}[column]
    whole = errors(model, x, **options)
    assert found.attrs == {"errors": pytest.approx(whole), "weights": "random weights"}
    for row in found.itertuples():
        expected = errors(model, x, **{what: getattr(row, column).split()}, **options)
        assert row.errors == pytest.approx(expected)
        assert row.change == pytest.approx(expected - whole)
        assert row.pictures == len(x)


@pytest.mark.parametrize("options", [{}, {"shortcut": "B"}])
def test_every_block_is_removed_once(options: dict[str, Any]) -> None:
    model, x = net(**options), batch(COUNT)
    found = rc.lesion_study(model, x, labels(COUNT))
    assert list(found["deleted"]) == list(NAMES)
    assert set(found["blocks"]) == {1}
    assert len(set(found["errors"])) > 1
    assert_measured(found, model, x)


def test_plain_blocks_that_cannot_go_stay() -> None:
    model, x = net(shortcut="none"), batch(COUNT)
    found = rc.lesion_study(model, x, labels(COUNT))
    assert list(found["deleted"]) == ["layer1.0", "layer1.1", "layer2.1"]
    assert_measured(found, model, x)


def test_several_blocks_are_drawn_among_those_that_keep_the_shape() -> None:
    model, x = net(DEEP), batch(COUNT)
    found = rc.lesion_study(model, x, labels(COUNT), deletions=3, samples=8)
    assert len(found) == len(set(found["deleted"])) == 8
    assert set(found["blocks"]) == {3}
    assert not found["deleted"].str.contains("layer2.0").any()
    assert all(each.split() == sorted(set(each.split())) for each in found["deleted"])
    assert_measured(found, model, x)
    again = rc.lesion_study(model, x, labels(COUNT), deletions=3, samples=8)
    pd.testing.assert_frame_equal(found, again)
    other = rc.lesion_study(model, x, labels(COUNT), deletions=3, samples=8, seed=1)
    assert list(other["deleted"]) != list(found["deleted"])


def test_there_are_no_more_sets_than_all() -> None:
    found = rc.lesion_study(net(), batch(2), labels(2), deletions=2, samples=50)
    possible = ["layer1.0", "layer1.1", "layer2.1"]
    assert list(found["deleted"]) == [" ".join(pair) for pair in combinations(possible, 2)]
    assert len(rc.lesion_study(net(), batch(2), labels(2), samples=50)) == 3


def test_statistics_are_measured_again_in_every_network() -> None:
    model, x, calm = net(), batch(COUNT), batch(16, seed=7) * 2
    found = rc.lesion_study(model, x, labels(COUNT), recalibrate=calm)
    assert_measured(found, model, x, recalibrate=calm)
    assert list(found["errors"]) != list(rc.lesion_study(model, x, labels(COUNT))["errors"])


def test_networks_that_begin_alike_share_their_beginning() -> None:
    """Four blocks: the whole net uses 4, and each other net only those from its own first difference on."""
    seen: list[tuple[int, int]] = []
    model, x = net(), batch(COUNT)
    rc.lesion_study(
        model, x, labels(COUNT), recalibrate=batch(16, seed=7), progress=lambda *report: seen.append(report)
    )
    assert seen[-1] == (2 * (4 + 4 + 3 + 2 + 1),) * 2  # once to measure, once to answer
    seen.clear()
    rc.shuffle_study(net(DEEP), x, labels(COUNT), swaps=1, samples=1, progress=lambda *report: seen.append(report))
    assert 8 < seen[-1][1] < 16


@pytest.mark.parametrize("recalibrate", [None, batch(16, seed=7)])
def test_a_batch_in_parts_gives_the_same(recalibrate: Tensor | None, monkeypatch: pytest.MonkeyPatch) -> None:
    model, x = net(), batch(COUNT)
    whole = rc.lesion_study(model, x, labels(COUNT))
    monkeypatch.setattr("resnet_core.lesions._calibration.AT_ONCE", 5 * 16 * 16)
    monkeypatch.setattr("resnet_core.lesions._subsets.MOST", 4 * 16 * 16 * 5)
    seen: list[tuple[int, int]] = []
    found = rc.lesion_study(
        model, x, labels(COUNT), recalibrate=recalibrate, progress=lambda *report: seen.append(report)
    )
    if recalibrate is None:
        pd.testing.assert_frame_equal(found, whole)
    done, totals = zip(*seen, strict=True)
    assert list(done) == sorted(done)
    assert set(totals) == {done[-1]}


def test_blocks_change_places() -> None:
    model, x = net(DEEP), batch(COUNT)
    found = rc.shuffle_study(model, x, labels(COUNT), swaps=3, samples=6)
    assert_measured(found, model, x, "order")
    from scipy.stats import kendalltau

    names = [name for name, _ in model.named_blocks()]
    for row in found.itertuples():
        assert sorted(row.order.split()) == sorted(names)
        assert row.tau == pytest.approx(
            kendalltau([names.index(name) for name in row.order.split()], range(8)).statistic
        )
    assert found["tau"].nunique() > 1
    one = rc.shuffle_study(model, x[:1], labels(1), swaps=1, samples=20)
    many = rc.shuffle_study(model, x[:1], labels(1), swaps=9, samples=20)
    assert one["tau"].mean() > many["tau"].mean()


def test_without_two_blocks_of_one_shape_nothing_changes_places() -> None:
    from tests.attributions import POOLED

    with pytest.raises(ResNetCoreError, match="no two blocks of one stage and one shape that could change places"):
        rc.shuffle_study(net(POOLED), batch(2, 32), labels(2))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"deletions": 0}, "deletions is 0, but must be a whole number, 1 or more"),
        ({"samples": 1.5}, "samples is 1.5, but must be a whole number"),
        ({"deletions": 4}, "deletions is 4, but the network has only 3 blocks that keep the shape of x"),
    ],
)
def test_what_cannot_be_studied_is_one_sentence(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ResNetCoreError, match=message):
        rc.lesion_study(net(), batch(2), labels(2), **options)
    with pytest.raises(ResNetCoreError, match="The labels are"):
        rc.lesion_study(net(), batch(2), torch.zeros(3, dtype=torch.long))
