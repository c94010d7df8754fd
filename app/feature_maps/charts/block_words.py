"""One block in words: what F(x) did to x, which way the shortcut goes, and how many channels are silent."""

from __future__ import annotations

import math
from typing import Any

import resnet_core as rc
from app.feature_maps.charts.parts import PART_NAMES, channel_of_x, parts_of
from app.shared.drawing.shortcuts import SHORTCUTS
from app.shared.magnitudes import figures, reading
from resnet_core.inside.measuring import dead_channels


def finding(block: rc.BlockRecord, row: Any) -> str:
    """What a block did, in one line: `row` is its row of `rc.measures`."""
    if block.shortcut is None:
        return f"{block.name} has no shortcut: y is ReLU(F(x)), and nothing of x passes by."
    if not row["finite"]:
        return f"y of {block.name} holds values that are not finite."
    if math.isnan(row["ratio"]):
        return f"{block.name} adds F(x) to a shortcut of zeros."
    size = f"{block.name} adds F(x), {figures(row['ratio'], 2)} times as large as its shortcut"
    if math.isnan(row["cosine"]):
        return f"{size}, which changes the shape of x."
    return f"{size}; the cosine of x and y is {row['cosine']:.2f}."


def finding_without(block: rc.BlockRecord) -> str:
    """What is left of a block whose F(x) is 0, in one line."""
    start = f"F(x) = 0 in {block.name}:"
    if block.shortcut is None:
        return f"{start} nothing is left, and y = 0. A plain block carries no x past F."
    if block.y.shape == block.x.shape and bool((block.y == block.x).all()):
        return f"{start} y = x, to the last bit in all {block.y.shape[1]} channels."
    if not bool(block.y.isfinite().all()):
        return f"{start} y holds values that are not finite."
    way = SHORTCUTS[block.shortcut_kind].name
    return f"{start} y is the shortcut alone, ReLU of the {way}, which is not x."


def shortcut_words(block: rc.BlockRecord, channel: int) -> str:
    """Why the panels of this block look as they do."""
    channels, side = block.x.shape[1], block.x.shape[2]
    new_channels, new_side = block.y.shape[1], block.y.shape[2]
    change = f"{channels} × {side} × {side} to {new_channels} × {new_side} × {new_side}"
    if block.shortcut_kind == "identity":
        return "**Identity shortcut**: shortcut(x) is x, bit for bit. y still shows x wherever F(x) is small."
    if block.shortcut_kind == "projection":
        same = " although the map keeps its size" if side == new_side else ""
        why = f"the shape must change from {change}{same}, so a"
        if block.x.shape == block.y.shape:
            why = "x has the right shape already, but with option C a"
        return (
            f"**Projection shortcut**: {why} 1×1 conv mixes all {channels} channels of x, and batch norm follows. The "
            "result can be negative, which x never is."
        )
    if block.shortcut_kind == "zero-pad":
        source = channel_of_x(block, channel)
        here = (
            f"Channel {channel} is channel {source} of x{' at every second pixel' if side != new_side else ''}."
            if source is not None
            else f"Channel {channel} is one of the new ones, all zeros: here y is ReLU(F(x)), as in a plain block."
        )
        return f"**Zero-padded shortcut** (option A): from {change} without a parameter. {here}"
    return "**No shortcut**: this is the plain twin. The sum is F(x) itself."


def silent_words(block: rc.BlockRecord) -> str:
    """How many channels of the output are silent, and how spread the five tensors are over all channels."""
    if not bool(block.y.isfinite().all()):
        return "y holds values that are not finite, so nothing is told of its channels."
    spreads = ", ".join(
        f"{PART_NAMES[part]} {reading(float(getattr(block, part)[0].double().std(correction=0)))}"
        for part in parts_of(block.shortcut_kind)
    )
    silent = f"{dead_channels(block.y)} of {block.y.shape[1]} channels of y are 0 everywhere"
    return f"{silent}. Std of each tensor: {spreads}."
