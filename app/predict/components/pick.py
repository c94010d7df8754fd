"""An invisible part of the page that hears clicks on the bars of `app.shared.drawing.bars`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

_PICK = st.components.v2.component(
    "resnet_explorer_pick",
    html="<div></div>",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)


def picked(which: str, on_pick: Callable[[str], None]) -> None:
    """A click on a bar of the network `which` calls `on_pick` with the number of its class before the next run."""
    key = f"pick{which}"
    _PICK(key=key, data={"net": which}, height="content", on_pick_change=lambda: on_pick(st.session_state[key].pick))
