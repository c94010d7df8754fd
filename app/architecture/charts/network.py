"""The network drawn: a band for the stem, for each stage and for the head, with the blocks as nodes along the flow."""

from __future__ import annotations

from collections.abc import Iterable

import resnet_core as rc
from app.architecture.charts.bands import GAP, Band, Detail, Paper, convs_of, head_band, stage_band, stem_band
from app.shared.drawing import nodes
from app.shared.drawing.nodes import Row
from app.shared.drawing.shortcuts import SHORTCUTS
from app.shared.drawing.svg import Arch, arc, arrow_right, circled_plus, drawing, element, line, residual_box, text

WIDE, NARROW = 1100, 360  # CSS pixels of the two drawings; up to 6 columns are narrow
LEFT, RIGHT = 18, 12  # space at the left, where the flow enters the next row
LEAST, MOST = {"blocks": 58, "layers": 100}, {"blocks": 118, "layers": 140}  # pixels from node to node


def network_svg(
    description: rc.Description,
    *,
    detail: Detail,
    chosen: str,
    unfolded: frozenset[str] = frozenset(),
    columns: int = 12,
) -> str:
    """The network as SVG, laid out for 1100 CSS pixels, or for a phone's 360 when there are at most 6 `columns`.

    `chosen` (a block, "stem" or "head") gets a strong frame. Stages in `unfolded` show all their blocks, where they
    would be one node (detail "stages") or are longer than 12. Nodes carry data-node, stages that fold data-stage.
    """
    stages = {row["name"]: row for row in description.stages.to_dict("records")}
    blocks: dict[str, list[Row]] = {}
    for block in description.blocks.to_dict("records"):
        blocks.setdefault(block["stage"], []).append(block)
    paper = _paper(description, detail, chosen, unfolded, columns)
    convs = convs_of(description) if detail == "layers" else {}
    bands = [stem_band(description, stages["stem"], paper)]
    bands += [stage_band(stages[name], rows, convs, paper) for name, rows in blocks.items()]
    bands.append(head_band(description, stages["head"], paper))
    width = LEFT + paper.room + RIGHT
    content, height = _laid_out(bands, paper)
    legend, height = _legend([row for rows in blocks.values() for row in rows], height, width)
    title = description.variant.titled(description.shortcut)
    label = (
        f"{title}, drawn: stem, {len(blocks)} stages with {len(description.blocks)} blocks, head. "
        "Arrow keys move along the network, Enter opens a part."
    )
    return drawing(content + legend, width, height, role="group", label=label)


def _paper(description: rc.Description, detail: Detail, chosen: str, unfolded: frozenset[str], columns: int) -> Paper:
    """Nodes as large as the longest row allows; a wide drawing is no wider than it needs to be."""
    narrow = columns <= 6
    room: float = (NARROW if narrow else WIDE) - LEFT - RIGHT
    kind = "layers" if detail == "layers" else "blocks"
    columns = max(1, min(columns, int(room // LEAST[kind])))
    longest = min(columns, int(description.blocks["stage"].value_counts().max()))
    pitch = min(room / longest, MOST[kind])
    room = room if narrow else max(longest * pitch, WIDE / 2)
    return Paper(detail, chosen, unfolded, columns, room, pitch)


def _laid_out(bands: Iterable[Band], paper: Paper) -> tuple[str, float]:
    """All bands from top to bottom, connected by the flow; returns the SVG and its height."""
    parts: list[str] = []
    flow: list[str] = []
    y, out = 4.0, None
    for band in bands:
        parts.append(element("g", band.heading, transform=f"translate({LEFT} {y:g})"))
        y += 28
        for first in range(0, len(band.nodes), paper.columns):
            x = float(LEFT)
            row = band.nodes[first : first + paper.columns]
            way = y + row[0].flow
            if out is not None:
                flow.append(f"M{out[0]:g} {out[1]:g}h6V{out[2] + 8:g}H7V{way:g}H{x:g}")
                parts.append(arrow_right(x - 1, way))
            for number, node in enumerate(row):
                if number:
                    flow.append(f"M{x - GAP:g} {way:g}h{GAP}")
                parts.append(element("g", node.svg, transform=f"translate({x:g} {y:g})"))
                x += node.width + GAP
            out = (x - GAP, way, y + row[0].height)
            y += row[0].height + 16
        y += 8
    return line("".join(flow), stroke_opacity=0.75, class_="flow") + "".join(parts), y


def _legend(rows: list[Row], y: float, width: float) -> tuple[str, float]:
    """The legend of the marks in this drawing, wrapped; returns the SVG and the new height."""
    kinds = [kind for kind in SHORTCUTS if any(row["shortcut_kind"] == kind for row in rows)]
    entries = [(_residual_mark(), "F(x)")]
    entries += [(_shortcut_mark(kind), SHORTCUTS[kind].name) for kind in kinds]
    if kinds != ["none"]:
        entries.append((circled_plus(17, 0, 7), "sum"))
    if any(nodes.halves(row) for row in rows):
        entries.append((text(17, 4, "/2", 12, text_anchor="middle", font_weight=700), "halves height and width"))
    parts, x = [], float(LEFT)
    y += 10
    for mark, words in entries:
        wide = 42 + 6.2 * len(words) + 16
        if x + wide > width and x > LEFT:
            x, y = float(LEFT), y + 26
        parts.append(element("g", mark + text(42, 4, words, 12.5), transform=f"translate({x:g} {y:g})"))
        x += wide
    return element("g", "".join(parts), class_="legend"), y + 18


def _residual_mark() -> str:
    return residual_box(2, -8, 30, 16, [], 0)


def _shortcut_mark(kind: str) -> str:
    if kind == "none":
        return line("M0 0H34") + residual_box(8, -6, 18, 12, [], 0)
    return arc(kind, Arch(2, 28, -3, 8, 8))
