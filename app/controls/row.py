"""A row of widgets side by side, which wraps where the window is too narrow for all of them."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def row() -> DeltaGenerator:
    """A place for widgets. Buttons are as wide as their words; lists and sliders must be given a width in pixels."""
    return st.container(horizontal=True, gap="small", vertical_alignment="bottom")
