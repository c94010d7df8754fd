"""What is measured about papers' claims, on a net small enough to check."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

import resnet_core as rc
from tests import claims
from tests.resnet_core.lesions.nets import FOUR, batch, labels, net


def test_cosine_and_size_of_every_block_are_those_of_the_read_outs_where_these_are() -> None:
    model, x = net(FOUR), batch(7)
    found = claims.along(model, x, labels(7)).set_index("block")
    assert list(found.index.unique()) == ["layer1.0", "layer1.1", "layer2.1"]  # layer2.0 changes the shape
    known = rc.readouts(model, x, labels(7)).set_index("block").loc["layer2.1"]
    assert found.loc["layer2.1", "cosine"].tolist() == pytest.approx(known["cosine"].tolist(), abs=1e-5)
    assert found.loc["layer2.1", "ratio"].tolist() == pytest.approx(known["ratio"].tolist(), rel=1e-5)


def test_a_cosine_above_0_is_a_step_down_the_loss() -> None:
    model, x, classes = net(FOUR).double(), batch(12).double(), labels(12)
    (_, first), *_ = blocks = list(model.named_blocks())

    def loss(y: Tensor) -> Tensor:
        for _, block in blocks:
            y = block(y)
        return functional.cross_entropy(model.head(y), classes, reduction="none")

    with torch.no_grad():
        start = model.stem(x)
        falls = loss(start + 1e-6 * first.residual(start)) < loss(start)
    found = claims.along(model, x, classes).set_index("block").loc["layer1.0", "cosine"] > 0
    assert found.tolist() == falls.tolist()
    assert found.nunique() == 2


def test_the_mean_number_of_branches_is_that_of_the_spectrum() -> None:
    model, x = net(FOUR), batch(2)
    peak, means = claims.lengths(model, x, labels(2))
    for picture, mean in enumerate(means):
        table = rc.path_spectrum(model, x[[picture]], labels(2)[[picture]]).table
        assert float(mean) == pytest.approx((table["share"] * table["length"]).sum(), rel=1e-5)
    assert peak in range(5)


def test_the_distance_to_the_end_of_a_stage() -> None:
    model, x = net(FOUR), batch(3)
    first, last = rc.capture(model, x).blocks[:2]
    far = (first.y - last.y).flatten(1).norm(dim=1) / last.y.flatten(1).norm(dim=1)
    found = claims.to_the_end(model, x)
    assert {stage: len(steps) for stage, steps in found.items()} == {"layer1": 1, "layer2": 1}
    assert found["layer1"] == [pytest.approx(float(far.mean()), rel=1e-5)]
