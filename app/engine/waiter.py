"""Who waits for a result: a visitor whose page is drawn, or a thread that works for him."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

import resnet_core as rc


def _raise_if_gone(_done: int, _total: int) -> None:
    """Reading the session state raises once the visitor has asked for something else.

    But not within a fragment, whose own widgets Streamlit lets wait: there the work is short.
    """
    if get_script_run_ctx(suppress_warning=True) is not None:
        st.session_state.get("any")


@dataclass(frozen=True)
class Waiter:
    """`check(done, total)` raises once nobody waits any more; `on_position` is told how many tasks come first."""

    check: rc.Progress = _raise_if_gone
    on_position: Callable[[int], None] = lambda _before: None


VISITOR = Waiter()
waiter: ContextVar[Waiter] = ContextVar("waiter", default=VISITOR)


def raise_if_cancelled(done: int = 0, total: int = 0) -> None:
    """Stop the work of this thread if nobody waits for it. A `progress` for whoever shows none."""
    waiter.get().check(done, total)
