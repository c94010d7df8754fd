"""The inside of one block drawn from top to bottom, with the shape on every edge; stem and head as simple chains."""

from __future__ import annotations

import resnet_core as rc
from app.architecture.charts.column import EDGE, SMALL, Column, layer_height
from app.shared.drawing.colours import INPUT, OUTPUT, RESIDUAL, SHORTCUT
from app.shared.drawing.nodes import Row
from app.shared.drawing.shortcuts import SHORTCUTS
from app.shared.drawing.svg import box, circled_plus, diamond, drawing, hollow_zero, line, shape_text, shape_words, text
from resnet_core.errors import one_of
from resnet_core.nets.blocks import TERMS

WIDTH = 436
MAIN, MAIN_WIDE = 130.0, 240  # middle and width of the column of F(x)
SIDE, SIDE_WIDE = 342.0, 146  # of the shortcut


def inside_svg(description: rc.Description, block_name: str) -> str:
    """The inside of a block, of the "stem" or of the "head".

    Raises `ResNetCoreError` for a name that the network does not have.
    """
    names = ["stem", *description.blocks["name"], "head"]
    if block_name not in names:
        raise one_of("The layer", block_name, names)
    layers = description.layers
    if block_name in ("stem", "head"):
        return _chain(description, block_name, layers[layers["stage"] == block_name].to_dict("records"))
    row = description.blocks[description.blocks["name"] == block_name].iloc[0].to_dict()
    return _block(description, row, layers[layers["block"] == block_name].to_dict("records"))


def _chain(description: rc.Description, name: str, layers: list[Row]) -> str:
    """Stem or head: one layer under the other."""
    if name == "head":
        logits = layers[-1]["output"]
        layers = [*layers, {"kind": "softmax", "input": logits, "output": logits}]
    pen = Column(WIDTH / 2, 8, MAIN_WIDE + 20, "currentColor")
    first, last = layers[0]["input"], layers[-1]["output"]
    pen.pill("picture" if name == "stem" else "y of the last block", INPUT if name == "stem" else OUTPUT)
    pen.edge(first)
    for layer in layers:
        pen.layer(layer)
        pen.edge(layer["output"])
    pen.pill("x of the first block" if name == "stem" else "probabilities", INPUT if name == "stem" else OUTPUT)
    totals = description.stages[description.stages["name"] == name].iloc[0].to_dict()
    gist = f"Inside the {name}: {', '.join(layer['kind'] for layer in layers)}"
    return _finished(description, pen, [], totals, f"{gist}, from {shape_words(first)} to {shape_words(last)}")


def _block(description: rc.Description, row: Row, layers: list[Row]) -> str:
    """x, then F(x) and the shortcut side by side, then their sum, ReLU and y."""
    plain = row["shortcut_kind"] == "none"
    residual, shortcut, output = ([layer for layer in layers if layer["term"] == term] for term in TERMS)
    pen = Column(WIDTH / 2 if plain else MAIN, 8, MAIN_WIDE, "currentColor", RESIDUAL)
    pen.pill("x", INPUT)
    branch = pen.y + 10
    pen.y = branch
    pen.stroke(f"M{pen.x:g} {branch - 10:g}V{branch:g}")
    panel = pen.y + 14
    for layer in residual:
        pen.edge(layer["input"], EDGE + 18 if layer is residual[0] else EDGE)
        pen.layer(layer)
    pen.edge(residual[-1]["output"], EDGE + 12)
    left = pen.x - MAIN_WIDE / 2 - 6
    back = box(left, panel, MAIN_WIDE + 12, pen.y - 14 - panel, rx=10, fill=RESIDUAL, fill_opacity=0.13)
    back += text(left + 8, panel + 18, "F(x)", 14, font_weight=700)
    shortcut_parts: list[str] = []
    if not plain:
        shortcut_parts = _shortcut(row, shortcut, branch, pen.y + 13)
        pen.parts.append(circled_plus(pen.x, pen.y + 13, 13))
        pen.parts.append(text(pen.x - 20, pen.y + 18, "sum", 14, text_anchor="end", font_weight=700))
        pen.y += 26
        pen.edge(row["output"])
    for layer in output:
        pen.layer(layer)
        pen.edge(layer["output"])
    pen.pill("y", OUTPUT)
    convs = sum(layer["kind"] == "conv" for layer in residual)
    gist = (
        f"Inside {row['name']}: F(x) of {convs} convs, {SHORTCUTS[row['shortcut_kind']].phrase}, "
        f"from {shape_words(row['input'])} to {shape_words(row['output'])}"
    )
    return _finished(description, pen, [back, *shortcut_parts], row, gist)


def _shortcut(row: Row, layers: list[Row], top: float, joint: float) -> list[str]:
    """The column of the shortcut: from the branch at `top`, through its boxes, into the plus at `joint`."""
    dashes = "6 4" if row["shortcut_kind"] == "zero-pad" else None
    pen = Column(SIDE, top, SIDE_WIDE, SHORTCUT, SHORTCUT, dashes)
    pen.stroke(f"M{MAIN:g} {top:g}H{SIDE:g}")
    pen.parts.append(text(SIDE + 9, top + 4, "shortcut(x)", 14, font_weight=700))
    inner = sum(layer_height(layer) for layer in layers) + EDGE * max(len(layers) - 1, 0)
    lead = (joint - top - inner) / 2
    for number, layer in enumerate(layers):
        pen.edge(layer["input"], EDGE if number else lead)
        if layer["kind"] == "conv":
            pen.parts.append(diamond(SIDE, pen.y - 11, 11))
        if layer["kind"] == "zero pad":
            pen.parts.append(hollow_zero(SIDE - SIDE_WIDE / 2 + 16, pen.y + 17))
        pen.layer(layer)
    if not layers:
        pen.parts.append(text(SIDE + 9, (top + joint) / 2 + 22, "identity: x itself", SMALL))
    middle = (pen.y + joint) / 2
    pen.stroke(f"M{SIDE:g} {pen.y:g}V{joint:g}H{MAIN + 19:g}")
    pen.parts.append(line(f"M{MAIN + 22:g} {joint - 5:g}l-8 5l8 5", stroke=SHORTCUT, stroke_width=2.5))
    pen.parts.append(text(SIDE + 9, middle + 4, shape_text(row["output"]), SMALL, class_="shape"))
    return pen.parts


def _finished(description: rc.Description, pen: Column, below: list[str], row: Row, gist: str) -> str:
    """The drawing with its totals line and its words."""
    costs = f"{row['params']:,} params · {row['macs']:,} MACs"
    field_ = f"receptive field {row['receptive_field']} px, picture {description.input_size} px"
    totals = [
        text(WIDTH / 2, pen.y + 30, f"{row['name']} in all: {costs}", 13, text_anchor="middle", font_weight=600),
        text(WIDTH / 2, pen.y + 48, field_, 13, text_anchor="middle", font_weight=600),
    ]
    label = f"{gist}; {costs.replace(' · ', ', ')}, {field_}."
    return drawing("".join([*below, *pen.parts, *totals]), WIDTH, pen.y + 60, role="img", label=label)
