"""Methods with a baseline: against Captum, and the law that their maps sum to the difference of two logits."""

from __future__ import annotations

import copy
from itertools import cycle, islice
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import resnet_core as rc
from resnet_core.attribution.maps import METHODS, attribute
from resnet_core.inside.answers import transform_of
from resnet_core.nets.model import ResNet, build
from resnet_core.pictures.masks import FILLS, filled
from resnet_core.pictures.samples import SAMPLES
from tests.attributions import (
    CHEAP,
    MEAN,
    POOLED,
    STD,
    TINY,
    assert_close,
    linear_network,
    pictures,
    weights_of_pixels,
)

EXACT = ["integrated_gradients", "deeplift", "deeplift_shap", "layer_conductance"]


def plain_pictures(model: ResNet, picture: Tensor, count: int, share: float, seed: int) -> Tensor:
    """What the option help promises: every fill in turn, each with noise."""
    generator = torch.Generator().manual_seed(seed)
    spread = share * (picture.max() - picture.min())
    noise = [torch.randn(picture.shape[1:], generator=generator).to(picture) for _ in range(count)]
    fills = [filled(picture, fill, transform_of(model))[0] for fill in islice(cycle(FILLS), count)]
    return torch.stack([fill + spread * one for fill, one in zip(fills, noise, strict=True)])


# --- integrated gradients


def test_integrated_gradients_equal_captum_on_torchvisions_network(resnet18: ResNet, torchvisions: nn.Module) -> None:
    from captum.attr import IntegratedGradients

    batch, target = pictures(3, 64, 64), torch.tensor([3, 999, 0])
    black = (-MEAN / STD).expand_as(batch)
    raw, delta = IntegratedGradients(torchvisions).attribute(
        batch.clone().requires_grad_(), baselines=black, target=target, n_steps=8, return_convergence_delta=True
    )
    record = attribute(resnet18, batch, target, steps=8)
    assert_close(record.raw, raw)
    assert record.delta is not None
    with torch.no_grad():
        scale = float(torchvisions(batch).abs().max())
    torch.testing.assert_close(record.delta, delta.detach().to(record.delta), rtol=0, atol=1e-5 * scale)


@pytest.mark.parametrize("baseline", FILLS)
@pytest.mark.parametrize("method", ["integrated_gradients", "deeplift", "layer_conductance"])
def test_the_map_sums_to_the_difference_of_the_two_logits(method: str, baseline: str) -> None:
    model = build(POOLED, seed=1).eval()
    batch, target = pictures(2, 48, 48), torch.tensor([5, 6])
    start = {
        "black": (-MEAN / STD).expand_as(batch),
        "white": ((1 - MEAN) / STD).expand_as(batch),
        "mean": torch.zeros_like(batch),
        "blur": filled(batch, "blur", transform_of(model)),
    }[baseline]
    with torch.no_grad():
        difference = (model(batch) - model(start)).gather(1, target[:, None])[:, 0]
    record = attribute(model, batch, target, method, baseline=baseline)
    assert record.delta is not None
    total = record.raw.sum((1, 2, 3))
    assert_close(total - record.delta, difference, 1e-4)
    if METHODS[method].family == "path":
        assert_close(record.map.sum((1, 2)), total)


@pytest.mark.parametrize("method", ["integrated_gradients", "layer_conductance"])
def test_more_steps_bring_the_completeness_error_down(method: str) -> None:
    model = build(TINY, seed=0).eval()
    few, many = (attribute(model, pictures(2, 32, 32), 3, method, steps=steps).delta for steps in (8, 128))
    assert few is not None
    assert many is not None
    assert many.abs().max() < 0.25 * few.abs().max()


def test_without_biases_a_path_from_zero_gives_input_times_gradient(small: ResNet) -> None:
    # untrained, every layer but the head's bias scales with its input: the gradient is the same all along the way
    small.double()  # rounding must not tip a ReLU on the way
    batch = pictures(2, 32, 32)
    path = attribute(small, batch, 3, steps=8, baseline="mean")
    assert path.delta is not None
    assert path.delta.abs().max() < 1e-5
    assert_close(path.raw, attribute(small, batch, 3, "input_x_gradient").raw)


@pytest.mark.parametrize("method", ["integrated_gradients", "deeplift"])
def test_pixels_of_the_baselines_own_colour_get_nothing(resnet18: ResNet, method: str) -> None:
    batch = pictures(1, 64, 64)
    batch[:, :, :32] = -MEAN / STD
    cheap = CHEAP.get(method, {})
    assert (attribute(resnet18, batch, 5, method, **cheap).map[:, :32] == 0).all()
    assert (attribute(resnet18, batch, 5, method, baseline="white", **cheap).map[:, :32] != 0).any()


# --- GradientSHAP


