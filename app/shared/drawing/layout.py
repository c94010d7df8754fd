"""What all Plotly figures have in common: large fonts, space for the title, and a legend that covers nothing.

Colours of text and grid are left to the theme of the page.
"""

from __future__ import annotations

import html
import math
import re
import textwrap
from typing import Any

import plotly.graph_objects as go

from app.shared.drawing.bars import UNIT

FONT_SIZE, TITLE_SIZE = 15, 18
LINE = 40  # characters of a title that fit on a phone 390 pixels wide
PLOT_HEIGHT = 280  # pixels between title and axis
ABOVE = 18  # pixels over the title
NOTHING_ABOVE = 26  # pixels over a plot whose title stands outside of the figure, for words at the plot's upper edge
OWN_LINE = "<br />"  # where a line must end; "<br>" is where it ends for want of space
GREY = "#808080"  # readable on a light and on a dark page


def wrapped(text: str, width: int = LINE) -> str:
    """The text in lines of at most `width` characters; a number stays with its unit, and a name in one piece."""
    text = re.sub(r" (?=·)|(?<=·) |(?<=\d) (?=%|px\b)|(?<=[<>]) ", "\N{NO-BREAK SPACE}", text)
    return "<br>".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


def stacked(finding: str) -> str:
    """A title with a line of its own for each part between semicolons."""
    return OWN_LINE.join(map(wrapped, finding.split("; ")))


def title_of(figure: go.Figure) -> str:
    """The title of an `arranged` figure with its lines and its note, as Plotly writes it."""
    return str(figure.layout.meta["title"]["text"])


def heading(figure: go.Figure) -> str:
    """The same as HTML that wraps where the page ends: the first line of its own as heading, the others beneath."""
    title, *small = title_of(figure).split("<br><span")
    note = " ".join(line.partition(">")[2].removesuffix("</span>") for line in small)
    verdict, *figures = title.replace("<br>", " ").split(OWN_LINE)
    return f"<h3>{verdict}</h3>" + "".join(f"<p>{line}</p>" for line in (*figures, note) if line)


def titled(figure: go.Figure) -> go.Figure:
    """A copy with its title over the plot, for a file that stands alone."""
    meta, layout = figure.layout.meta, figure.layout
    height = layout.height - layout.margin.t + meta["top"]
    place = {"y": 1 - ABOVE / height, "yref": "container", "yanchor": "top", "pad": {"l": 4}}
    return go.Figure(figure).update_layout(
        title={**meta["title"], **place}, margin={"t": meta["top"]}, height=height, meta=None
    )


def as_text(name: str) -> str:
    """A foreign name escaped for Plotly, which reads some HTML and `{` of its templates."""
    return html.escape(name, quote=False).replace("{", "&#123;")


def arranged(figure: go.Figure, *, title: str, x: str, y: str, note: str = "", height: int = PLOT_HEIGHT) -> go.Figure:
    """The figure with axis titles and its legend at the bottom.

    A wrapped `title` and a smaller `note` under it are kept in its `meta`, with the pixels that they take: the page
    writes them above the figure, see `heading`, and files get them in the picture, see `titled` and `save.js`.
    """
    style = f"font-size:{FONT_SIZE}px;font-weight:normal"
    small = "".join(
        f"<br><span style='{style}'>{line}</span>" for line in wrapped(note, LINE + 8).split("<br>") if line
    )
    top = ABOVE + 24 * (title.count("<br>") + small.count("<br>") + 1) + 14
    bottom = 64 if x else 10  # and what a legend needs, which Plotly adds
    font = {"size": FONT_SIZE}
    figure.update_layout(
        meta={"title": {"text": f"{title}{small}", "font": {"size": TITLE_SIZE, "weight": 700}}, "top": top},
        font=font,
        hoverlabel={"font": font},
        legend={
            "orientation": "h",
            "font": font,
            "x": 0,
            "y": 0,
            "yref": "container",
            "yanchor": "bottom",
            "title": {"text": ""},
        },
        margin={"t": NOTHING_ABOVE, "b": bottom, "l": 8, "r": 12},
        height=NOTHING_ABOVE + height + bottom,
        dragmode=False,  # so that a finger on the plot scrolls the page
    )
    figure.update_xaxes(tickfont=font, autotickangles=[0, -45, -90])
    figure.update_yaxes(tickfont=font, automargin=True)
    if x:
        figure.update_xaxes(title={"text": x, "font": font})
    if y:
        figure.update_yaxes(title={"text": y, "font": font})
    return figure


def percent_ticks(highest: float) -> dict[str, list[Any]]:
    """Ticks of an axis of shares from 0 to about `highest`, written as in sentences: 80 %."""
    power = 10.0 ** math.floor(math.log10(highest)) if highest > 0 else 1.0
    step = next(size for size in (power / 5, power / 2, power, 2 * power) if 5.5 * size >= highest)
    ticks = [number * step for number in range(math.floor(1.01 * highest / step) + 1)]
    return {"tickvals": ticks, "ticktext": [f"{100 * tick:.3g}{UNIT}" for tick in ticks]}
