"""What a visitor sees while work waits or runs: how many others come first, for how long, and how far it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

import resnet_core as rc
from app.engine.gate import poll, tell_queue

PATIENCE = 1.0  # seconds before a bar is worth looking at


@contextmanager
def waiting(for_what: str) -> Iterator[rc.Progress]:
    """A spinner, and a bar for work that reports: hand the value to what takes `progress`. Both leave when it ends.

    Each report also asks whether the visitor still waits, see `gate.poll`.
    """
    started = time.perf_counter()
    shown, ahead = 0, 0

    def report(done: int, total: int) -> None:
        nonlocal shown
        percent = int(100 * done / max(total, 1))
        if percent > shown and time.perf_counter() - started > PATIENCE:
            shown = percent
            place.progress(min(percent, 100), text=f"{percent} % of the passes are done")
        poll(done, total)

    def queued(before: int) -> None:
        nonlocal ahead
        if before != ahead and time.perf_counter() - started > PATIENCE:
            ahead = before
            place.caption(_queue(before))

    with st.spinner(for_what, show_time=True):
        place = st.empty()
        token = tell_queue.set(queued)
        try:
            yield report
        finally:
            tell_queue.reset(token)
            place.empty()


def _queue(before: int) -> str:
    if before == 0:
        return "This machine is busy: yours is next."
    others = "one other computation is" if before == 1 else f"{before} other computations are"
    return f"This machine is busy: {others} before yours. What costs less is done at once."
