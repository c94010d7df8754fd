"""Small networks of four blocks whose batch norm is not the trivial one of a fresh build, and what can go wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from resnet_core.nets.model import ResNet, build
from resnet_core.variants import CIFAR_STEM, VARIANTS, Variant

FOUR = replace(VARIANTS["resnet20"], name="four", blocks=(2, 2), widths=(4, 8), stem=replace(CIFAR_STEM, filters=4))
DEEP = replace(FOUR, name="deep", blocks=(4, 4))
NARROW = replace(VARIANTS["resnet50"], name="narrow", blocks=(1, 2, 1), widths=(2, 2, 4), num_classes=10)
NAMES = ("layer1.0", "layer1.1", "layer2.0", "layer2.1")  # of FOUR; layer2.0 has a zero-padded shortcut


def net(variant: str | Variant = FOUR, **options: Any) -> ResNet:
    model = build(variant, seed=0, **options)
    generator = torch.Generator().manual_seed(1)
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.normal_(std=0.1, generator=generator)
            layer.running_var.uniform_(0.5, 2, generator=generator)
            with torch.no_grad():
                layer.bias.normal_(std=0.1, generator=generator)
    model.eval()
    with torch.no_grad():
        model.fc.bias.sub_(model(batch(64)).mean(0))  # else it gives every picture one answer
    return model


def batch(count: int = 3, size: int = 16, seed: int = 0) -> Tensor:
    """Noise, each picture of another colour, so that a network answers differently."""
    generator = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(count, 3, 1, 1, generator=generator) + torch.randn(count, 3, size, size, generator=generator)


def labels(count: int) -> Tensor:
    return torch.arange(count) % 10


class Stop(BaseException):
    """A cancellation."""


def stop(_done: int, _total: int) -> None:
    raise Stop


class Broken(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        raise RuntimeError("a broken module")
