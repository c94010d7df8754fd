"""The network drawn small, a row a stage: what is taken out is dashed, and its shortcut stays."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

import resnet_core as rc
from app.shared.drawing.nodes import Row, halves
from app.shared.drawing.shortcuts import SHORTCUTS
from app.shared.drawing.svg import Arch, arc, arrow_right, box, circled_plus, drawing, element, line, residual_box, text

WIDTH, LEFT, GAP = 460, 16, 4  # CSS pixels of the drawing, of its left margin, and between two nodes
FEWEST, MOST, WIDEST = 4, 9, 108  # nodes in a row, and pixels from node to node
GROWTH = 2  # so much larger it may be shown, for the back row
TALL, HEADING, BELOW = 66, 22, 8  # of a node in its own units; over the first row of a stage, and under a row
BOX_TOP, BOX_HEIGHT, RADIUS = 25, 22, 6


@dataclass(frozen=True)
class Paper:
    """How many nodes stand in a row, how far apart, and how much larger than their own units."""

    columns: int
    pitch: float
    scale: float


def removable(blocks: pd.DataFrame) -> pd.Series:
    """Whether each block can be left out: not if it is plain and changes the shape."""
    return (blocks["shortcut_kind"] != "none") | (blocks["input"] == blocks["output"])


def network_svg(description: rc.Description, *, gone: frozenset[str], scale: float) -> str:
    """The blocks as SVG, each a button with data-node. F(x) of those in `gone` is left out, or multiplied by `scale`.

    A block that cannot be left out stays as it is.
    """
    blocks = description.blocks
    paper = _paper(blocks)
    can_go = dict(zip(blocks["name"], removable(blocks), strict=True))
    parts: list[str] = []
    flow: list[str] = []
    y, last = 2.0, None
    for first, rows in _rows(blocks, paper.columns):
        heads = [place for place, row in enumerate(rows) if place == 0 or row["stage"] != rows[place - 1]["stage"]]
        if first:
            for place in heads:
                words = rows[place]["stage"]
                parts.append(text(LEFT + place * paper.pitch, y + 14, words, 13, font_weight=600))
            y += HEADING
        way = y + (BOX_TOP + BOX_HEIGHT / 2) * paper.scale
        if last is not None:
            flow.append(f"M{last[0]:g} {last[1]:g}h5V{y - BELOW / 2 - HEADING * first:g}H6V{way:g}H{LEFT:g}")
        else:
            flow.append(f"M2 {way:g}H{LEFT:g}")
        parts.append(arrow_right(LEFT, way))
        for place, row in enumerate(rows):
            marked = row["name"] in gone and (scale != 0 or can_go[row["name"]])
            node = _node(row, (paper.pitch - GAP) / paper.scale, factor=scale if marked else 1)
            move = f"translate({LEFT + place * paper.pitch:g} {y:g}) scale({paper.scale:g})"
            parts.append(element("g", node, transform=move))
            if place:
                flow.append(f"M{LEFT + place * paper.pitch - GAP:g} {way:g}h{GAP}")
        last = (LEFT + len(rows) * paper.pitch - GAP, way)
        y += TALL * paper.scale + BELOW
    assert last is not None
    parts.append(arrow_right(last[0] + 7, last[1]))
    title = description.variant.titled(description.shortcut)
    label = f"{title}, drawn: {len(blocks)} blocks, {len(gone)} of them chosen. Arrow keys move, Enter chooses a block."
    content = line("".join(flow), stroke_opacity=0.75, class_="flow") + "".join(parts)
    return drawing(content, WIDTH, y, role="group", label=label, growth=GROWTH)


def _paper(blocks: pd.DataFrame) -> Paper:
    longest = int(blocks["stage"].value_counts().max())
    columns = FEWEST if longest < 3 else min(MOST, longest)
    pitch = min((WIDTH - LEFT - 8) / columns, WIDEST)
    return Paper(columns, pitch, min(pitch / 48, 1.25))


def _rows(blocks: pd.DataFrame, columns: int) -> list[tuple[bool, list[Row]]]:
    """The blocks row by row, each with whether a stage begins in it; a stage shares a row only if all of it fits."""
    rows: list[tuple[bool, list[Row]]] = []
    for _, stage in blocks.groupby("stage", sort=False):
        members = stage.to_dict("records")
        if rows and len(rows[-1][1]) + len(members) <= columns:
            rows[-1][1].extend(members)
            continue
        rows += [(first == 0, members[first : first + columns]) for first in range(0, len(members), columns)]
    return rows


def _node(row: Row, width: float, *, factor: float) -> str:
    """One block as a button; `factor` of F(x): 1 as trained, 0 left out."""
    plain, out = row["shortcut_kind"] == "none", factor == 0
    middle, joint = BOX_TOP + BOX_HEIGHT / 2, width - 9
    left, right = 8.0, width - 8 if plain else joint - RADIUS - 4
    frame = box(
        0,
        0,
        width,
        TALL,
        rx=6,
        fill="currentColor",
        fill_opacity=0.03 if factor == 1 else 0.1,
        stroke="currentColor",
        stroke_width=1 if factor == 1 else 2,
        stroke_opacity=0.25 if factor == 1 else 0.9,
        stroke_dasharray="5 4" if out else None,
        class_="frame",
    )
    faint: dict[str, str | float | None] = {"stroke_dasharray": "3 3", "stroke_opacity": 0.55} if out else {}
    ways = f"M0 {middle:g}H{left:g}M{right:g} {middle:g}H{width if plain else joint - RADIUS:g}"
    parts = [frame, line(ways, **({} if plain else faint))]
    if out and plain:
        parts.append(line(f"M{left:g} {middle:g}H{right:g}"))  # passed over
    if out:
        dashed = box(left, BOX_TOP, right - left, BOX_HEIGHT, fill="none", stroke="currentColor", class_="out", **faint)
        parts.append(dashed)
    else:
        words = ("F(x)" if right - left > 30 else "F") if factor == 1 else f"{factor:g}F"
        parts.append(residual_box(left, BOX_TOP, right - left, BOX_HEIGHT, [words], 11 if factor == 1 else 8.5))
    parts.append(arc(row["shortcut_kind"], Arch(3, joint, 10, middle, middle - RADIUS)))
    if not plain:
        parts += [circled_plus(joint, middle, RADIUS), line(f"M{joint + RADIUS:g} {middle:g}H{width:g}")]
    if halves(row):
        parts.append(text(left, BOX_TOP - 2, "/2", 9, font_weight=700))
    number = row["name"].rpartition(".")[2]
    parts.append(text(width / 2, TALL - 6, number, 11, text_anchor="middle", fill_opacity=0.6 if out else 1))
    state = "is out, puts it back" if out else "is chosen, puts it back" if factor != 1 else "takes it out"
    return element(
        "g",
        "".join(parts),
        role="button",
        tabindex="0",
        class_="node",
        data_node=row["name"],
        aria_label=f"{row['name']}: {SHORTCUTS[row['shortcut_kind']].phrase}, {state}",
        aria_pressed="true" if factor != 1 else "false",
    )
