"""What a visitor sees while work waits or runs: how many tasks come first, the seconds, and the progress."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import streamlit as st

import resnet_core as rc
from app.engine.cluster import cluster
from app.engine.waiter import raise_if_cancelled, waiter

PATIENCE = 1.0  # seconds before a bar is worth looking at


@contextmanager
def waiting(for_what: str) -> Iterator[rc.Progress]:
    """A spinner, and a bar for work that reports to the value, which also cancels it (see `raise_if_cancelled`)."""
    started = time.perf_counter()
    percent, shown, ahead = 0, (0, ""), (-1, "")

    def report(done: int, total: int) -> None:
        nonlocal percent, shown
        percent = max(percent, min(100, int(100 * done / max(total, 1))))
        if percent and time.perf_counter() - started > PATIENCE and shown != (percent, told := cluster.said()):
            shown = percent, told
            bar.progress(percent, text=f"{percent} % of the passes are done. {told}")
        raise_if_cancelled(done, total)

    def queued(before: int) -> None:
        nonlocal ahead
        if time.perf_counter() - started > PATIENCE and ahead != (before, told := cluster.said()):
            ahead = before, told
            bar.caption(f"{_queue(before)} {told}")

    with st.spinner(for_what, show_time=True):
        bar = st.empty()
        token = waiter.set(replace(waiter.get(), on_position=queued))
        try:
            yield report
        finally:
            waiter.reset(token)
            bar.empty()


def _queue(before: int) -> str:
    if before == 0:
        return "All cores are busy: yours is next."
    others = "one other computation is" if before == 1 else f"{before} other computations are"
    return f"All cores are busy: {others} before yours. What costs less is done at once."
