"""A row of widgets side by side, which wraps where the window is too narrow for all of them."""

from __future__ import annotations

import streamlit as st

from app.shared.linked import Linked


def row() -> Linked:
    """A container for widgets. Buttons are as wide as their text; lists and sliders need a width in pixels."""
    return Linked(st.container(horizontal=True, gap="small", vertical_alignment="bottom"))
