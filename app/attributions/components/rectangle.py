"""A photo out of which the visitor draws a rectangle with mouse or finger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from app.shared.drawing.heat import data_url

_FOLDER = Path(__file__).parent
_RECTANGLE = st.components.v2.component(
    "resnet_explorer_rectangle",
    html="""<div class="frame"><div class="picture"><img class="photo" alt="">
<div class="filled"></div>
<div class="edge"></div></div><p class="line"></p></div>""",
    css=(_FOLDER / "rectangle.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "rectangle.js").read_text(encoding="utf-8"),
)


def drag_rectangle(
    photo: bytes,
    filled: bytes,
    edges: Mapping[str, float],
    *,
    width: int,
    alt: str,
    key: str,
    on_change: Callable[[Mapping[str, float]], None],
) -> None:
    """Show a photo (PNG) with a rectangle in which `filled` (PNG, of the same size) shows instead.

    Who drags in the picture draws another: before the next run `on_change` is called with its edges. These are in per
    cent of the picture, by name: left, right, top, bottom. A photo of few
    pixels in `width` shows them as squares.
    """
    _RECTANGLE(
        key=key,
        data={
            "photo": data_url(photo),
            "filled": data_url(filled),
            "edges": dict(edges),
            "width": width,
            "alt": alt,
        },
        height="content",
        on_drawn_change=lambda: on_change(st.session_state[key].drawn),
    )
