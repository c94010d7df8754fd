"""An invisible part of the page that calls Python at a steady pace, or stands still."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

_CLOCK = st.components.v2.component(
    "resnet_explorer_clock",
    html="<div></div>",
    js=Path(__file__).with_name("clock.js").read_text(encoding="utf-8"),
)


def clock(pace: float | None, calls: int, *, key: str, on_tick: Callable[[], None]) -> None:
    """Call `on_tick`, in a callback, `pace` seconds after its last call, or never; `calls` tells how often it was.

    Unlike `run_every` of a fragment it waits for an answer that is late, and needs no run of the whole page to begin
    or to stop: such a run between two of a fragment could break the page in the browser.
    """
    told = {"pace": pace and 1000 * pace, "calls": calls}
    _CLOCK(key=f"clock_{key}", data=told, height="content", on_tick_change=on_tick)
