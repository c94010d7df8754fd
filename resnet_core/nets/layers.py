"""The modules of a network in the order of its forward pass, each with its shapes, costs and receptive field.

Only shapes are followed, so the network may live on PyTorch's meta device, where tensors have no memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from torch import nn

from resnet_core.nets.blocks import Block, Term, ZeroPad
from resnet_core.nets.model import ResNet

Shape = tuple[int, ...]

KINDS: tuple[tuple[type[nn.Module], str], ...] = (
    (nn.Conv2d, "conv"),
    (nn.BatchNorm2d, "batch norm"),
    (nn.ReLU, "ReLU"),
    (nn.MaxPool2d, "max pool"),
    (nn.AdaptiveAvgPool2d, "average pool"),
    (nn.Linear, "linear"),
    (ZeroPad, "zero pad"),
)


@dataclass(frozen=True)
class Layer:
    """One layer, one row of `Description.layers`.

    `path` is "main" or "shortcut"; `term` is the part of y = relu(F(x) + shortcut(x)) that it computes: "residual",
    "shortcut" or "output", and "" outside blocks. `input` and `output` are (C, H, W), or (C,) behind the average pool.
    `macs` counts multiply-accumulates of convs and linear layers, as the paper does. `receptive_field` is the side, in
    input pixels, of the square that one output value can depend on; `jump` the input pixels between neighbouring
    outputs; `start` the pixel in the middle of the square of output 0, so that output i looks at start + i * jump.
    """

    name: str
    stage: str
    block: str
    kind: str
    path: str
    term: str
    kernel: int
    stride: int
    input: Shape
    output: Shape
    params: int
    macs: int
    receptive_field: int
    jump: int
    start: float


@dataclass(frozen=True)
class _Window:
    """The part of a layer's input that one value of its output reads."""

    kernel: int = 1
    stride: int = 1
    padding: int = 0


@dataclass(frozen=True)
class _Flow:
    """The input of the next layer: its shape, and which pixels its values depend on. Pixels are at 0, 1, 2..."""

    shape: Shape
    receptive_field: int = 1
    jump: int = 1
    start: float = 0.0

    def through(self, window: _Window, channels: int) -> _Flow:
        """The output of a layer that slides `window` (Araujo et al. 2019, "Computing receptive fields")."""
        kernel, stride, padding = window.kernel, window.stride, window.padding
        return _Flow(
            shape=(channels, *((side + 2 * padding - kernel) // stride + 1 for side in self.shape[1:])),
            receptive_field=self.receptive_field + (kernel - 1) * self.jump,
            jump=self.jump * stride,
            start=self.start + ((kernel - 1) / 2 - padding) * self.jump,
        )

    def plus(self, other: _Flow) -> _Flow:
        """The sum with `other`, of the same shape and jump: the smallest square around both receptive fields."""
        first = min(flow.start - (flow.receptive_field - 1) / 2 for flow in (self, other))
        last = max(flow.start + (flow.receptive_field - 1) / 2 for flow in (self, other))
        return _Flow(self.shape, int(last - first) + 1, self.jump, (first + last) / 2)


def walk(model: ResNet, size: int) -> list[Layer]:
    """Every layer in the order of the forward pass on a square picture of `size` pixels."""
    layers: list[Layer] = []
    flow = _Flow((3, size, size))
    for name, module in model.named_children():
        if name not in model.stages:
            flow = _pass(name, module, flow, "", layers)
            continue
        for block_name, block in model.named_blocks():
            if block_name.startswith(f"{name}."):
                flow = _pass_block(block_name, block, flow, layers)
    return layers


def _pass_block(name: str, block: Block, flow: _Flow, layers: list[Layer]) -> _Flow:
    """F(x), then the shortcut, then what reads their sum, whose receptive field covers both."""

    def through(term: Term, flow: _Flow) -> _Flow:
        for layer_name, layer in block.layers[term].items():
            flow = _pass(f"{name}.{layer_name}", layer, flow, term, layers)
        return flow

    residual, shortcut = through("residual", flow), through("shortcut", flow)
    return through("output", residual if block.plain else residual.plus(shortcut))


def _pass(name: str, module: nn.Module, flow: _Flow, term: Term | Literal[""], layers: list[Layer]) -> _Flow:
    """Add one layer and return its output; modules without computation (identity, container) change nothing."""
    kind = next((kind for module_type, kind in KINDS if isinstance(module, module_type)), None)
    if kind is None:
        return flow
    window = _window(module, flow)
    after = flow.through(window, _channels(module, flow))
    output = after.shape[:1] if kind == "average pool" else after.shape
    stage, block = _stage_and_block(name)
    layers.append(
        Layer(
            name=name,
            stage=stage,
            block=block,
            kind=kind,
            path="shortcut" if term == "shortcut" else "main",
            term=term,
            kernel=window.kernel,
            stride=window.stride,
            input=flow.shape,
            output=output,
            params=sum(parameter.numel() for parameter in module.parameters()),
            macs=_macs(module, output),
            receptive_field=after.receptive_field,
            jump=after.jump,
            start=after.start,
        )
    )
    return _Flow(output, after.receptive_field, after.jump, after.start)


def _stage_and_block(name: str) -> tuple[str, str]:
    """Stage and block of a layer's name: layer1.0.conv2 -> (layer1, layer1.0); conv1 -> (stem, "")."""
    parts = name.split(".")
    if len(parts) > 1:
        return parts[0], f"{parts[0]}.{parts[1]}"
    return ("head", "") if name in ("avgpool", "fc") else ("stem", "")


def _window(module: nn.Module, flow: _Flow) -> _Window:
    match module:
        case nn.Conv2d():
            return _Window(module.kernel_size[0], module.stride[0], int(module.padding[0]))
        case nn.MaxPool2d():
            return _Window(kernel=3, stride=2, padding=1)
        case nn.AdaptiveAvgPool2d():
            return _Window(kernel=flow.shape[-1], stride=flow.shape[-1])
        case ZeroPad():
            return _Window(stride=module.stride)
    return _Window()


def _channels(module: nn.Module, flow: _Flow) -> int:
    """The number of output channels of a layer."""
    match module:
        case nn.Conv2d():
            return module.out_channels
        case nn.Linear():
            return module.out_features
        case ZeroPad():
            return flow.shape[0] + module.new_channels
    return flow.shape[0]


def _macs(module: nn.Module, output: Shape) -> int:
    """Each output value of a conv or linear layer sums over its weights for that channel."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        return math.prod(output) * module.weight[0].numel()
    return 0
