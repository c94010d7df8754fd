"""One HTML file with everything a page of maps shows, to hand in or keep: opens anywhere, loads nothing."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from importlib.metadata import version

import pandas as pd
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from app.shared.drawing.heat import data_url
from app.shared.drawing.layout import titled

PACKAGES = ("resnet-explorer", "torch", "captum", "numpy", "scikit-image", "scikit-learn")
STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
img { max-width: 100%; width: 28rem; height: auto; display: block; }
section { margin: 2.5rem 0; }
.picture { max-width: 28rem; }
.picture:has(.cascade) { max-width: none; }
table { border-collapse: collapse; font-size: .9rem; display: block; overflow-x: auto; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8886; vertical-align: top; }
"""


@dataclass(frozen=True)
class Section:
    """One section: a heading, a sentence, a picture as PNG with its words, ready HTML under it, a chart, and tables."""

    heading: str
    text: str = ""
    picture: bytes | None = None
    alt: str = ""
    html: str = ""
    tables: tuple[tuple[str, pd.DataFrame], ...] = ()
    figure: go.Figure | None = None


def report(title: str, facts: Sequence[tuple[str, str]], parts: Sequence[Section]) -> str:
    """The whole file. `facts` come first, then the day and the versions that computed the numbers.

    A file with a chart contains Plotly's program, 4.7 MB, so that the chart works without network.
    """
    made = [("Made on", date.today().isoformat()), ("Python", platform.python_version())]
    known = [*facts, *made, *((name, version(name)) for name in PACKAGES)]
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in known)
    body = "".join(_section(part) for part in parts)
    program = f"<script>{get_plotlyjs()}</script>" if any(part.figure is not None for part in parts) else ""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style>{program}</head>\n<body><h1>{escape(title)}</h1><table>{rows}</table>{body}</body></html>\n"
    )


def _section(part: Section) -> str:
    text = f"<p>{escape(part.text)}</p>" if part.text else ""
    picture = ""
    if part.picture is not None:
        picture = f'<img src="{data_url(part.picture)}" alt="{escape(part.alt)}">'
    tables = "".join(
        f"<h3>{escape(caption)}</h3>{table.to_html(index=False, border=0, float_format='{:.4g}'.format)}"
        for caption, table in part.tables
    )
    framed = f'<div class="picture">{picture}{part.html}</div>'
    chart = "" if part.figure is None else _chart(part.figure, part.alt)
    return f"<section><h2>{escape(part.heading)}</h2>{text}{framed}{chart}{tables}</section>\n"


def _chart(figure: go.Figure, alt: str) -> str:
    """A chart on white, with the colours that the page's theme would set."""
    drawn = titled(figure).update_layout(template="plotly_white")
    html = drawn.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False})
    return f'<div class="chart" role="img" aria-label="{escape(alt)}">{html}</div>'
