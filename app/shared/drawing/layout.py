"""What all Plotly figures have in common: large fonts, space for the title, and a legend that covers nothing.

Colours of text and grid are left to the theme of the page.
"""

from __future__ import annotations

import html
import re
import textwrap

import plotly.graph_objects as go

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


def without_title(figure: go.Figure) -> tuple[str, go.Figure]:
    """The title of an `arranged` figure as HTML that wraps where the page ends, and a copy of the figure without it.

    The first line of its own is the heading; what follows, and the note, stand beneath.
    """
    title, *small = figure.layout.title.text.split("<br><span")
    note = " ".join(line.partition(">")[2].removesuffix("</span>") for line in small)
    verdict, *figures = title.replace("<br>", " ").split(OWN_LINE)
    words = f"<h3>{verdict}</h3>" + "".join(f"<p>{line}</p>" for line in (*figures, note) if line)
    less = figure.layout.margin.t - NOTHING_ABOVE
    bare = go.Figure(figure)
    bare.update_layout(title=None, margin={"t": NOTHING_ABOVE}, height=figure.layout.height - less)
    return words, bare


def as_text(name: str) -> str:
    """A foreign name escaped for Plotly, which reads some HTML and `{` of its templates."""
    return html.escape(name, quote=False).replace("{", "&#123;")


def arranged(figure: go.Figure, *, title: str, x: str, y: str, note: str = "", height: int = PLOT_HEIGHT) -> go.Figure:
    """The figure with a wrapped `title`, a smaller `note` under it, axis titles, and its legend at the bottom."""
    style = f"font-size:{FONT_SIZE}px;font-weight:normal"
    small = "".join(
        f"<br><span style='{style}'>{line}</span>" for line in wrapped(note, LINE + 8).split("<br>") if line
    )
    top = ABOVE + 24 * (title.count("<br>") + small.count("<br>") + 1) + 14
    bottom = (64 if x else 10) + 24 * _legend_lines(figure)
    whole = top + height + bottom
    font = {"size": FONT_SIZE}
    figure.update_layout(
        title={
            "text": f"{title}{small}",
            "font": {"size": TITLE_SIZE, "weight": 700},
            "y": 1 - ABOVE / whole,
            "yref": "container",
            "yanchor": "top",
            "pad": {"l": 4},
        },
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
        margin={"t": top, "b": bottom, "l": 8, "r": 12},
        height=whole,
        dragmode=False,  # so that a finger on the plot scrolls the page
    )
    figure.update_xaxes(tickfont=font, autotickangles=[0, -45, -90])
    figure.update_yaxes(tickfont=font, automargin=True)
    if x:
        figure.update_xaxes(title={"text": x, "font": font})
    if y:
        figure.update_yaxes(title={"text": y, "font": font})
    return figure


def _legend_lines(figure: go.Figure) -> int:
    """The number of lines of the legend on a phone."""
    names = [trace.name for trace in figure.data if trace.showlegend is not False and trace.name]
    lines, room = 0, 0
    for name in names if len(names) > 1 else []:
        wide = len(name) + 7  # with its symbol
        lines, room = (lines, room - wide) if room >= wide else (lines + 1, LINE + 6 - wide)
    return lines
