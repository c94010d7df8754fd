"""A finished chart on the page."""

from __future__ import annotations

import streamlit as st

from app.shared import chart
from app.shared.drawing.finished import Finished

# while it plays, words change: their lines are kept free, on a phone more of them
STEADY = """<style>
[class*="st-key-steady"] .finding {display: flex; flex-direction: column; justify-content: flex-end;
  min-height: 2.8rem}
[class*="st-key-steady_confusion"] .finding {min-height: 4.2rem}
@media (max-width: 640px) {[class*="st-key-steady"] .finding {min-height: 7.8rem}}
</style>"""


def show(finished: Finished, *, key: str) -> None:
    """What it says, the chart, and what can be taken away."""
    with st.container(gap="xsmall", key=f"steady_{key}"):
        chart.show(finished, key=key)
