"""What a picture or a table shows: in one line over it, and smaller the figures behind it, as over every chart."""

from __future__ import annotations

import html
import re

import streamlit as st

from app.shared.drawing.bars import UNIT


def verdict(finding: str, figures: str = "") -> None:
    """One line, and beneath it the figures behind it; both wrap where the page ends."""
    under = f"<p>{_escaped(figures)}</p>" if figures else ""
    st.html(f'<div class="finding"><h3>{_escaped(finding)}</h3>{under}</div>')


def heading(words: str) -> None:
    """A heading of one line, so that the pictures of a row begin at one height."""
    style = "font-weight:600;white-space:nowrap;overflow:hidden;text-overflow:ellipsis"
    said = html.escape(words)
    st.html(f'<div role="heading" aria-level="3" style="{style}" title="{said}">{said}</div>')


def _escaped(words: str) -> str:
    """As HTML, in which no line ends within “> 99.9 %”."""
    return re.sub(r"(?<=[gl]t;) (?=\d)", "&nbsp;", html.escape(words).replace(" %", UNIT))
