"""A drawing on the page that answers to mouse, finger and keyboard: which node or stage the visitor chose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent
_DIAGRAM = st.components.v2.component(
    "resnet_explorer_diagram",
    html='<div class="diagram"></div>',
    css=(_FOLDER / "diagram.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "diagram.js").read_text(encoding="utf-8"),
)


def diagram(svg: str, *, key: str, on_node: Callable[[str], None], on_stage: Callable[[str], None]) -> None:
    """Show an SVG that can be clicked.

    A click, Enter or Space on an element with data-node calls `on_node` with its value before the next run, one with
    data-stage `on_stage`. Arrow keys, Home and End go from node to node. In a container that scrolls, the chosen node
    is moved into view, and the page stays where it is.
    """
    _DIAGRAM(
        key=key,
        data={"svg": svg},
        height="content",
        on_node_change=lambda: on_node(st.session_state[key].node),
        on_stage_change=lambda: on_stage(st.session_state[key].stage),
    )


def show_drawing(svg: str, *, key: str) -> None:
    """Show one SVG in the colours of the page; `st.html` would remove it, and `st.image` would ignore the theme."""
    _DIAGRAM(key=key, data={"svg": svg}, height="content")
