"""Random weights: He et al.'s (2015) Kaiming normal as torchvision draws it, or a plain normal(0, 0.01)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import init as nn_init

from resnet_core.nets.blocks import Block
from resnet_core.variants import Init

if TYPE_CHECKING:
    from resnet_core.progress import Progress

SMALL_STD = 0.01


def allocate(model: nn.Module) -> None:
    """Give every parameter and buffer of a meta model memory on the CPU, without values.

    The same as `to_empty`, which imports hundreds of modules on its first call.
    """
    for module in model.modules():
        for name, parameter in module._parameters.items():
            if parameter is not None:
                module._parameters[name] = nn.Parameter(torch.empty(parameter.shape, device="cpu"))
        for name, buffer in module._buffers.items():
            if buffer is not None:
                module._buffers[name] = torch.empty(buffer.shape, dtype=buffer.dtype, device="cpu")


@torch.no_grad()
def initialise(
    model: nn.Module,
    init: Init,
    generator: torch.Generator,
    *,
    zero_init_residual: bool = False,
    progress: Progress | None = None,
) -> None:
    """Fill every parameter and buffer of `model` from `generator`.

    The draws are exactly torchvision's, so that the same seed gives the same weights: its constructor first draws
    PyTorch's default for each new layer, then draws the convs again. Only the head keeps its first draw.
    `zero_init_residual` sets the last gamma of each block to 0, so that each starts as its shortcut (Goyal et al.
    2017). `progress` counts the layers with weights, each twice.
    """
    layers = list(_in_order_of_construction(model))
    for done, first_drawn in enumerate(layers, 1):
        _default_draw(first_drawn, generator)
        if progress is not None:
            progress(done, 2 * len(layers))
    done = len(layers)
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            done += 1
            if progress is not None:
                progress(done, 2 * len(layers))
            if init == "kaiming":
                nn_init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu", generator=generator)
            else:
                nn_init.normal_(layer.weight, std=SMALL_STD, generator=generator)
            if layer.bias is not None:
                nn_init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm2d):
            layer.reset_parameters()  # gamma 1, beta 0, running mean 0, running variance 1
    if zero_init_residual:
        for block in model.modules():
            if isinstance(block, Block) and block.zero_init is not None:
                nn_init.zeros_(block.zero_init)


def _in_order_of_construction(model: nn.Module) -> Iterator[nn.Conv2d | nn.Linear]:
    """Convs and head in the order in which torchvision makes them: a block's projection before its own convs."""
    for child in model.children():
        if isinstance(child, Block):
            yield from _in_order_of_construction(child.downsample)
            yield from (layer for layer in child.children() if isinstance(layer, nn.Conv2d))
        elif isinstance(child, nn.Conv2d | nn.Linear):
            yield child
        else:
            yield from _in_order_of_construction(child)


def _default_draw(layer: nn.Conv2d | nn.Linear, generator: torch.Generator) -> None:
    """PyTorch's own default for a conv or linear layer, from an explicit generator."""
    nn_init.kaiming_uniform_(layer.weight, a=math.sqrt(5), generator=generator)
    if layer.bias is not None:
        bound = 1 / math.sqrt(layer.weight[0].numel())
        nn_init.uniform_(layer.bias, -bound, bound, generator=generator)
