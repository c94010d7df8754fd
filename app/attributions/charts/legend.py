"""How to read a painted map: its legend in HTML, and the map with its legend as one drawing."""

from __future__ import annotations

from app.shared.drawing import heat
from app.shared.drawing.colours import OUTPUT, RESIDUAL, SHORTCUT
from app.shared.drawing.heat import SIDE, data_url
from app.shared.drawing.maps import LEVELS, PAPER, Painted
from app.shared.drawing.svg import INK, element, text

TONES, PALEST = (SHORTCUT, OUTPUT, RESIDUAL), f"rgb({PAPER},{PAPER},{PAPER})"  # of a blend: colours, where it fades to
HEAD, BAR, ROOM = 46, 14, 146  # pixels over the picture of a drawing, of its bar, and for title, bar and words together


def overlay_legend(picture: Painted, low: str, high: str) -> str:
    """The legend of the painted map in HTML: `low` and `high` say what the ends of its scale mean."""
    scale = picture.scale
    if picture.style == "Blend":
        tones = f"linear-gradient(to right, {', '.join(TONES)})"
        pale = f"linear-gradient(to right, {PALEST}, transparent)"
        return heat.colour_bar(f"{pale}, {tones}", "From pale to full colour:", *overlay_ends(picture, low, high))
    return heat.legend(scale, low, high, _note(picture))


def overlay_ends(picture: Painted, low: str, high: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """The numbers at the two ends of the legend, each with its meaning."""
    scale = picture.scale
    if picture.style != "Blend":
        return heat.scale_ends(scale, low, high)
    said = f"{low}, or {high}" if scale.signed else high
    return ("0", "neither" if scale.signed else low), (f"{'±' if scale.signed else ''}{scale.limit:.3g}", said)


def _note(picture: Painted) -> str:
    """The values of contour lines."""
    if picture.style != "Contours":
        return ""
    sign = "±" if picture.scale.signed else ""
    levels = ", ".join(f"{sign}{level * picture.scale.limit:.3g}" for level in LEVELS)
    *shares, last = (f"{100 * level:g}" for level in LEVELS)
    return f"Lines at {levels}: {', '.join(shares)} and {last} % of the scale."


def svg(picture: Painted, titles: tuple[str, str], low: str, high: str) -> bytes:
    """The painted map with two lines over it and its legend, as one SVG: text and colour bar are sharp at any size."""
    (left, low_words), (right, high_words) = overlay_ends(picture, low, high)
    blend = picture.style == "Blend"
    layers = [TONES, (PALEST, PALEST)] if blend else [tuple(f"rgb{stop}" for stop in picture.scale.stops)]
    top, words = HEAD + SIDE + 8, HEAD + SIDE + 40
    parts = [
        element("defs", "".join(_gradient(number, colours) for number, colours in enumerate(layers))),
        element("rect", width=SIDE, height=SIDE + ROOM, fill="#ffffff"),
        text(0, 18, titles[0], 16, font_weight=600),
        text(0, 37, titles[1], 13),
        element("image", href=data_url(picture.png), y=HEAD, width=SIDE, height=SIDE),
        *(element("rect", y=top, width=SIDE, height=BAR, fill=f"url(#bar{number})") for number in range(len(layers))),
        text(0, words, left, 13),
        text(SIDE, words, right, 13, text_anchor="end"),
        text(0, words + 17, low_words, 13),
        text(SIDE, words + 34, high_words, 13, text_anchor="end"),  # a row lower: long words would meet
        text(0, words + 52, _note(picture), 12),
    ]
    return element(
        "svg",
        "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {SIDE} {SIDE + ROOM}",
        width=SIDE,
        height=SIDE + ROOM,
        font_family="sans-serif",
        color=INK,
    ).encode()


def _gradient(layer: int, colours: tuple[str, ...]) -> str:
    """Colours from left to right; a layer over another fades from opaque to transparent."""
    last = len(colours) - 1
    stops = "".join(
        element("stop", offset=number / last, stop_color=colour, stop_opacity=1 - number / last if layer else None)
        for number, colour in enumerate(colours)
    )
    return element("linearGradient", stops, id=f"bar{layer}")
