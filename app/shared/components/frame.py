"""A button that copies the HTML of a frame with one slide of the page, for a course page or a slide deck."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.shared.components.buttons import BUTTONS

_FRAME = st.components.v2.component(
    "resnet_explorer_frame",
    html='<button type="button" title="The HTML of a frame for a course page: this picture alone">Copy frame</button>',
    css=BUTTONS,
    js=Path(__file__).with_name("frame.js").read_text(encoding="utf-8"),
)


def copy_frame(anchor: str, *, title: str) -> None:
    """A button for the slide around the container with the key `anchor`; none where that stands in no slide."""
    _FRAME(key=f"{anchor}_frame", data={"anchor": anchor, "title": title}, width="content", height="content")
