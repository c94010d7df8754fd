"""Which block is opened: one choice for all pages that open one."""

from __future__ import annotations

from typing import Any

from app.shared import link
from app.shared.linked import Linked


def block(names: list[str], default: str, **more: Any) -> str:
    """The name of the opened block; a click in a drawing also sets it, see `open_block`. `more` is Streamlit's."""
    return Linked().selectbox("Block", names, default=default, key="block", **more)


def open_block(name: str) -> None:
    """Choose a block in a callback, without the list."""
    link.choose("block", name)
