"""Which block is opened: one choice for all pages that open one."""

from __future__ import annotations

from app.shared import link
from app.shared.linked import Linked


def block(names: list[str], default: str) -> str:
    """The place that is opened: a block by its name; a click in a drawing chooses here, see `open_block`."""
    return Linked().selectbox("Opened", names, default=default, key="block")


def open_block(name: str) -> None:
    """Choose a block from outside the list, in a callback."""
    link.choose("block", name)
