"""The entry point: `streamlit run app/main.py`. The server gets PyTorch and the first network ready as it starts."""

from __future__ import annotations

import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import streamlit as st

from app.classroom import here
from app.classroom.routes import routes
from app.ready import LOADED

Handler = Any  # what `signal.signal` takes


@asynccontextmanager
async def ready_soon(_server: st.App) -> AsyncIterator[None]:
    """Start loading in a thread while the server already answers, so that early visitors wait no longer than before."""
    end_streams_first()
    threading.Thread(target=get_ready, name="get-ready", daemon=True).start()
    yield


def end_streams_first() -> None:
    """A server that is told to stop waits for the streams to phones, which never end: the signal ends them first."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ended(signal.getsignal(number)))


def ended(then: Handler) -> Handler:
    """A handler of a signal that ends the streams, then does what the one before did."""

    def handle(number: int, frame: FrameType | None) -> None:
        here.phones().close()
        if callable(then):
            then(number, frame)

    return handle if callable(then) else then


def get_ready() -> None:
    """Do what would take the first visitor longest: import PyTorch, join the cluster, load the first network."""
    from app.engine.allocator import keep_what_is_imported
    from app.engine.cluster import cluster
    from app.shared import first, sidebar  # noqa: F401  (all that the pages need)

    LOADED.set()
    keep_what_is_imported()
    cluster.pool()  # which begins to ask for it
    first.compute_first()


app = st.App(Path(__file__).with_name("explorer.py"), lifespan=ready_soon, routes=routes(here.phones(), here.store()))
