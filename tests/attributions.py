"""What the tests of attribution methods share: pictures, networks small enough to run every method, cheap options."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from resnet_core.attribution.maps import attribute
from resnet_core.attribution.records import AttributionRecord
from resnet_core.nets.model import ResNet, build
from resnet_core.variants import CIFAR_STEM, IMAGENET_STEM, VARIANTS

TINY = replace(
    VARIANTS["resnet20"], name="tiny", blocks=(1, 1, 2), widths=(4, 4, 8), stem=replace(CIFAR_STEM, filters=4)
)
POOLED = replace(
    VARIANTS["resnet18"],
    name="pooled",
    blocks=(1, 1, 1, 1),
    widths=(4, 4, 8, 8),
    stem=replace(IMAGENET_STEM, filters=4),
    num_classes=10,
)
NARROW = replace(POOLED, name="narrow", block="bottleneck", widths=(2, 2, 4, 4))  # bottlenecks

CHEAP: dict[str, dict[str, Any]] = {
    "smoothgrad": {"samples": 4},
    "smoothgrad_squared": {"samples": 4},
    "vargrad": {"samples": 4},
    "integrated_gradients": {"steps": 8},
    "gradient_shap": {"samples": 8, "baselines": 4},
    "deeplift_shap": {"baselines": 4},
    "occlusion": {"window": 50},
    "feature_ablation": {"superpixels": 8},
    "kernel_shap": {"samples": 50, "superpixels": 8},
    "lime": {"samples": 50, "superpixels": 8},
    "layer_conductance": {"steps": 8},
}
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)  # of ImageNet
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def pictures(count: int, height: int, width: int, seed: int = 0) -> Tensor:
    return torch.randn(count, 3, height, width, generator=torch.Generator().manual_seed(seed))


def run(model: ResNet, batch: Tensor, method: str, **more: Any) -> AttributionRecord:
    return attribute(model, batch, method=method, **{**CHEAP.get(method, {}), **more})


def assert_close(ours: Tensor, reference: Tensor, tolerance: float = 1e-5) -> None:
    """Equal to `tolerance` of the reference's largest value."""
    reference = reference.detach()
    assert ours.shape == reference.shape
    torch.testing.assert_close(ours, reference, rtol=0, atol=tolerance * float(reference.abs().max()))


def torchvisions_twin(model: ResNet) -> nn.Module:
    """torchvision's ResNet-18 with the weights of `model`."""
    import torchvision

    twin: nn.Module = torchvision.models.resnet18()
    # in the same memory order too: another one rounds differently, and at a ReLU's kink that is a different gradient
    twin.load_state_dict({key: value.clone() for key, value in model.state_dict().items()}, assign=True)
    return twin.eval()


def linear_network() -> ResNet:
    """A network without its ReLUs, in double precision: each logit is a weighted sum of the pixels and a constant."""
    model = build(TINY, seed=0).eval().double()
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.Identity())
    return model


def weights_of_pixels(model: ResNet, target: int) -> Tensor:
    """What each pixel of a 32 x 32 picture weighs in a logit of a linear network: (1, 3, 32, 32)."""
    pixels = torch.zeros(1, 3, 32, 32, dtype=torch.float64, requires_grad=True)
    (weights,) = torch.autograd.grad(model(pixels)[0, target], pixels)
    return weights
