"""The choices that pages share: the network in the sidebar, the photo in the page. A page draws those that it uses."""

from __future__ import annotations

import streamlit as st

from app.engine.selection import Net, Selection
from app.shared import network, photo


def net() -> Net:
    """The network, in the sidebar."""
    with st.sidebar:
        chosen = network.network()
    network.say_unknown(chosen)
    return chosen


def selection(*, uploader_open: bool = False) -> Selection:
    """The network, and the photo in a strip; with the field for files open in the page, or in a popover."""
    return Selection(net(), photo.photo(uploader_open=uploader_open))
