"""Slides: the parts of a page that a teacher shows alone, one a screen, and that a course page can frame."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

PREFIX = "slide_"


def slide(name: str) -> DeltaGenerator:
    """A container that can be shown alone: one picture or chart, its finding, the one control that matters.

    `name` is unique on the page, and the word for it in a link. A container in it whose key begins with `page_only`,
    and HTML around details of this class, is not shown then.
    """
    return st.container(key=f"{PREFIX}{name}")


def whole_on_screen(name: str) -> DeltaGenerator:
    """A container for a row of pictures, no wider than lets the whole of them stand on the screen; see `page.css`."""
    return st.container(key=f"whole_{name}")
