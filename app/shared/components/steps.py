"""An invisible part of the page: in the browser's history each page is one step, whatever is chosen on it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_STEPS = st.components.v2.component(
    "resnet_explorer_steps",
    html="<div></div>",
    js=Path(__file__).with_name("steps.js").read_text(encoding="utf-8"),
)


def one_step_a_page() -> None:
    """Put it on every page."""
    _STEPS(key="one_step_a_page", height="content")
