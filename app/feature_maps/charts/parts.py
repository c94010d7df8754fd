"""One channel of one block under the microscope: x, shortcut(x), F(x), sum and y, and what to notice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

import resnet_core as rc
from app.engine.selection import Part
from app.shared.drawing.colours import INPUT, OUTPUT, RESIDUAL, SHORTCUT, SUM
from app.shared.drawing.heat import Scale, coloured, png
from app.shared.magnitudes import reading
from resnet_core.nets.blocks import ShortcutKind

PART_NAMES: dict[Part, str] = {"x": "x", "shortcut": "shortcut(x)", "residual": "F(x)", "sum": "sum", "y": "y"}
TITLES = {
    "x": "x",
    "residual": "F(x)",
    "shortcut": "shortcut(x)",
    "sum": "sum",
    "y": "y = ReLU(sum)",
}  # as y is written
COLOURS = {"x": INPUT, "shortcut": SHORTCUT, "residual": RESIDUAL, "sum": SUM, "y": OUTPUT}


@dataclass(frozen=True, eq=False)
class Panel:
    """One of the five tensors: a channel's values (H, W), or None with a `note` that says why there are none."""

    title: str
    note: str
    values: NDArray[np.float32] | None
    colour: str


def parts_of(kind: ShortcutKind) -> list[Part]:
    """The tensors that a block with this shortcut has, in the order of the forward pass."""
    return [part for part in PART_NAMES if part != "shortcut" or kind != "none"]


def is_signed(part: str, kind: ShortcutKind) -> bool:
    """Whether a tensor can have negative values: x and y come from a ReLU, and so do copies of x."""
    return part in ("residual", "sum") or (part == "shortcut" and kind == "projection")


@dataclass(frozen=True)
class Unit:
    """One position in the output of a layer, the stem or a block. `is_output` is False for a tensor inside the block,
    which depends on at most the same pixels and may have other channels."""

    layer: str
    row: int
    column: int
    is_output: bool = True


def unit_of(record: rc.ForwardRecord, layer: str, part: str, row: int, column: int) -> Unit:
    """The unit for a position in a tensor of a block: x is the output of the layer before."""
    if layer == "stem" or part == "y":
        return Unit(layer, row, column)
    if part in ("residual", "sum"):
        return Unit(layer, row, column, is_output=False)
    names = ["stem", *(block.name for block in record.blocks)]
    before = names[names.index(layer) - 1]
    block = record[layer]
    stride = 1 if part == "x" else block.x.shape[-1] // block.y.shape[-1]
    return Unit(before, row * stride, column * stride, is_output=part == "x")


def channel_of_x(block: rc.BlockRecord, channel: int) -> int | None:
    """The channel of x that is `channel` of the shortcut; None if it is no single one.

    A projection mixes all channels; zero padding (option A) puts the old channels between the new ones.
    """
    if block.shortcut_kind == "zero-pad":
        before = (block.y.shape[1] - block.x.shape[1]) // 2
        return channel - before if 0 <= channel - before < block.x.shape[1] else None
    same = block.x.shape[1] == block.y.shape[1] and block.shortcut_kind != "projection"
    return channel if same else None


def is_padding(block: rc.BlockRecord | None, part: str, channel: int) -> bool:
    """Whether a channel of a tensor is one of the zeros that option A adds."""
    if block is None or part != "shortcut" or block.shortcut_kind != "zero-pad":
        return False
    return channel_of_x(block, channel) is None


def panels(block: rc.BlockRecord, channel: int) -> list[Panel]:
    """x, F(x), shortcut(x), sum and y of picture 0 at one channel of the output."""
    found = []
    for part, title in TITLES.items():
        tensor = getattr(block, part)
        index = channel_of_x(block, channel) if part == "x" else channel
        values = None if tensor is None or index is None else tensor[0, index].float().numpy()
        note = _absence(block, part) if values is None else _note(values)
        if part == "x" and index is not None and index != channel:
            title = f"x, channel {index}"
        found.append(Panel(title, note, values, COLOURS[part]))
    return found


def _note(values: NDArray[np.float32]) -> str:
    if not np.isfinite(values).all():
        return "holds values that are not finite"
    return f"std {reading(float(values.std(dtype=np.float64)))}"


def _absence(block: rc.BlockRecord, part: str) -> str:
    if part == "shortcut":
        return "A plain block has no shortcut: the sum is F(x) alone."
    if block.shortcut_kind == "projection":
        return f"No single channel: the projection mixes all {block.x.shape[1]} of x."
    if block.shortcut_kind == "zero-pad":
        return "This channel is new: the shortcut carries zeros here."
    return f"x has {block.x.shape[1]} channels, and none of them is this one."


def limit_of(found: list[Panel]) -> float:
    """The end of the common colour scale: the largest finite magnitude in the five tensors."""
    ends = [np.abs(p.values[np.isfinite(p.values)]).max(initial=0.0) for p in found if p.values is not None]
    return float(max(ends, default=0.0))


def scale_words(found: list[Panel]) -> str:
    """What the colours of the common scale do not show."""
    gaps = any(not np.isfinite(panel.values).all() for panel in found if panel.values is not None)
    return "Grey: not finite, for the values overflowed on the way." if gaps else ""


def values_table(block: rc.BlockRecord, channel: int) -> pd.DataFrame:
    """One row a pixel of the output: row, column, and the values of shortcut, residual, sum and y at this channel."""
    height, width = block.y.shape[2:]
    table = pd.DataFrame({"row": np.repeat(range(height), width), "column": np.tile(range(width), height)})
    for part in parts_of(block.shortcut_kind)[1:]:
        table[part] = getattr(block, part)[0, channel].numpy().ravel()
    return table


def painted(found: list[Panel], limit: float, *, side: int = 280, gap: int = 12) -> bytes:
    """The panels that have values, side by side on the common scale, as a PNG."""
    scale = Scale(limit, signed=True)
    shown = [panel.values for panel in found if panel.values is not None]
    picture = Image.new("RGB", (len(shown) * (side + gap) - gap, side), "white")
    for number, values in enumerate(shown):
        square = coloured(values, scale).resize((side, side), Image.Resampling.NEAREST)
        picture.paste(square, (number * (side + gap), 0))
    return png(picture)
