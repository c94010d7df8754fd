"""SmoothGrad, its square and VarGrad against Captum's noise tunnel fed with the same noise, and by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from resnet_core.attribution.maps import METHODS, attribute
from resnet_core.nets.model import ResNet, build
from tests.attributions import (
    MEAN,
    STD,
    TINY,
    assert_close,
    linear_network,
    pictures,
    weights_of_pixels,
)

KINDS = {"smoothgrad": "smoothgrad", "smoothgrad_squared": "smoothgrad_sq", "vargrad": "vargrad"}  # Captum's words


def noisy_copies(picture: Tensor, samples: int, share: float, seed: int) -> Tensor:
    """What the option help promises: (samples, 3, H, W), noise of a share of the picture's range of values."""
    generator = torch.Generator().manual_seed(seed)
    noise = [torch.randn(picture.shape[1:], generator=generator).to(picture) for _ in range(samples)]
    return picture + share * (picture.max() - picture.min()) * torch.stack(noise)


def captums(base: str, model: Any) -> tuple[Any, dict[str, Any]]:
    from captum.attr import InputXGradient, IntegratedGradients, Saliency

    if base == "gradient":
        return Saliency(model), {"abs": False}
    if base == "input_x_gradient":
        return InputXGradient(model), {}
    return IntegratedGradients(model), {"n_steps": 8, "baselines": (-MEAN / STD).expand(1, 3, 64, 64)}


@pytest.mark.parametrize(
    ("method", "base"),
    [
        *((method, "gradient") for method in KINDS),
        ("vargrad", "input_x_gradient"),
        ("smoothgrad_squared", "integrated_gradients"),
    ],
)
def test_equals_captums_noise_tunnel_with_the_same_noise(
    resnet18: ResNet, torchvisions: nn.Module, method: str, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from captum.attr import NoiseTunnel

    picture = pictures(1, 64, 64)
    copies = noisy_copies(picture, 4, 0.2, seed=7)
    monkeypatch.setattr(NoiseTunnel, "_add_noise_to_input", staticmethod(lambda *_: copies.clone()))
    explain, options = captums(base, torchvisions)
    reference = NoiseTunnel(explain).attribute(
        picture.clone().requires_grad_(), nt_type=KINDS[method], nt_samples=4, target=5, **options
    )
    record = attribute(resnet18, picture, 5, method, base=base, samples=4, noise=0.2, seed=7)
    assert_close(record.raw, reference)
    assert_close(record.map, reference.sum(1))


@pytest.mark.parametrize("method", KINDS)
def test_mean_mean_square_and_variance_by_hand(method: str) -> None:
    model = build(TINY, seed=0).eval().double()
    picture = pictures(1, 32, 32).double()
    copies = noisy_copies(picture, 16, 0.15, seed=0).requires_grad_()
    (gradients,) = torch.autograd.grad(model(copies)[:, 3].sum(), copies)
    by_hand = {
        "smoothgrad": gradients.mean(0),
        "smoothgrad_squared": (gradients**2).mean(0),
        "vargrad": gradients.var(0, unbiased=False),
    }[method]
    assert_close(attribute(model, picture, 3, method).raw, by_hand[None])


def test_a_linear_network_has_one_gradient_whatever_the_noise() -> None:
    model, picture = linear_network(), pictures(1, 32, 32).double()
    weights = weights_of_pixels(model, 3)
    assert_close(attribute(model, picture, 3, "smoothgrad", samples=4).raw, weights)
    assert_close(attribute(model, picture, 3, "smoothgrad_squared", samples=4).raw, weights**2)
    assert attribute(model, picture, 3, "vargrad", samples=4).raw.abs().max() < 1e-12 * weights.abs().max()


def test_a_picture_of_one_value_gets_no_noise() -> None:
    model = build(TINY, seed=0).eval()
    flat = torch.full((1, 3, 32, 32), 0.5)
    assert not attribute(model, flat, 3, "vargrad", samples=4).map.any()
    assert attribute(model, flat, 3, "smoothgrad", samples=4).map.any()


def test_a_base_of_many_passes_costs_them_for_every_copy() -> None:
    passes = METHODS["smoothgrad"].passes
    assert passes({"samples": 5, "base": "gradient"}) == (5, 5)
    assert passes({"samples": 5, "base": "integrated_gradients"}) == (40, 40)
