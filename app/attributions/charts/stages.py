"""Grad-CAM at many layers of one network: the caption of each map, and a drawing of where in a block it is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

import resnet_core as rc
from app.shared.drawing.bars import percent
from app.shared.drawing.colours import OUTPUT, RESIDUAL, SUM
from app.shared.drawing.shortcuts import SHORTCUTS
from app.shared.drawing.svg import (
    INK,
    Arch,
    arc,
    arrow_right,
    box,
    circled_plus,
    drawing,
    element,
    line,
    residual_box,
    shape_text,
    text,
)
from resnet_core.errors import one_of
from resnet_core.nets.blocks import ShortcutKind

Point = Literal["residual", "sum", "output"]
POINTS: tuple[Point, ...] = get_args(Point)


@dataclass(frozen=True)
class MapCaption:
    """The words over and under one map; `blank` if there is nothing to see in it."""

    title: str
    caption: str
    blank: bool


def map_caption(description: rc.Description, layer: str, values: NDArray[np.floating]) -> MapCaption:
    """The caption of the map (H, W) taken at `layer`: a stage, whose last block counts, or a block.

    Raises `ResNetCoreError` for a layer that the network does not have.
    """
    table = description.blocks
    rows = table[(table["name"] == layer) | (table["stage"] == layer)]
    if rows.empty:
        raise one_of("The layer", layer, [*dict.fromkeys(table["stage"]), *table["name"]])
    row = rows.iloc[-1]
    blank, why = _blank(values)
    caption = f"{shape_text(row['output'])} · {field_size_words(int(row['receptive_field']), description.input_size)}"
    return MapCaption(f"{layer} · {why}" if why else layer, caption, blank)


def captions_of(description: rc.Description, maps: Mapping[str, NDArray[np.floating]]) -> list[MapCaption]:
    """The caption of every map, by the layer where it was taken, in the same order."""
    return [map_caption(description, layer, values) for layer, values in maps.items()]


def field_size_words(field: int, size: int) -> str:
    """What a unit can depend on: pixels to a side, and as a share of the picture's area."""
    if field >= size:
        return f"sees {field} px, more than the picture's {size}" if field > size else f"sees {field} px, the picture"
    return f"sees {field} px, {percent((field / size) ** 2)} of the picture"


def _blank(values: NDArray[np.floating]) -> tuple[bool, str]:
    if not np.isfinite(values).all():
        return not np.isfinite(values).any(), "not a number"
    if not values.any():
        return True, "blank"
    return (True, "one value everywhere") if values.min() == values.max() else (False, "")


def blank_finding(found: list[MapCaption]) -> str:
    """How many maps are blank, and which, in a sentence; "" if none is."""
    blank = [each.title.split(" · ")[0] for each in found if each.blank]
    if not blank:
        return ""
    return f"{len(blank)} of {len(found)} maps {'are' if len(blank) > 1 else 'is'} blank: {', '.join(blank)}"


# What a map is taken from, in the colour of that tensor.
POINT_WORDS = {"residual": "F(x), before the add", "sum": "the sum, before the ReLU", "output": "y, after the ReLU"}
POINT_COLOURS = {"residual": RESIDUAL, "sum": SUM, "output": OUTPUT}
NO_SUM = "no add here: the sum is F(x)"
PAPER_WIDTH, PAPER_HEIGHT, FLOW = 384.0, 148.0, 68.0  # of the drawing, and the height of its flow
BOX_TALL, SPLIT, PLUS, REACH = 40.0, 58.0, 218.0, 13.0
# Where each tensor flows in the drawing: from and to.
EDGES = {"residual": (174.0, PLUS - REACH), "sum": (PLUS + REACH, 262.0), "output": (314.0, 346.0)}


def point_svg(kind: ShortcutKind, point: Point) -> str:
    """A residual block from left to right with a ring where Grad-CAM is taken: "residual", "sum" or "output".

    Raises `ResNetCoreError` for another point. In a block without shortcut there is no add, so F(x) is the sum.
    """
    if point not in POINTS:
        raise one_of("The point", point, POINTS)
    plain = kind == "none"
    edges = {**EDGES, "residual": (EDGES["residual"][0], EDGES["sum"][1])} if plain else EDGES
    flows = [_pill(14, "x", "currentColor"), line(f"M40 {FLOW:g}H84"), arrow_right(86, FLOW)]
    flows.append(residual_box(86, FLOW - BOX_TALL / 2, 88, BOX_TALL, ["F(x)"], 15))
    for name, (start, end) in edges.items():
        if not (plain and name == "sum"):
            flows.append(_edge(start, end, POINT_COLOURS[name]))
    if not plain:
        flows.append(arc(kind, Arch(SPLIT, PLUS, 18, FLOW, FLOW - REACH)))
        flows.append(circled_plus(PLUS, FLOW, REACH))
    flows.append(box(262, FLOW - 15, 52, 30, fill="currentColor", fill_opacity=0.08, stroke="currentColor"))
    flows.append(text(288, FLOW + 5, "ReLU", 14, text_anchor="middle"))
    flows.append(_pill(346, "y", OUTPUT))
    marked = "residual" if plain and point == "sum" else point
    said = f"{POINT_WORDS[point]}{f' ({NO_SUM})' if plain and point == 'sum' else ''}"
    words = [NO_SUM] if plain and point == "sum" else [POINT_WORDS[point]]
    flows.append(_ring(sum(edges[marked]) / 2, marked, ["Grad-CAM is taken here:", *words]))
    label = f"A block with {SHORTCUTS[kind].phrase}, y = ReLU({'F(x)' if plain else 'F(x) + shortcut(x)'}). "
    return drawing(
        "".join(flows), PAPER_WIDTH, PAPER_HEIGHT, role="img", label=f"{label}Grad-CAM is taken from {said}."
    )


def _edge(start: float, end: float, colour: str) -> str:
    tip = end - 1
    head = element("path", d=f"M{tip - 8:g} {FLOW - 5:g}L{tip:g} {FLOW:g}L{tip - 8:g} {FLOW + 5:g}z", fill=colour)
    return line(f"M{start:g} {FLOW:g}H{tip - 6:g}", stroke=colour, stroke_width=3) + head


def _pill(x: float, words: str, colour: str) -> str:
    """An end of the drawing; x is an outline, since in colour it would be taken for a part of the block."""
    outlined = colour == "currentColor"
    fill = {"fill": "none", "stroke": colour, "stroke_width": 1.5} if outlined else {"fill": colour}
    shape = box(x, FLOW - 13, 26, 26, rx=13, **fill)
    ink = colour if outlined else INK
    return shape + text(x + 13, FLOW + 5, words, 15, fill=ink, text_anchor="middle", font_weight=700)


def _ring(x: float, point: str, words: list[str]) -> str:
    """The mark on the flow, and what it means under it."""
    ring = element("circle", cx=x, cy=FLOW, r=8, fill=POINT_COLOURS[point], stroke="currentColor", stroke_width=3)
    down = line(f"M{x:g} {FLOW + 10:g}V{FLOW + 36:g}", stroke_width=2)
    middle = min(max(x, 92), PAPER_WIDTH - 92)
    lines = (
        text(middle, FLOW + 52 + 18 * number, word, 14, text_anchor="middle", font_weight=(400, 700)[number])
        for number, word in enumerate(words)
    )
    return element("g", ring + down + "".join(lines), class_="taken", data_point=point)
