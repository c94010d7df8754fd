"""The anatomy of a network for one input size: shapes, parameters, MACs and receptive fields, without any weights.

The modules of a real network are walked in the order of its forward pass. They live on PyTorch's meta device, where
tensors have shapes and no memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

import pandas as pd
from torch import nn

from resnet_core.blocks import Block, ZeroPad
from resnet_core.errors import ResNetCoreError
from resnet_core.model import ResNet, build
from resnet_core.variants import Norm, Shortcut, Variant, Version

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

    `path` is "main" or "shortcut". `input` and `output` are (C, H, W), or (C,) behind the average pool. `macs` counts
    multiply-accumulates of convs and linear layers, as the paper does. `receptive_field` is the side, in input
    pixels, of the square that one output value can depend on; `jump` the input pixels between neighbouring outputs.
    """

    name: str
    stage: str
    block: str
    kind: str
    path: str
    kernel: int
    stride: int
    input: Shape
    output: Shape
    params: int
    macs: int
    receptive_field: int
    jump: int


@dataclass(frozen=True, eq=False)
class Description:
    """What `describe` returns.

    `layers`: one row a `Layer` in forward order. `blocks`: one row a residual block: name, stage, shortcut_kind,
    input, output, params, macs, receptive_field, jump. `stages`: stem, `layer1`..., head: name, paper_name, blocks,
    output, params, macs, receptive_field, jump. `params` and `macs` are the whole network's, for one picture.
    """

    variant: Variant
    shortcut: Shortcut
    version: Version
    input_size: int
    layers: pd.DataFrame
    blocks: pd.DataFrame
    stages: pd.DataFrame
    params: int
    macs: int


def describe(
    name: str | Variant,
    input_size: int | None = None,
    *,
    shortcut: Shortcut | None = None,
    version: Version = "v1.5",
    norm: Norm = "batch",
    num_classes: int | None = None,
) -> Description:
    """Describe a network reading square pictures of `input_size` pixels (None: the family's own, 224 or 32).

    Raises `ResNetCoreError` for an unknown name or option, or a size below 1.
    """
    model = build(name, shortcut=shortcut, version=version, norm=norm, num_classes=num_classes, device="meta")
    size = model.variant.input_size if input_size is None else input_size
    if size < 1:
        raise ResNetCoreError(f"The input size is {size} pixels, but it must be at least 1.")
    layers = _walk(model, size)
    stages = _stages(model, layers)
    return Description(
        variant=model.variant,
        shortcut=model.shortcut_option,
        version=model.version,
        input_size=size,
        layers=pd.DataFrame([vars(layer) for layer in layers], columns=[field.name for field in fields(Layer)]),
        blocks=pd.DataFrame(_blocks(model, layers)),
        stages=pd.DataFrame(stages),
        params=sum(row["params"] for row in stages),
        macs=sum(row["macs"] for row in stages),
    )


@dataclass(frozen=True)
class _Flow:
    """What enters the next layer: its shape, and how far one of its values sees into the picture."""

    shape: Shape
    receptive_field: int = 1
    jump: int = 1


def _walk(model: ResNet, size: int) -> list[Layer]:
    """Every layer in the order of the forward pass."""
    layers: list[Layer] = []
    flow = _Flow((3, size, size))
    for name, module in model.named_children():
        if name not in model.stages:
            flow = _pass(name, module, flow, "main", layers)
            continue
        for block_name, block in model.named_blocks():
            if block_name.startswith(f"{name}."):
                flow = _pass_block(block_name, block, flow, layers)
    return layers


def _pass_block(name: str, block: Block, flow: _Flow, layers: list[Layer]) -> _Flow:
    """F(x), then the shortcut, then the ReLU over their sum, which sees as far as the farther of the two."""
    main = shortcut = flow
    for child_name, child in block.named_children():
        if child is not block.downsample and child is not block.relu:
            main = _pass(f"{name}.{child_name}", child, main, "main", layers)
    for child_name, child in block.named_modules():
        if child_name.startswith("downsample"):
            shortcut = _pass(f"{name}.{child_name}", child, shortcut, "shortcut", layers)
    total = replace(main, receptive_field=max(main.receptive_field, shortcut.receptive_field))
    return _pass(f"{name}.relu", block.relu, total, "main", layers)


