"""One forward pass whose gradients can go back block by block, through F(x) and through the shortcut apart.

Many gradients of one batch go back together, one after the other in a tensor (gradients x N, C, H, W). A loop over
`torch.autograd.grad` takes two to three times as long for one picture, and so does its `is_grads_batched`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.grad import conv2d_input

from resnet_core.nets.blocks import Block
from resnet_core.nets.model import ResNet

ELEMENTWISE = (nn.BatchNorm2d, nn.ReLU)  # in eval mode: each output depends on the input beside it alone


class Way(Protocol):
    """A piece of the forward pass."""

    def back(self, gradients: Tensor) -> Tensor:
        """Gradients at its output -> at its input: (gradients x N, ...) each."""


@dataclass(frozen=True, eq=False)
class Slopes:
    """A layer that multiplies a gradient by one number for each value: (N, C, H, W)."""

    slopes: Tensor

    def back(self, gradients: Tensor) -> Tensor:
        rows = gradients.reshape(-1, *self.slopes.shape)
        return (rows * self.slopes).reshape(gradients.shape)


@dataclass(frozen=True, eq=False)
class Convolved:
    """A conv, which treats all gradients alike; `shape` is that of its input, (N, C, H, W)."""

    conv: nn.Conv2d
    shape: torch.Size

    def back(self, gradients: Tensor) -> Tensor:
        conv, size = self.conv, (len(gradients), *self.shape[1:])
        return conv2d_input(size, conv.weight, gradients, conv.stride, conv.padding, conv.dilation, conv.groups)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, eq=False)
class Recorded:
    """Any other piece, from `start` to `end`, which autograd has recorded."""

    start: Tensor
    end: Tensor

    def back(self, gradients: Tensor) -> Tensor:
        each = torch.split(gradients, len(self.end))
        found = [torch.autograd.grad(self.end, self.start, one, retain_graph=True)[0] for one in each]
        return torch.cat(found).contiguous(memory_format=_layout(self.start))


@dataclass(frozen=True, eq=False)
class Chain:
    """One piece after the other, in forward order."""

    ways: tuple[Way, ...]

    def back(self, gradients: Tensor) -> Tensor:
        for way in reversed(self.ways):
            gradients = way.back(gradients)
        return gradients


@dataclass(frozen=True, eq=False)
class Fork:
    """A block as a gradient meets it: the ReLU after the sum, then F(x) or the shortcut, None in a plain block."""

    x: Tensor
    relu: Way
    residual: Way
    shortcut: Way | None

    def nothing(self, gradients: int) -> Tensor:
        """So many gradients at x that are 0 everywhere, in the order in memory of x."""
        size = (gradients * len(self.x), *self.x.shape[1:])
        empty = torch.empty(size, dtype=self.x.dtype, device=self.x.device, memory_format=_layout(self.x))
        return empty.zero_()


@dataclass(frozen=True, eq=False)
class Passed:
    """A batch that has passed a network: its stem, its blocks in forward order, its head."""

    stem: Recorded
    forks: tuple[Fork, ...]
    head: Recorded

    def at_last(self, targets: Tensor) -> Tensor:
        """The gradient of each picture's target logit with respect to the output of the last block: (N, C, h, w)."""
        logits = self.head.end
        return self.head.back(functional.one_hot(targets, logits.shape[1]).to(logits))


def passed(view: ResNet, batch: Tensor, advance: Callable[[int], None]) -> Passed:
    """Run `batch` through `view`, whose parameters need no gradient; `advance` is called after every block."""
    stem = _recorded(view.stem, batch.clone())  # a clone: tensors made in inference mode carry no gradient
    x, forks = stem.end, []
    for _, block in view.named_blocks():
        fork, x = _forked(block, x)
        forks.append(fork)
        advance(1)
    return Passed(stem, tuple(forks), _recorded(view.head, x))


def _forked(block: Block, x: Tensor) -> tuple[Fork, Tensor]:
    """The ways through a block, and its output."""
    residual, total = _chain(block.main.values(), x)
    shortcut = None
    if not block.plain:
        shortcut, carried = _chain([block.downsample], x)
        total = total + carried
    relu, y = _chain([block.relu], total)
    return Fork(x, relu, residual, shortcut), y


def _chain(layers: Iterable[nn.Module], x: Tensor) -> tuple[Chain, Tensor]:
    """The way through some layers, and their output."""
    ways: list[Way] = []
    way: Way
    for layer in layers:
        if isinstance(layer, nn.Identity):
            continue
        if isinstance(layer, nn.Conv2d):
            ways.append(Convolved(layer, x.shape))
            x = layer(x.detach())
            continue
        piece = _recorded(layer, x)
        way = Slopes(piece.back(torch.ones_like(piece.end))) if isinstance(layer, ELEMENTWISE) else piece
        if ways and isinstance(way, Slopes) and isinstance(ways[-1], Slopes):
            way = Slopes(ways.pop().back(way.slopes))  # two in a row are one
        ways.append(way)
        x = piece.end
    return Chain(tuple(ways)), x.detach()


def _recorded(step: Callable[[Tensor], Tensor], x: Tensor) -> Recorded:
    start = x.detach().requires_grad_()
    return Recorded(start, step(start))


def _layout(tensor: Tensor) -> torch.memory_format:
    """The order in memory of a tensor, in which gradients go back fastest."""
    last = tensor.ndim == 4 and tensor.is_contiguous(memory_format=torch.channels_last)
    return torch.channels_last if last else torch.contiguous_format
