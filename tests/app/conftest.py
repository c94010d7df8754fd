"""What tests of several pages share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.shared import player

Tick = Callable[[AppTest], bool]


@pytest.fixture
def tick(monkeypatch: pytest.MonkeyPatch) -> Tick:
    """Lets the clock of what plays tick once; False where none runs. A button stands for the one in the browser."""

    def clock(pace: float | None, calls: int, *, key: str, on_tick: Callable[[], None]) -> None:
        st.button("tick", key=f"clock_{key}", on_click=on_tick, disabled=pace is None)

    monkeypatch.setattr(player, "clock", clock)

    def once(app: AppTest) -> bool:
        clocks = [
            button for button in app.button if button.key and button.key.startswith("clock_") and not button.disabled
        ]
        for button in clocks:
            button.click().run()
        return bool(clocks)

    return once
