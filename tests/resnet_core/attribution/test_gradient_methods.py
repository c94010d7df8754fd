"""Saliency, input x gradient and the two other rules for ReLUs, against Captum on torchvision's network and by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from resnet_core.attribution.maps import attribute
from resnet_core.attribution.methods.rules import GUIDED, backward_by
from resnet_core.nets.model import ResNet, build
from tests.attributions import (
    POOLED,
    TINY,
    assert_close,
    linear_network,
    pictures,
    weights_of_pixels,
)


@pytest.mark.parametrize(
    ("method", "name"), [("saliency", "Saliency"), ("input_x_gradient", "InputXGradient")], ids=lambda value: value
)
def test_equals_captum_on_torchvisions_network(
    resnet18: ResNet, torchvisions: nn.Module, method: str, name: str
) -> None:
    from captum import attr

    batch, target = pictures(3, 64, 64), torch.tensor([3, 999, 0])
    reference = getattr(attr, name)(torchvisions).attribute(batch.clone().requires_grad_(), target=target)
    assert_close(attribute(resnet18, batch, target, method).raw, reference)


@pytest.mark.parametrize(
    ("method", "name"),
    [("guided_backprop", "GuidedBackprop"), ("deconvolution", "Deconvolution")],
    ids=lambda value: value,
)
def test_other_rules_equal_captum_on_torchvisions_network(
    resnet18: ResNet, torchvisions: nn.Module, method: str, name: str
) -> None:
    from captum import attr

    batch, target = pictures(2, 64, 64), torch.tensor([3, 999])
    with pytest.warns(UserWarning, match="Setting backward hooks on ReLU activations"):
        reference = getattr(attr, name)(torchvisions).attribute(batch.clone().requires_grad_(), target=target)
    record = attribute(resnet18, batch, target, method)
    assert_close(record.raw, reference)
    assert_close(record.map, reference.sum(1))
    assert record.map.min() < 0 < record.map.max()


def test_saliency_is_the_largest_absolute_gradient_of_the_three_colours(small: ResNet) -> None:
    batch = pictures(2, 32, 32).requires_grad_()
    logits = small(batch)
    (gradient,) = torch.autograd.grad(logits[0, 4] + logits[1, 7], batch)
    record = attribute(small, batch, [4, 7], "saliency")
    assert_close(record.raw, gradient.abs())
    for picture in range(2):
        by_hand = torch.maximum(
            torch.maximum(gradient[picture, 0].abs(), gradient[picture, 1].abs()), gradient[picture, 2].abs()
        )
        assert_close(record.map[picture], by_hand)


def test_input_x_gradient_is_the_signed_product_summed_over_colours(small: ResNet) -> None:
    batch = pictures(1, 32, 32).requires_grad_()
    (gradient,) = torch.autograd.grad(small(batch)[0, 4], batch)
    record = attribute(small, batch, 4, "input_x_gradient")
    product = batch.detach() * gradient
    assert_close(record.map, product[:, 0] + product[:, 1] + product[:, 2])
    assert record.map.min() < 0 < record.map.max()


@pytest.mark.parametrize("method", ["saliency", "input_x_gradient", "guided_backprop", "deconvolution"])
def test_in_a_linear_network_the_gradient_is_the_weights(method: str) -> None:
    model = linear_network()
    batch, weights = pictures(1, 32, 32).double(), weights_of_pixels(model, 3)
    expected = {"saliency": weights.abs(), "input_x_gradient": weights * batch}.get(method, weights)
    assert_close(attribute(model, batch, 3, method).raw, expected)


def other_relu(method: str, gradient: Tensor, x: Tensor) -> Tensor:
    """What the rule hands back, written as in the papers."""
    if method == "guided_backprop":
        return torch.where((x > 0) & (gradient > 0), gradient, torch.zeros(()))
    return torch.where(gradient > 0, gradient, torch.zeros(()))


@pytest.mark.parametrize("method", ["guided_backprop", "deconvolution"])
def test_the_rules_by_hand_on_the_way_to_the_stems_output(method: str) -> None:
    """Through the last block only: the stem's way back is not asked for."""
    from resnet_core.attribution.methods import rules

    values = torch.tensor([[-2.0, -1.0, 1.0, 2.0]])
    came_back = torch.tensor([[3.0, -3.0, -5.0, 5.0]])
    x = values.clone().requires_grad_()
    relu = nn.ReLU()
    with backward_by(relu, getattr(rules, "GUIDED" if method == "guided_backprop" else "DECONVOLUTION")):
        (gradient,) = torch.autograd.grad(relu(x), x, came_back)
    assert torch.equal(gradient, other_relu(method, came_back, values))
    (plain,) = torch.autograd.grad(relu(x), x, came_back)  # outside, the chain rule holds again
    assert torch.equal(plain, came_back * (values > 0))


def test_rules_leave_the_values_as_they_are(small: ResNet) -> None:
    batch = pictures(1, 32, 32)
    with torch.no_grad(), backward_by(small, GUIDED):
        inside = small(batch)
    with torch.no_grad():
        assert torch.equal(inside, small(batch))


def test_deconvolution_knows_the_photo_only_through_the_max_pool() -> None:
    one, other = pictures(1, 32, 32), pictures(1, 32, 32, seed=1)
    without, pooled = build(TINY, seed=0), build(POOLED, seed=0)
    assert_close(
        attribute(without, one, 3, "deconvolution").map, attribute(without, other, 3, "deconvolution").map, 1e-4
    )
    assert not torch.allclose(
        attribute(pooled, one, 3, "deconvolution").map, attribute(pooled, other, 3, "deconvolution").map, atol=1e-3
    )
