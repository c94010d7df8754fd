"""Who is there: a line in the teacher's panel that looks by itself.

It is no fragment that Streamlit runs every second: such a run can begin just as the run of a click ends, and then what
that one drew last never reaches the browser.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.classroom import here

_LINE = st.components.v2.component(
    "resnet_explorer_presence",
    html="<p></p>",
    css="p { margin: 0; }",
    js=(Path(__file__).parent / "components" / "presence.js").read_text(encoding="utf-8"),
)


def show(code: str) -> None:
    """How many of a class are here, how many have voted, how many photos wait. Raises `ClassError`."""
    _LINE(key="presence", data={"code": code, "seen": here.phones().presence(code)}, height="content")
