"""The clickable parts of the drawn network: a block, folded blocks, a whole stage, the chains of stem and head."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from app.shared.drawing.shortcuts import SHORTCUTS
from app.shared.drawing.svg import (
    Arch,
    arc,
    arrow_right,
    box,
    circled_plus,
    element,
    line,
    residual_box,
    shape_words,
    text,
)

Row = dict[Hashable, Any]  # one row of a table of `Description`
ARC_TOP, BOX_TOP = 15, 40


@dataclass(frozen=True)
class Node:
    """One clickable part of the drawing. Its top left is (0, 0); the flow runs through it at height `flow`."""

    svg: str
    width: float
    height: float
    flow: float


def halves(row: Row) -> bool:
    """Whether the output of a block is smaller than its input."""
    return bool(row["output"][-1] < row["input"][-1])


def block_node(row: Row, convs: list[str], width: float, scale: float, *, chosen: bool) -> Node:
    """One block. `convs` are the lines in its box, or none; drawn in own units, shown `scale` times as large."""
    drawn = _glyph(row, convs, width)
    label = text(width / 2, drawn.height + 14, row["name"], 11.5, text_anchor="middle")
    change = f"{shape_words(row['input'])} to {shape_words(row['output'])}"
    words = f"{row['name']}: {SHORTCUTS[row['shortcut_kind']].phrase}, {change}, opens its inside"
    tall = drawn.height + 21
    return _scaled(_button(drawn.svg + label, width, tall, words, chosen=chosen, node=row["name"]), scale, drawn, tall)


def folded_node(rows: list[Row], convs: int, width: float, scale: float, *, chosen: bool) -> Node:
    """The folded middle of a long stage; a click unfolds it."""
    kinds = " and ".join(dict.fromkeys(SHORTCUTS[row["shortcut_kind"]].short for row in rows))
    height = _box_height(convs)
    flow = BOX_TOP + height / 2
    lines = (f"… {len(rows)}", "more, all", f"{kinds} …")
    words = "".join(
        text(width / 2, 14 + 13 * number, line_, 11.5, text_anchor="middle") for number, line_ in enumerate(lines)
    )
    dots = line(f"M0 {flow:g}H{width:g}", stroke_dasharray="1 6", stroke_linecap="round", stroke_width=3)
    unfold = text(width / 2, BOX_TOP + height + 14, "unfold", 11.5, text_anchor="middle", text_decoration="underline")
    tall = BOX_TOP + height + 21
    stage = rows[0]["stage"]
    label = f"{len(rows)} more blocks of {stage}, all {kinds}; folds them out"
    button = _button(words + dots + unfold, width, tall, label, chosen=chosen, stage=stage)
    return _scaled(button, scale, Node("", width, height, flow), tall)


def stage_node(rows: list[Row], room: float, *, chosen: bool) -> Node:
    """A whole stage: each run of equal blocks once, with its count; at most `room` wide."""
    runs: list[list[Row]] = []
    for row in rows:
        alike = runs and (row["shortcut_kind"], halves(row)) == (runs[-1][0]["shortcut_kind"], halves(runs[-1][0]))
        runs[-1].append(row) if alike else runs.append([row])
    width, slot = 82, 124
    scale = min(1.35, room / (slot * len(runs)))
    glyphs = [_glyph(run[0], [], width) for run in runs]
    flow, tall = glyphs[0].flow, glyphs[0].height + 6
    parts = []
    for number, (run, glyph) in enumerate(zip(runs, glyphs, strict=True)):
        count = text(width + 2, flow - 9, f"× {len(run)}", 14, font_weight=700)
        onward = line(f"M{width:g} {flow:g}H{slot:g}")
        parts.append(element("g", glyph.svg + count + onward, transform=f"translate({slot * number:g} 0)"))
    shortcuts = ", ".join(f"{len(run)} with {SHORTCUTS[run[0]['shortcut_kind']].phrase}" for run in runs)
    first, last = rows[0], rows[-1]
    label = (
        f"{first['stage']}: {shortcuts}, {shape_words(first['input'])} to {shape_words(last['output'])}, "
        f"opens the inside of {first['name']}"
    )
    wide = slot * len(runs)
    button = _button("".join(parts), wide, tall, label, chosen=chosen, node=first["name"])
    return _scaled(button, scale, Node("", wide, tall, flow), tall)


def chain_node(node: str, words: list[str], label: str, *, chosen: bool) -> Node:
    """The layers of the stem or the head, one after the other."""
    gap, x, y = 14, 10.0, 23
    parts = [line(f"M0 {y}H{x:g}")]
    for number, word in enumerate(words):
        if number:
            parts += [line(f"M{x:g} {y}h{gap}"), arrow_right(x + gap, y)]
            x += gap
        wide = 6 * len(word) + 10
        parts.append(box(x, y - 14, wide, 28, fill="currentColor", fill_opacity=0.08, stroke="currentColor"))
        parts.append(text(x + wide / 2, y + 4, word, 12, text_anchor="middle"))
        x += wide
    parts.append(line(f"M{x:g} {y}h10"))
    button = _button("".join(parts), x + 10, 2 * y, label, chosen=chosen, node=node)
    return Node(button, x + 10, 2 * y, y)


def _box_height(convs: int) -> float:
    return 24 if convs == 0 else 15 * convs + 12


def _glyph(row: Row, convs: list[str], width: float) -> Node:
    """F(x) on the flow, the shortcut as an arc over it, and the plus where they join."""
    height, radius = _box_height(len(convs)), 7
    flow, joint = BOX_TOP + height / 2, width - 10
    plain = row["shortcut_kind"] == "none"
    left, right = 12, joint - 9
    parts = [
        line(f"M0 {flow:g}H{left}M{right:g} {flow:g}H{width if plain else joint - radius:g}"),
        residual_box(left, BOX_TOP, right - left, height, convs or ["F(x)"], 11.5),
        arc(row["shortcut_kind"], Arch(4, joint, ARC_TOP, flow, flow - radius)),
    ]
    if not plain:
        parts += [circled_plus(joint, flow, radius), line(f"M{joint + radius:g} {flow:g}H{width:g}")]
    if halves(row):
        parts.append(text((left + right) / 2, BOX_TOP - 4, "/2", 12, text_anchor="middle", font_weight=700))
    return Node("".join(parts), width, BOX_TOP + height, flow)


def _button(
    content: str,
    width: float,
    height: float,
    label: str,
    *,
    chosen: bool = False,
    node: str | None = None,
    stage: str | None = None,
) -> str:
    """A part that can be clicked and focused, with a frame; the frame of the chosen one is strong."""
    frame = box(
        0,
        0,
        width,
        height,
        rx=8,
        fill="currentColor",
        fill_opacity=0.1 if chosen else 0.03,
        stroke="currentColor",
        stroke_width=3 if chosen else 1,
        stroke_opacity=1 if chosen else 0.25,
        class_="frame",
    )
    return element(
        "g",
        frame + content,
        role="button",
        tabindex="0",
        class_="node chosen" if chosen else "node",
        data_node=node,
        data_stage=stage,
        aria_label=label,
        aria_current="true" if chosen else None,
    )


def _scaled(svg: str, scale: float, drawn: Node, tall: float) -> Node:
    larger = svg if scale == 1 else element("g", svg, transform=f"scale({scale:g})")
    return Node(larger, drawn.width * scale, tall * scale, drawn.flow * scale)
