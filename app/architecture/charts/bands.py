"""The bands of the drawn network: a heading over the nodes of the stem, of a stage or of the head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import resnet_core as rc
from app.shared.drawing import nodes
from app.shared.drawing.nodes import Node, Row
from app.shared.drawing.svg import box, element, shape_text, text

Detail = Literal["stages", "blocks", "layers"]
GAP = 8  # between two nodes
LINE, LETTER = 16, 6.5  # height of a line of a heading, and about the width of a letter in it
TRIANGLES = {True: "M5 8h10l-5 7z", False: "M7 6v11l7 -5.5z"}  # unfolded, folded
LONG, FIRST = 12, 4  # a longer stage is folded behind its first blocks


@dataclass(frozen=True)
class Band:
    """A heading over nodes: in one line, and in two where stages share a row, which are `wide`."""

    heading: str
    two_lines: str
    wide: float
    nodes: list[Node]


@dataclass(frozen=True)
class Paper:
    """What to draw, and the available space in CSS pixels."""

    detail: Detail
    chosen: str
    unfolded: frozenset[str]
    columns: int
    room: float  # from the first node of a row to the last
    pitch: float  # from node to node

    @property
    def scale(self) -> float:
        """The factor from the nodes' own units to CSS pixels."""
        return min(max(self.pitch / (114 if self.detail == "layers" else 89), 1), 1.35)

    @property
    def node_width(self) -> float:
        """The width of a node in its own units."""
        return (self.pitch - GAP) / self.scale


def convs_of(description: rc.Description) -> dict[str, list[str]]:
    """The convs of each block's main path: `3×3, 64`, with /2 where the stride is 2."""
    found: dict[str, list[str]] = {}
    layers = description.layers
    for row in layers[(layers["kind"] == "conv") & (layers["path"] == "main")].to_dict("records"):
        found.setdefault(row["block"], []).append(f"{_kernel(row)}, {row['output'][0]}{_stride(row)}")
    return found


def _kernel(row: Row) -> str:
    return f"{row['kernel']}×{row['kernel']}"


def _stride(row: Row) -> str:
    return f", /{row['stride']}" if row["stride"] > 1 else ""


def stem_band(description: rc.Description, stage: Row, paper: Paper) -> Band:
    """conv, norm, ReLU and max pool, if the network has them."""
    layers = description.layers[description.layers["stage"] == "stem"].to_dict("records")
    by_kind = {row["kind"]: row for row in layers}
    conv = by_kind["conv"]
    words = [f"{_kernel(conv)} conv, {conv['output'][0]}{_stride(conv)}"]
    words.append("BN, ReLU" if "batch norm" in by_kind else "ReLU")
    if "max pool" in by_kind:
        words.append(f"{_kernel(by_kind['max pool'])} max pool{_stride(by_kind['max pool'])}")
    first = conv["input"]
    name = "stem" if stage["paper_name"] == "stem" else f"{stage['paper_name']} · stem"
    heading = (name, f"{shape_text(first)} → {shape_text(stage['output'])}")
    label = f"stem: {', then '.join(words)}, opens its inside"
    return _band(heading, [nodes.chain_node("stem", words, label, chosen=paper.chosen == "stem")])


def head_band(description: rc.Description, stage: Row, paper: Paper) -> Band:
    """Average pool, fully connected layer and softmax."""
    classes = stage["output"][0]
    words = ["average pool", f"fc, {classes}", "softmax"]
    label = f"head: {', then '.join(words)}, opens its inside"
    heading = ("head", f"{classes} classes")
    return _band(heading, [nodes.chain_node("head", words, label, chosen=paper.chosen == "head")])


def stage_band(stage: Row, rows: list[Row], convs: dict[str, list[str]], paper: Paper) -> Band:
    """The blocks of a stage, all or folded; `convs` says what stands in the box of each."""
    name, count = stage["name"], len(rows)
    folds = paper.detail == "stages" or count > LONG
    open_ = not folds or name in paper.unfolded
    names = name if stage["paper_name"] == name else f"{stage['paper_name']} · {name}"
    heading = (names, f"{count} block{'' if count == 1 else 's'} · {shape_text(stage['output'])}")
    drawn: list[Node]
    if not open_ and paper.detail == "stages":
        inside = paper.chosen in {row["name"] for row in rows}
        drawn = [nodes.stage_node(rows, paper.room, chosen=inside)]
    elif open_:
        drawn = [_block(row, convs, paper) for row in rows]
    else:
        middle, lines = rows[FIRST:-1], len(convs.get(rows[-1]["name"], []))
        inside = paper.chosen in {row["name"] for row in middle}
        more = nodes.folded_node(middle, lines, paper.node_width, paper.scale, chosen=inside)
        drawn = [*(_block(row, convs, paper) for row in rows[:FIRST]), more, _block(rows[-1], convs, paper)]
    return _band(heading, drawn, name if folds else None, open_=open_)


def _block(row: Row, convs: dict[str, list[str]], paper: Paper) -> Node:
    lines = convs.get(row["name"], [])
    return nodes.block_node(row, lines, paper.node_width, paper.scale, chosen=row["name"] == paper.chosen)


def _band(words: tuple[str, str], drawn: list[Node], stage: str | None = None, *, open_: bool = True) -> Band:
    """The nodes under their heading, which is a button where the stage folds."""
    left, joined = 0 if stage is None else 20, " · ".join(words)
    one, two = (text(left, 12, line, 13.5, font_weight=600) for line in (joined, words[0]))
    two += text(left, 12 + LINE, words[1], 12.5)
    wide = left + LETTER * max(map(len, words))
    if stage is not None:
        wide += 10
        label = f"{joined}, {'folds it' if open_ else 'unfolds its blocks'}"
        one, two = (
            _folding(stage, label, written, width, lines, open_=open_)
            for written, width, lines in ((one, min(left + 10 + (LETTER + 0.5) * len(joined), 330), 1), (two, wide, 2))
        )
    return Band(one, two, wide, drawn)


def _folding(stage: str, label: str, written: str, wide: float, lines: int, *, open_: bool) -> str:
    """A heading as a button with a triangle."""
    frame = box(0, -5, wide, lines * LINE + 7, fill="currentColor", fill_opacity=0.08, class_="frame")
    return element(
        "g",
        frame + element("path", d=TRIANGLES[open_], fill="currentColor", transform="translate(0 -4)") + written,
        role="button",
        tabindex="0",
        data_stage=stage,
        aria_label=label,
        aria_expanded="true" if open_ else "false",
    )
