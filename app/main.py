"""The entry point: `streamlit run app/main.py`. The server gets PyTorch and the first network ready as it starts."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from app.classroom import here
from app.classroom.routes import routes
from app.ready import LOADED


@asynccontextmanager
async def ready_soon(_server: st.App) -> AsyncIterator[None]:
    """Start loading in a thread while the server already answers, so that early visitors wait no longer than before."""
    threading.Thread(target=get_ready, name="get-ready", daemon=True).start()
    yield


def get_ready() -> None:
    """Do what would take the first visitor longest: import PyTorch, then load the first network."""
    from app.shared import first, sidebar  # noqa: F401  (all that the pages need)

    LOADED.set()
    first.compute_first()


app = st.App(Path(__file__).with_name("explorer.py"), lifespan=ready_soon, routes=routes(here.phones(), here.store()))
