"""What tests of several pages share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from app.shared import player

Tick = Callable[[AppTest], bool]


@pytest.fixture(scope="session", autouse=True)
def one_look_at_the_packages() -> Iterator[None]:
    """Streamlit's test runner looks for components in every installed package, each time that a test opens the app."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


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
