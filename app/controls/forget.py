"""Choices that another choice has taken away."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st


def forget_unless(key: str, offered: Sequence[object]) -> None:
    """Drop what the visitor chose under `key` if it is not offered any more; the widget then takes its default."""
    if st.session_state.get(key) not in [None, *offered]:
        del st.session_state[key]
