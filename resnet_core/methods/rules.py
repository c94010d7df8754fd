"""Other ways back through a network: the same values forward, other rules than the chain rule backward."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional

EPSILON = 1e-10  # a smaller change of a unit's input counts as none: there the gradient is kept (as Captum does)

Rule = Callable[[Any, Tensor], Tensor]
Rules = Mapping[type[nn.Module], Rule]


@contextmanager
def backward_by(view: nn.Module, rules: Rules) -> Iterator[None]:
    """Inside, every module of these types puts out what its rule makes of (module, input), and gradients follow it."""

    def follow(rule: Rule) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], Tensor]:
        return lambda module, inputs, _output: rule(module, inputs[0])

    handles = [
        module.register_forward_hook(follow(rules[type(module)])) for module in view.modules() if type(module) in rules
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


class _Guided(Function):
    """A ReLU through which only positive gradients pass, and only where it is active. (Springenberg et al. 2015)"""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.relu()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return gradient.relu().mul_(x > 0)


class _Deconvolution(Function):
    """A ReLU through which every positive gradient passes, active or not. (Zeiler & Fergus 2014)"""

    @staticmethod
    def forward(_ctx: Any, x: Tensor) -> Tensor:
        return x.relu()

    @staticmethod
    def backward(_ctx: Any, gradient: Tensor) -> Tensor:
        return gradient.relu()


class _Rescale(Function):
    """DeepLIFT's rescale rule for a ReLU that reads a batch of pictures, then as many baselines.

    The slope is the change of the output over the change of the input between the two. (Shrikumar et al. 2017, 3.5.1)
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.relu()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        seen, plain = x.chunk(2)
        change = seen - plain
        slope = (seen.relu() - plain.relu()) / change  # the same for both halves of the batch
        slopes = torch.where((change.abs() < EPSILON).repeat(2, 1, 1, 1), (x > 0).to(x.dtype), slope.repeat(2, 1, 1, 1))
        return slopes.mul_(gradient)


class _RescalePool(Function):
    """DeepLIFT's rescale rule for a max pool that reads a batch of pictures, then as many baselines.

    What the output rises above the baseline's belongs to the largest pixel of the picture, what it falls below to the
    largest of the baseline. Windows overlap here, and a pixel collects from all of them.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, window: dict[str, Any]) -> Tensor:
        y, largest = functional.max_pool2d(x, **window, return_indices=True)
        ctx.save_for_backward(x, y, largest)
        return y

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        x, y, largest = ctx.saved_tensors
        (seen, plain), (y_seen, y_plain) = x.chunk(2), y.chunk(2)
        change = seen - plain
        top = torch.maximum(y_seen, y_plain)
        shares = torch.cat([top - y_plain, y_seen - top]) * gradient
        at_seen, at_plain = _collected(shares, largest, x).chunk(2)
        slope = ((at_seen + at_plain) / change).repeat(2, 1, 1, 1)
        flat = change.abs() < EPSILON
        if flat.any():
            slope = torch.where(flat.repeat(2, 1, 1, 1), _collected(gradient, largest, x), slope)
        return slope, None


def _collected(values: Tensor, places: Tensor, like: Tensor) -> Tensor:
    """Add each of `values` (N, C, h, w) at its place in the plane (N, C, H, W) of `like`."""
    plane = torch.zeros_like(like, memory_format=torch.contiguous_format).flatten(2)
    return plane.scatter_add(2, places.flatten(2), values.flatten(2)).view(like.shape)


def _relu(rule: type[Function]) -> Rule:
    return lambda _module, x: rule.apply(x)


def _rescaled_pool(module: nn.MaxPool2d, x: Tensor) -> Tensor:
    window = {"kernel_size": module.kernel_size, "stride": module.stride, "padding": module.padding}
    return _RescalePool.apply(x, window)  # type: ignore[no-any-return]


GUIDED: Rules = {nn.ReLU: _relu(_Guided)}
DECONVOLUTION: Rules = {nn.ReLU: _relu(_Deconvolution)}
RESCALE: Rules = {nn.ReLU: _relu(_Rescale), nn.MaxPool2d: _rescaled_pool}
