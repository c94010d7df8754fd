"""The gradient by path length against every single path, written out by hand, and against autograd."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor

import resnet_core as rc
from resnet_core.errors import ResNetCoreError
from resnet_core.nets.model import ResNet
from tests.linear_net import linear_net, photo
from tests.resnet_core.lesions.nets import DEEP, NARROW, batch, net
from tests.resnet_core.lesions.test_removal import RESIDUAL

TARGETS = torch.tensor([3, 0, 7])


def gradient(model: ResNet, x: Tensor, targets: Tensor = TARGETS) -> Tensor:
    """By autograd."""
    x = x.clone().requires_grad_()
    (found,) = torch.autograd.grad(model(x).gather(1, targets[:, None]).sum(), x)
    return found


def along(model: ResNet, x: Tensor, path: tuple[bool, ...]) -> Tensor:
    """By autograd over one path: every block lets the gradient through on one side only, F or the shortcut."""
    x = x.clone().requires_grad_()
    flow = model.stem(x)
    for (_, block), through_f in zip(model.named_blocks(), path, strict=True):
        residual, shortcut = block.residual(flow), block.shortcut(flow)
        flow = block.relu(residual + shortcut.detach() if through_f else residual.detach() + shortcut)
    (found,) = torch.autograd.grad(model.head(flow).gather(1, TARGETS[:, None]).sum(), x)
    return found


def assert_near(found: Tensor, expected: Tensor, tolerance: float) -> None:
    """Equal to `tolerance` of the largest value."""
    assert found.shape == expected.shape
    assert (found - expected).abs().max() <= tolerance * expected.abs().max()


def every_path(model: ResNet, x: Tensor) -> dict[tuple[bool, ...], Tensor]:
    return {path: along(model, x, path) for path in product((False, True), repeat=4)}


@pytest.mark.parametrize("options", RESIDUAL)
def test_each_length_is_the_sum_of_its_paths(options: dict[str, Any]) -> None:
    model, x = net(**options).double(), batch().double()
    found = rc.path_spectrum(model, x, TARGETS, samples=6)
    paths = every_path(model, x)
    assert list(found.table["length"]) == [0, 1, 2, 3, 4]
    assert list(found.table["paths"]) == [1, 4, 6, 4, 1]
    assert list(found.table["sampled"]) == [1, 4, 6, 4, 1]
    for length, row in found.table.iterrows():
        assert isinstance(length, int)
        these = [gradients for path, gradients in paths.items() if sum(path) == length]
        expected = torch.stack(these).sum(0)
        assert_near(found.gradients[length], expected, 1e-10)
        assert row["norm"] == pytest.approx(float(expected.flatten(1).norm(dim=1).mean()))
        one = torch.stack(these).flatten(2).norm(dim=2).mean(1)
        assert row["path_norm"] == pytest.approx(float(one.mean()))
        assert row["estimate"] == pytest.approx(float(one.sum()))
        assert row["estimate"] >= row["norm"] * (1 - 1e-12)
        assert row["margin"] == 0
    assert found.table["share"].sum() == pytest.approx(1)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)])
@pytest.mark.parametrize("shortcut", ["A", "B", "none"])
def test_the_sum_over_all_lengths_is_autograds_gradient(dtype: torch.dtype, tolerance: float, shortcut: Any) -> None:
    model, x = net("resnet20", shortcut=shortcut).to(dtype), batch(3, 32).to(dtype)
    found = rc.path_spectrum(model, x, TARGETS).gradients
    assert found.dtype == dtype
    assert len(found) == (1 if shortcut == "none" else 10)
    assert_near(found.sum(0), gradient(model, x), tolerance)


def test_also_of_a_trained_network_and_of_bottlenecks() -> None:
    for model in (rc.load("resnet20", "cifar10", device="cpu"), net(NARROW)):
        x = batch(3, 32)
        assert_near(rc.path_spectrum(model, x, TARGETS).gradients.sum(0), gradient(model, x), 1e-5)


def test_double_precision_of_a_network_in_single() -> None:
    model, x = net(), batch()
    found = rc.path_spectrum(model, x, TARGETS, dtype=torch.float64)
    assert_near(found.gradients.sum(0), gradient(net().double(), x.double()), 1e-10)
    assert model.fc.weight.dtype == torch.float32


def test_a_plain_network_has_one_path() -> None:
    model, x = net(shortcut="none"), batch()
    found = rc.path_spectrum(model, x, TARGETS, samples=5)
    assert_near(found.gradients[0], gradient(model, x), 1e-6)
    (row,) = found.table.itertuples()
    assert (row.length, row.paths, row.share, row.sampled, row.margin) == (4, 1, 1, 1, 0)
    assert row.estimate == pytest.approx(row.norm)


def test_a_network_without_blocks_has_one_path_too() -> None:
    model = linear_net()
    found = rc.path_spectrum(model, photo(), 3)
    assert_near(found.gradients[0], gradient(model, photo(), torch.tensor([3])), 1e-12)
    assert list(found.table["length"]) == [0]


def test_one_target_stands_for_all_pictures() -> None:
    found = rc.path_spectrum(net(), batch(), 3).gradients
    assert torch.equal(found, rc.path_spectrum(net(), batch(), torch.tensor([3, 3, 3])).gradients)


def test_a_sample_of_paths_comes_with_its_margin() -> None:
    model, x = net(DEEP), batch()
    whole = rc.path_spectrum(model, x, TARGETS, samples=math.comb(8, 4)).table
    assert (whole["margin"] == 0).all()
    hits: list[bool] = []
    for seed in range(6):
        some = rc.path_spectrum(model, x, TARGETS, samples=8, seed=seed).table
        assert list(some["sampled"]) == [1, 8, 8, 8, 8, 8, 8, 8, 1]
        hits += list((some["estimate"] - whole["estimate"]).abs() <= some["margin"] + 1e-6 * whole["estimate"])
    assert sum(hits) / len(hits) >= 0.9
    assert (some["margin"][2:7] > 0).all()


def test_a_batch_in_parts_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    model, x = net(), batch()
    whole = rc.path_spectrum(model, x, TARGETS, samples=3)
    monkeypatch.setattr("resnet_core.lesions._calibration.AT_ONCE", 2 * 4 * 16 * 16)
    monkeypatch.setattr("resnet_core.lesions.spectrum.TOGETHER", 2)
    monkeypatch.setattr("resnet_core.lesions._subsets.MOST", 1)
    seen: list[tuple[int, int]] = []
    found = rc.path_spectrum(model, x, TARGETS, samples=3, progress=lambda *report: seen.append(report))
    assert_near(found.gradients, whole.gradients, 1e-6)
    assert found.table.to_numpy() == pytest.approx(whole.table.to_numpy(), rel=1e-5)
    total = 2 * (4 + 10 + 4 * (1 + 3 + 3 + 3 + 1))
    done = [each for each, _ in seen]
    assert done == sorted(done)
    assert seen[-1] == (total, total)
    assert len(seen) > 40


def test_pictures_made_in_inference_mode_have_paths_too() -> None:
    with torch.inference_mode():
        x = batch()
        found = rc.path_spectrum(net(), x, TARGETS).gradients
    assert_near(found.sum(0), gradient(net(), batch()), 1e-5)
    assert not found.requires_grad


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": 10}, "The target is 10, but must be a class number from 0 to 9"),
        ({"dtype": torch.float16}, "dtype is torch.float16, but must be one of torch.float32, torch.float64"),
        ({"samples": 0}, "samples is 0, but must be a whole number"),
    ],
)
def test_what_cannot_be_split_is_one_sentence(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ResNetCoreError, match=message):
        rc.path_spectrum(net(), batch(), **{"target": 0, **options})
