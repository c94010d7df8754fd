"""A column of layers drawn downwards: a box for each layer, with its numbers, and the shape on each edge between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from app.shared.drawing.colours import RESIDUAL, SHORTCUT
from app.shared.drawing.nodes import Row
from app.shared.drawing.svg import INK, arrow_down, box, line, shape_text, text

EDGE, LINE, SMALL = 22, 17, 12.5  # length of an edge, from line to line, the smaller words
INKS = {RESIDUAL: INK, SHORTCUT: "#ffffff"}  # of words on a box of that colour


def _short(layer: Row) -> str:
    return str(layer["name"]).split(".", 2)[-1]


def _paired(layer: Row, *words: str) -> list[str]:
    """In one line; one below the other in the narrow column of the shortcut."""
    return [*words] if layer["path"] == "shortcut" else [" · ".join(words)]


def _costs(layer: Row) -> list[str]:
    return _paired(layer, f"{layer['params']:,} params", f"{layer['macs']:,} MACs")


def _receptive_field(layer: Row) -> str:
    return f"receptive field {layer['receptive_field']} px"


def _window(layer: Row) -> str:
    return f"{layer['kernel']}×{layer['kernel']}, stride {layer['stride']}"


def _channels(layer: Row) -> str:
    return f"{layer['input'][0]} → {layer['output'][0]}"


def _zeros(layer: Row) -> list[str]:
    every = {1: "every pixel", 2: "every 2nd pixel"}.get(layer["stride"], f"every {layer['stride']}th pixel")
    return [every, f"{layer['output'][0] - layer['input'][0]} zero channels", *_costs(layer)]


CONV_NAMES = {"shortcut": "conv"}  # convs of the main path have their own names
# The lines in the box of each kind of layer; the first is bold.
WORDS: dict[str, Callable[[Row], list[str]]] = {
    "conv": lambda it: [
        f"{CONV_NAMES.get(it['path']) or _short(it)} {_window(it)}",
        *_paired(it, f"{_channels(it)} channels", _receptive_field(it)),
        *_costs(it),
    ],
    "batch norm": lambda it: [f"batch norm · {it['params']:,} params"],
    "ReLU": lambda it: ["ReLU"],
    "max pool": lambda it: [f"max pool {_window(it)}", _receptive_field(it)],
    "average pool": lambda it: ["average pool", f"mean of {it['input'][1]} × {it['input'][2]} values"],
    "linear": lambda it: [f"{_short(it)}, fully connected", _channels(it), *_costs(it)],
    "zero pad": _zeros,
    "softmax": lambda it: ["softmax"],
}


@dataclass
class Column:
    """Draws one column of boxes downwards."""

    x: float
    y: float
    wide: float
    colour: str  # of its lines
    fill: str | None = None  # of the boxes with weights
    dashes: str | None = None
    parts: list[str] = field(default_factory=list)

    def edge(self, shape: tuple[int, ...], length: float = EDGE) -> None:
        """An arrow down, with the shape of what it carries."""
        end = self.y + length
        self.stroke(f"M{self.x:g} {self.y:g}V{end - 5:g}")
        self.parts += [arrow_down(self.x, end, self.colour)]
        self.parts.append(text(self.x + 9, self.y + length / 2 + 3, shape_text(shape), SMALL, class_="shape"))
        self.y = end

    def stroke(self, d: str) -> None:
        """A line in the column's colour."""
        heavy = 1.5 if self.colour == "currentColor" else 2.5
        self.parts.append(line(d, stroke=self.colour, stroke_width=heavy, stroke_dasharray=self.dashes))

    def layer(self, layer: Row) -> None:
        """A box with the words of one layer: solid for those with convs, an outline for the rest."""
        words = WORDS[layer["kind"]](layer)
        solid = self.fill if layer["kind"] in ("conv", "linear") else None
        tall = layer_height(layer)
        left = self.x - self.wide / 2
        self.parts.append(
            box(
                left,
                self.y,
                self.wide,
                tall,
                fill=solid or "currentColor",
                fill_opacity=None if solid else 0.06,
                stroke=solid or self.colour,
                stroke_width=1.5,
                stroke_dasharray=self.dashes,
                class_="layer",
            )
        )
        ink = INKS.get(solid or "", "currentColor")
        for number, word in enumerate(words):
            style = {"font_weight": 700} if number == 0 and len(words) > 1 else {}
            size = 13.5 if style else SMALL
            baseline = self.y + 16 + LINE * number
            self.parts.append(text(self.x, baseline, word, size, fill=ink, text_anchor="middle", **style))
        self.y += tall

    def pill(self, words: str, colour: str) -> None:
        """An end of the drawing: x or y."""
        wide = 24 + 8 * len(words)
        self.parts.append(box(self.x - wide / 2, self.y, wide, 24, rx=12, fill=colour, class_="end"))
        self.parts.append(text(self.x, self.y + 17, words, 14, fill=INK, text_anchor="middle", font_weight=700))
        self.y += 24


def layer_height(layer: Row) -> float:
    """The height of a layer's box."""
    return LINE * len(WORDS[layer["kind"]](layer)) + 7
