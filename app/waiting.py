"""What a visitor sees while work runs: at first nothing, then what is at work and for how long, then how far it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

import resnet_core as rc
from app import compute

PATIENCE = 1.0  # seconds before a bar is worth looking at


@contextmanager
def waiting(for_what: str) -> Iterator[rc.Progress]:
    """A spinner, and a bar for work that reports: hand the value to what takes `progress`. Both leave when it ends.

    Each report also asks whether the visitor still waits, see `compute.poll`.
    """
    started = time.perf_counter()
    shown = 0

    def report(done: int, total: int) -> None:
        nonlocal shown
        percent = int(100 * done / max(total, 1))
        if percent > shown and time.perf_counter() - started > PATIENCE:
            shown = percent
            place.progress(min(percent, 100), text=f"{percent} % of the passes are done")
        compute.poll(done, total)

    with st.spinner(for_what, show_time=True):
        place = st.empty()
        try:
            yield report
        finally:
            place.empty()