def test_gradient_shap_equals_captum_with_the_same_samples(
    resnet18: ResNet, torchvisions: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    from captum.attr import GradientShap

    picture = pictures(1, 64, 64)
    baselines = plain_pictures(resnet18, picture, 6, 0.1, seed=3)
    generator = torch.Generator().manual_seed(3)
    for _ in range(6):
        torch.randn(picture.shape[1:], generator=generator)
    ways = torch.rand(16, 1, 1, 1, generator=generator)[:, 0, 0, 0]
    monkeypatch.setattr(np.random, "uniform", lambda *_: ways.numpy())
    monkeypatch.setattr(np.random, "choice", lambda count, size: np.arange(size) % count)
    raw, deltas = GradientShap(torchvisions).attribute(
        picture.clone().requires_grad_(), baselines, n_samples=16, target=5, return_convergence_delta=True
    )
    record = attribute(resnet18, picture, 5, "gradient_shap", samples=16, baselines=6, noise=0.1, seed=3)
    assert_close(record.raw, raw)
    assert record.delta is not None
    assert_close(record.delta, deltas.mean(0, keepdim=True), 1e-4)


def test_gradient_shap_keeps_its_law_on_average() -> None:
    model, picture = build(TINY, seed=0).eval(), pictures(1, 32, 32)
    maps = [
        attribute(model, picture, 3, "gradient_shap", samples=64, baselines=4, noise=0.01, seed=seed)
        for seed in range(8)
    ]
    deltas = torch.cat([record.delta for record in maps if record.delta is not None])
    assert len(deltas) == 8
    assert deltas.std() > 0.01  # one seed misses by so much
    assert deltas.mean().abs() < 3 * deltas.std() / 8**0.5


# --- DeepLIFT


def captums_deeplift(model: ResNet, batch: Tensor, baselines: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    from captum.attr import DeepLift

    method = DeepLift(copy.deepcopy(model))
    with pytest.warns(UserWarning, match="Setting forward, backward hooks"):
        raw, delta = method.attribute(
            batch.clone().requires_grad_(), baselines, target=target, return_convergence_delta=True
        )
    return raw, delta


def test_deeplift_equals_captum_where_there_is_no_max_pool(small: ResNet) -> None:
    batch, target = pictures(3, 32, 32), torch.tensor([3, 9, 0])
    raw, delta = captums_deeplift(small, batch, filled(batch, "black", transform_of(small)), target)
    record = attribute(small, batch, target, "deeplift")
    assert_close(record.raw, raw)
    assert record.delta is not None
    assert record.delta.abs().max() < 1e-5
    assert delta.abs().max() < 1e-5


class Copied(nn.Module):
    """A ReLU and a copy of what it puts out, so that Captum's hooks of ReLU and max pool are not on one tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(x) * 1


def adding_unpool(
    values: Tensor, positions: Tensor, _kernel: object, _stride: object, _pad: object, size: Any
) -> Tensor:
    """`max_unpool2d` keeps one of the values that meet in a pixel; here they add up."""
    plane = torch.zeros(size, dtype=values.dtype)
    for picture, channel in np.ndindex(*size[:2]):
        plane[picture, channel].view(-1).index_add_(
            0, positions[picture, channel].flatten(), values[picture, channel].flatten()
        )
    return plane


def test_deeplift_equals_captum_once_its_max_pool_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build(POOLED, seed=1).eval().double()
    batch, target = pictures(2, 48, 48).double(), torch.tensor([3, 4])
    black = filled(batch, "black", transform_of(model))
    ours = attribute(model, batch, target, "deeplift")
    as_it_is, missed = captums_deeplift(model, batch, black, target)
    mended = copy.deepcopy(model)
    mended.relu = Copied()  # type: ignore[assignment]
    monkeypatch.setattr(functional, "max_unpool2d", adding_unpool)
    corrected, exact = captums_deeplift(mended, batch, black, target)
    assert_close(ours.raw, corrected)
    assert ours.delta is not None
    assert max(ours.delta.abs().max(), exact.abs().max()) < 1e-10
    assert missed.abs().max() > 0.01  # what Captum loses here
    assert not torch.allclose(ours.raw, as_it_is, atol=1e-3)


def test_deeplift_shap_is_the_mean_of_captums_over_the_same_baselines(small: ResNet) -> None:
    from captum.attr import DeepLiftShap

    picture = pictures(1, 32, 32)
    baselines = plain_pictures(small, picture, 5, 0.1, seed=3)
    with pytest.warns(UserWarning, match="Setting forward, backward hooks"):
        raw, deltas = DeepLiftShap(copy.deepcopy(small)).attribute(
            picture.clone().requires_grad_(), baselines, target=3, return_convergence_delta=True
        )
    record = attribute(small, picture, 3, "deeplift_shap", baselines=5, noise=0.1, seed=3)
    assert_close(record.raw, raw)
    assert record.delta is not None
    assert record.delta.shape == (1,)
    assert max(record.delta.abs().max(), deltas.abs().max()) < 1e-5


# --- known answers


@pytest.mark.parametrize("method", ["integrated_gradients", "deeplift", "gradient_shap", "deeplift_shap"])
def test_in_a_linear_network_each_pixel_gets_its_weight_times_its_difference(method: str) -> None:
    model, picture = linear_network(), pictures(1, 32, 32).double()
    weights = weights_of_pixels(model, 3)
    if METHODS[method].random:
        options = {"baselines": 4, "noise": 0.1, "seed": 2}
        start = plain_pictures(model, picture, 4, 0.1, seed=2).mean(0)
    else:
        options, start = {"baseline": "white"}, filled(picture, "white", transform_of(model))[0]
    record = attribute(model, picture, 3, method, **{**CHEAP.get(method, {}), **options})
    assert_close(record.raw, weights * (picture - start))
    assert record.delta is not None
    assert record.delta.abs().max() < 1e-6 * record.raw.abs().sum()


@pytest.mark.parametrize(("name", "weights"), [("resnet20", "cifar10"), ("resnet18", "imagenette")])
@pytest.mark.parametrize("method", EXACT)
def test_completeness_holds_on_our_trained_networks(name: str, weights: str, method: str) -> None:
    model = rc.load(name, weights=weights, device="cpu")
    batch = rc.preprocess(SAMPLES["cat"].load(), model)[:, :, ::2, ::2]  # a quarter of the pixels is as good a test
    record = attribute(model, batch, None, method, **CHEAP.get(method, {}))
    assert record.delta is not None
    allowed = 1e-5 if "deeplift" in method else 0.05
    assert record.delta.abs().max() < allowed * record.raw.abs().sum()
