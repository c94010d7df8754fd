"""Buttons that save a Plotly chart of the page as the visitor sees it, or in the shape of a slide."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.shared.components.buttons import BUTTONS

_FOLDER = Path(__file__).parent
_SAVE = st.components.v2.component(
    "resnet_explorer_save",
    html="""<div class="save" role="group">
<button type="button" data-format="png">PNG</button>
<button type="button" data-format="svg">SVG</button>
<button type="button" data-format="png" data-slide>PNG 16:9</button>
</div>""",
    css=BUTTONS + (_FOLDER / "save.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "save.js").read_text(encoding="utf-8"),
)


def save(chart: str, *, name: str, key: str) -> None:
    """Buttons for the chart with the key `chart`; a click downloads `name`.png or `name`.svg without running Python.

    The picture gets the title that the page shows above the chart; it is in the figure's `meta`, see `arranged`.
    """
    _SAVE(key=key, data={"chart": chart, "name": name}, width="content", height="content")