def _pass(name: str, module: nn.Module, flow: _Flow, path: str, layers: list[Layer]) -> _Flow:
    """Read one layer and say what leaves it; a module that is no layer (identity, container) lets all pass."""
    kind = next((kind for module_type, kind in KINDS if isinstance(module, module_type)), None)
    if kind is None:
        return flow
    kernel, stride, channels, padding = _window(module, flow)
    spatial = tuple((side + 2 * padding - kernel) // stride + 1 for side in flow.shape[1:])
    output = (channels, *spatial) if kind != "average pool" else (channels,)
    field = flow.receptive_field + (kernel - 1) * flow.jump
    stage, block = _place(name)
    layers.append(
        Layer(
            name=name,
            stage=stage,
            block=block,
            kind=kind,
            path=path,
            kernel=kernel,
            stride=stride,
            input=flow.shape,
            output=output,
            params=sum(parameter.numel() for parameter in module.parameters()),
            macs=_macs(module, output),
            receptive_field=field,
            jump=flow.jump * stride,
        )
    )
    return _Flow(output, field, flow.jump * stride)


def _place(name: str) -> tuple[str, str]:
    """Stage and block of a layer's name: layer1.0.conv2 -> (layer1, layer1.0); conv1 -> (stem, "")."""
    parts = name.split(".")
    if len(parts) > 1:
        return parts[0], f"{parts[0]}.{parts[1]}"
    return ("head", "") if name in ("avgpool", "fc") else ("stem", "")


def _window(module: nn.Module, flow: _Flow) -> tuple[int, int, int, int]:
    """Kernel, stride, output channels and padding of a layer."""
    channels = flow.shape[0]
    match module:
        case nn.Conv2d():
            return module.kernel_size[0], module.stride[0], module.out_channels, int(module.padding[0])
        case nn.MaxPool2d():
            return 3, 2, channels, 1
        case nn.AdaptiveAvgPool2d():
            return flow.shape[-1], flow.shape[-1], channels, 0
        case nn.Linear():
            return 1, 1, module.out_features, 0
        case ZeroPad():
            return 1, module.stride, channels + module.new_channels, 0
    return 1, 1, channels, 0


def _macs(module: nn.Module, output: Shape) -> int:
    """Each output value of a conv or linear layer sums over its weights for that channel."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        return math.prod(output) * module.weight[0].numel()
    return 0


def _blocks(model: ResNet, layers: list[Layer]) -> list[dict[str, Any]]:
    rows = []
    for name, block in model.named_blocks():
        inside = [layer for layer in layers if layer.block == name]
        main = [layer for layer in inside if layer.path == "main"]
        rows.append(
            {
                "name": name,
                "stage": main[0].stage,
                "shortcut_kind": block.shortcut_kind,
                "input": main[0].input,
                "output": main[-1].output,
                "params": sum(layer.params for layer in inside),
                "macs": sum(layer.macs for layer in inside),
                "receptive_field": main[-1].receptive_field,
                "jump": main[-1].jump,
            }
        )
    return rows


def _stages(model: ResNet, layers: list[Layer]) -> list[dict[str, Any]]:
    counts = {name: len(stage) for name, stage in model.stages.items()}
    rows = []
    for stage in ("stem", *counts, "head"):
        inside = [layer for layer in layers if layer.stage == stage]
        last = inside[-1]
        rows.append(
            {
                "name": stage,
                "paper_name": _paper_name(model, stage),
                "blocks": counts.get(stage, 0),
                "output": last.output,
                "params": sum(layer.params for layer in inside),
                "macs": sum(layer.macs for layer in inside),
                "receptive_field": last.receptive_field,
                "jump": last.jump,
            }
        )
    return rows


def _paper_name(model: ResNet, stage: str) -> str:
    """Table 1 calls the stem conv1 and the stages conv2_x to conv5_x; section 4.2 names none."""
    if model.variant.family == "cifar" or stage == "head":
        return stage
    return "conv1" if stage == "stem" else f"conv{int(stage.removeprefix('layer')) + 1}_x"
