"""Other backward passes: the same values forward, other rules than the chain rule backward."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional

EPSILON = 1e-10  # a smaller change of a unit's input counts as 0: there the gradient is kept (as Captum does)

Rule = Callable[[Any, Tensor], Tensor]
Rules = Mapping[type[nn.Module], Rule]


@contextmanager
def backward_by(view: nn.Module, rules: Rules) -> Iterator[None]:
    """Inside, the output of every module of these types comes from its rule(module, input), and so do gradients."""

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
    """DeepLIFT's rescale rule for a ReLU that reads `x` of a picture and read `plain` of its baseline.

    The slope is the change of the output over the change of the input between the two. (Shrikumar et al. 2017, 3.5.1)
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, plain: Tensor) -> Tensor:
        ctx.save_for_backward(x, plain)
        return x.relu()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        x, plain = ctx.saved_tensors
        change = x - plain
        slope = (x.relu() - plain.relu()) / change
        return torch.where(change.abs() < EPSILON, (x > 0).to(x.dtype), slope).mul_(gradient), None


class _RescalePool(Function):
    """DeepLIFT's rescale rule for a max pool that reads `x` of a picture and read `plain` of its baseline.

    What the output rises above the baseline's belongs to the largest pixel of the picture, what it falls below to the
    largest of the baseline. Windows overlap here, and a pixel collects from all of them.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, plain: Tensor, window: dict[str, Any]) -> Tensor:
        y, largest = functional.max_pool2d(x, **window, return_indices=True)
        y_plain, largest_plain = functional.max_pool2d(plain, **window, return_indices=True)
        ctx.save_for_backward(x, plain, y, y_plain, largest, largest_plain)
        return y

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        x, plain, y, y_plain, largest, largest_plain = ctx.saved_tensors
        change = x - plain
        top = torch.maximum(y, y_plain)
        shares = torch.cat([(top - y_plain) * gradient, (y - top) * gradient], 3)  # (N, C, h, 2w)
        slope = _collected(shares, torch.cat([largest, largest_plain], 3), x).div_(change)
        flat = change.abs() < EPSILON
        if flat.any():
            slope = torch.where(flat, _collected(gradient, largest, x), slope)
        return slope, None, None


def _collected(values: Tensor, positions: Tensor, like: Tensor) -> Tensor:
    """Add each of `values` (N, C, *) at its position in the plane (N, C, H, W) of `like`."""
    plane = torch.zeros_like(like, memory_format=torch.contiguous_format).flatten(2)
    return plane.scatter_add_(2, positions.flatten(2), values.flatten(2)).view(like.shape)


def _relu(rule: type[Function]) -> Rule:
    return lambda _module, x: rule.apply(x)


def _window(pool: nn.MaxPool2d) -> dict[str, Any]:
    return {"kernel_size": pool.kernel_size, "stride": pool.stride, "padding": pool.padding}


GUIDED: Rules = {nn.ReLU: _relu(_Guided)}
DECONVOLUTION: Rules = {nn.ReLU: _relu(_Deconvolution)}


def rescale_from(view: nn.Module, baselines: Tensor) -> tuple[Tensor, Rules]:
    """The output of `view` for baselines (N, 3, H, W), and rules for one pass of as many pictures from them."""
    reads: list[Tensor] = []  # of every ReLU and max pool, in the order of their calls
    rules: Rules = {
        nn.ReLU: lambda _module, x: _Rescale.apply(x, reads.pop(0)),
        nn.MaxPool2d: lambda module, x: _RescalePool.apply(x, reads.pop(0), _window(module)),
    }
    hooked = [module for module in view.modules() if type(module) in rules]
    handles = [module.register_forward_pre_hook(lambda _module, inputs: reads.append(inputs[0])) for module in hooked]
    try:
        with torch.no_grad():
            return view(baselines), rules
    finally:
        for handle in handles:
            handle.remove()
