"""The SVG elements that the drawings are made of, as strings: all text escaped, lines and words in the page's colour.

Shortcuts differ by shape, not by colour alone: a plain line, a line with a diamond, a dashed line with a hollow 0.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass

from app.shared.drawing.colours import RESIDUAL, SHORTCUT, SUM

INK = "#1b1b1b"  # words on a box of solid orange, violet or green, in both themes
GROWTH = 1.2  # a drawing is shown at most so much larger, if nothing else is said, than it was laid out


def element(tag: str, content: str = "", /, **attributes: str | float | None) -> str:
    """One element around ready SVG; `stroke_width=2` becomes stroke-width="2", None is left out."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{written}>{content}</{tag}>" if content else f"<{tag}{written}/>"


def _value(value: str | float) -> str:
    return html.escape(value) if isinstance(value, str) else f"{round(value, 2):g}"


def text(x: float, y: float, words: str, size: float = 12, **attributes: str | float | None) -> str:
    """One line of text with its baseline at y."""
    all_attributes = {"fill": "currentColor", **attributes}
    return element("text", html.escape(words), x=x, y=y, font_size=size, **all_attributes)


def box(x: float, y: float, width: float, height: float, **attributes: str | float | None) -> str:
    """A rectangle with round corners."""
    return element("rect", x=x, y=y, width=width, height=height, **{"rx": 5, **attributes})


def line(d: str, **attributes: str | float | None) -> str:
    """An open path in the page's colour."""
    return element("path", d=d, **{"fill": "none", "stroke": "currentColor", "stroke_width": 1.5, **attributes})


def arrow_right(x: float, y: float) -> str:
    """The head of an arrow whose tip is at (x, y)."""
    return element("path", d=f"M{x - 7:g} {y - 4:g}L{x:g} {y:g}L{x - 7:g} {y + 4:g}z", fill="currentColor")


def arrow_down(x: float, y: float, fill: str = "currentColor") -> str:
    """The head of an arrow whose tip is at (x, y)."""
    return element("path", d=f"M{x - 4:g} {y - 7:g}L{x:g} {y:g}L{x + 4:g} {y - 7:g}z", fill=fill)


def diamond(x: float, y: float, radius: float = 8) -> str:
    """The mark of a projection."""
    points = f"{x - radius:g},{y:g} {x:g},{y - radius:g} {x + radius:g},{y:g} {x:g},{y + radius:g}"
    return element("polygon", points=points, fill=SHORTCUT, class_="diamond")


def hollow_zero(x: float, y: float, side: float = 14) -> str:
    """The mark of zero padding: an open square with a 0."""
    half = side / 2
    square = box(x - half, y - half, side, side, rx=0, fill="none", stroke=SHORTCUT, stroke_width=2, class_="hollow")
    return square + text(x, y + 4, "0", 11.5, text_anchor="middle", font_weight=700)


def circled_plus(x: float, y: float, radius: float) -> str:
    """Where F(x) and the shortcut join."""
    reach = radius - 2.5
    cross = f"M{x - reach:g} {y:g}H{x + reach:g}M{x:g} {y - reach:g}V{y + reach:g}"
    return element("circle", cx=x, cy=y, r=radius, fill=SUM, class_="plus") + line(cross, stroke=INK, stroke_width=2)


def residual_box(x: float, y: float, width: float, height: float, words: list[str], size: float) -> str:
    """F(x): a solid orange box with its words line by line."""
    first = y + height / 2 - (len(words) - 1) * 7.5 + size * 0.35
    lines = (
        text(x + width / 2, first + 15 * number, word, size, fill=INK, text_anchor="middle", font_weight=600)
        for number, word in enumerate(words)
    )
    return box(x, y, width, height, fill=RESIDUAL, class_="residual") + "".join(lines)


@dataclass(frozen=True)
class Arch:
    """The way of a shortcut: up from (left, foot) to `top`, over, and down to (right, end)."""

    left: float
    right: float
    top: float
    foot: float
    end: float

    @property
    def rise(self) -> str:
        """Its path up to the first corner, and around it."""
        return f"M{self.left:g} {self.foot:g}V{self.top + 9:g}q0 -9 9 -9"

    @property
    def fall(self) -> str:
        """Its path from the second corner to the end."""
        return f"H{self.right - 9:g}q9 0 9 9V{self.end:g}"


def _stroke(d: str, dashes: str | None = None) -> str:
    return line(d, stroke=SHORTCUT, stroke_width=3, stroke_dasharray=dashes)


def _identity(way: Arch) -> str:
    return _stroke(way.rise + way.fall)


def _projection(way: Arch) -> str:
    middle = (way.left + way.right) / 2
    return _stroke(f"{way.rise}H{middle - 8:g}M{middle + 8:g} {way.top:g}{way.fall}") + diamond(middle, way.top)


def _zero_pad(way: Arch) -> str:
    dashed = f"{way.rise}H{way.right - 7:g}M{way.right:g} {way.top + 7:g}V{way.end:g}"
    return _stroke(dashed, "5 3") + hollow_zero(way.right, way.top)


ARCS: dict[str, Callable[[Arch], str]] = {"identity": _identity, "projection": _projection, "zero-pad": _zero_pad}


def arc(kind: str, way: Arch) -> str:
    """A shortcut of this kind; nothing for a plain block."""
    return element("g", ARCS[kind](way), class_="arc", data_shortcut=kind) if kind in ARCS else ""


def shape_text(shape: tuple[int, ...]) -> str:
    """(64, 56, 56) as `64 × 56 × 56`."""
    return " × ".join(str(side) for side in shape)


def shape_words(shape: tuple[int, ...]) -> str:
    """(64, 56, 56) as `64×56×56`, for running text."""
    return "×".join(str(side) for side in shape)


def drawing(content: str, width: float, height: float, *, role: str, label: str, growth: float = GROWTH) -> str:
    """The whole drawing: as wide as its container, up to `growth` times the units it was laid out in."""
    return element(
        "svg",
        content,
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width="100%",
        style=f"max-width:{growth * width:.0f}px;height:auto;display:block",
        font_family="inherit",
        role=role,
        aria_label=label,
    )
