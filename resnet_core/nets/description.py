"""The anatomy of a network for one input size: shapes, parameters, MACs and receptive fields, without any weights.

The layers that `walk` meets in a real network on PyTorch's meta device, summed up by block and by stage.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

from resnet_core.errors import ResNetCoreError
from resnet_core.nets.layers import Layer, walk
from resnet_core.nets.model import ResNet, build
from resnet_core.nets.options import Build
from resnet_core.variants import Shortcut, Variant, Version

__all__ = ["Description", "Layer", "describe"]


@dataclass(frozen=True, eq=False)
class Description:
    """What `describe` returns.

    `layers`: one row a `Layer` in forward order. `blocks`: one row a residual block: name, stage, shortcut_kind,
    input, output, params, macs, receptive_field, jump, start. `stages`: stem, `layer1`..., head: name, paper_name,
    blocks, output, params, macs, receptive_field, jump, start. `params` and `macs` are the whole network's, with a head
    of `num_classes`, for one picture.
    """

    variant: Variant
    shortcut: Shortcut
    version: Version
    input_size: int
    num_classes: int
    layers: pd.DataFrame
    blocks: pd.DataFrame
    stages: pd.DataFrame
    params: int
    macs: int


def describe(
    name: str | Variant,
    input_size: int | None = None,
    how: Build | None = None,
    **options: Any,
) -> Description:
    """Describe a network reading square pictures of `input_size` pixels (None: the family's own, 224 or 32).

    It is built as `how` says; `options` are single fields of `Build`. Raises `ResNetCoreError` for an unknown name or
    option, or a size below 1.
    """
    model = build(name, how, **options, device="meta")
    size = model.variant.input_size if input_size is None else input_size
    if size < 1:
        raise ResNetCoreError(f"The input size is {size} pixels, but it must be at least 1.")
    layers = walk(model, size)
    stages = _stages(model, layers)
    return Description(
        variant=model.variant,
        shortcut=model.shortcut_option,
        version=model.version,
        input_size=size,
        num_classes=model.num_classes,
        layers=pd.DataFrame([vars(layer) for layer in layers], columns=[field.name for field in fields(Layer)]),
        blocks=pd.DataFrame(_blocks(model, layers)),
        stages=pd.DataFrame(stages),
        params=sum(row["params"] for row in stages),
        macs=sum(row["macs"] for row in stages),
    )


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
                "start": main[-1].start,
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
                "start": last.start,
            }
        )
    return rows


def _paper_name(model: ResNet, stage: str) -> str:
    """Table 1 calls the stem conv1 and the stages conv2_x to conv5_x; section 4.2 names none."""
    if model.variant.family == "cifar" or stage == "head":
        return stage
    return "conv1" if stage == "stem" else f"conv{int(stage.removeprefix('layer')) + 1}_x"
