"""An invisible part of the page: when the connection to the server is back, it runs the page again.

A restarted server does not know the fragments that a tab shows, and would not answer a click in one.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_AGAIN = st.components.v2.component(
    "resnet_explorer_again",
    html="<div></div>",
    js=Path(__file__).with_name("again.js").read_text(encoding="utf-8"),
)


def run_again_after_a_loss() -> None:
    """Put it on the page, outside of any fragment: a fragment would run alone."""
    _AGAIN(key="again", height="content", on_again_change=lambda: None)
