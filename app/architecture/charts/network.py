"""The network drawn: a band for the stem, for each stage and for the head, with the blocks as nodes along the flow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import resnet_core as rc
from app.architecture.charts.bands import GAP, LINE, Band, Detail, Paper, convs_of, head_band, stage_band, stem_band
from app.shared.drawing import nodes
from app.shared.drawing.nodes import Node, Row
from app.shared.drawing.shortcuts import SHORTCUTS
from app.shared.drawing.svg import Arch, arc, arrow_right, circled_plus, drawing, element, line, residual_box, text

WIDE, NARROW = 1100, 360  # CSS pixels of the two drawings; up to 6 columns are narrow
SHARED, SHARED_WIDE = 4, 9  # blocks of short stages in a row
ROW_GAP = 14
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
    shared = SHARED if narrow else SHARED_WIDE
    longest = min(columns, max(shared, int(description.blocks["stage"].value_counts().max())))
    pitch = min(room / longest, MOST[kind])
    room = room if narrow else max(longest * pitch, WIDE / 2)
    return Paper(detail, chosen, unfolded, columns, room, pitch)


@dataclass(frozen=True)
class Lot:
    """Nodes of one band that stand beside each other, from the left edge `x` on; its first lot is under the heading."""

    x: float
    band: Band
    nodes: list[Node]
    is_first: bool


def _laid_out(bands: Iterable[Band], paper: Paper) -> tuple[str, float]:
    """All bands in rows from top to bottom, connected by the flow; returns the SVG and its height."""
    parts: list[str] = []
    flow: list[str] = []
    y, out = 6.0, (0.0, 0.0)  # where the next row begins, and where the flow leaves the last
    for number, row in enumerate(_rows(bands, paper)):
        drawn, between = [node for lot in row for node in lot.nodes], y - ROW_GAP / 2
        if row[0].is_first:
            for lot in row:
                heading = lot.band.heading if len(row) == 1 else lot.band.two_lines
                parts.append(element("g", heading, transform=f"translate({lot.x:g} {y:g})"))
            y += LINE * min(len(row), 2) + 6
        way = y + max(node.flow for node in drawn)
        if number:
            flow.append(f"M{out[0]:g} {out[1]:g}h6V{between:g}H7V{way:g}H{LEFT}")
            parts.append(arrow_right(LEFT - 1, way))
        for lot in row:
            x = lot.x
            for node in lot.nodes:
                if x > LEFT:
                    flow.append(f"M{out[0]:g} {way:g}H{x:g}")
                parts.append(element("g", node.svg, transform=f"translate({x:g} {way - node.flow:g})"))
                out = (x + node.width, way)
                x += node.width + GAP
        y = way + max(node.height - node.flow for node in drawn) + ROW_GAP
    return line("".join(flow), stroke_opacity=0.75, class_="flow") + "".join(parts), y - ROW_GAP / 2


def _rows(bands: Iterable[Band], paper: Paper) -> list[list[Lot]]:
    """Which nodes stand in which row: short stages share one, long ones take several."""
    rows: list[list[Lot]] = []
    end = x = LEFT + paper.room
    for band in bands:
        lots = [band.nodes[first : first + paper.columns] for first in range(0, len(band.nodes), paper.columns)]
        for number, nodes_ in enumerate(lots):
            wide = max(sum(node.width + GAP for node in nodes_) - GAP, 0 if number else band.wide)
            if len(lots) > 1 or x + wide > end:
                rows.append([])
                x = float(LEFT)
            rows[-1].append(Lot(x, band, nodes_, number == 0))
            x += wide + GAP
        if len(lots) > 1:
            x = end
    return rows


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
            x, y = float(LEFT), y + 22
        parts.append(element("g", mark + text(42, 4, words, 12.5), transform=f"translate({x:g} {y:g})"))
        x += wide
    return element("g", "".join(parts), class_="legend"), y + 18


def _residual_mark() -> str:
    return residual_box(2, -8, 30, 16, [], 0)


def _shortcut_mark(kind: str) -> str:
    if kind == "none":
        return line("M0 0H34") + residual_box(8, -6, 18, 12, [], 0)
    return arc(kind, Arch(2, 28, -3, 8, 8))
