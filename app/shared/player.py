"""Play and Pause: a part of a page goes on by itself after a click, until the last step, a click, or another page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.shared import link

P = ParamSpec("P")
RUNS = 2  # after a click: of the part with the button, then of the whole page; none of them is a step


@dataclass(frozen=True)
class Player:
    """What plays: `name` is the key of its button, `pace` the seconds from step to step; then its words."""

    name: str
    pace: float
    play: str = "Play"
    pause: str = "Pause"

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself; not on another visit to the page."""
        return bool(st.session_state.get(f"{self.name}_plays") == link.visit())

    def part(self, draw: Callable[P, None]) -> Callable[P, None]:
        """A part of the page, see `link.part`, which is drawn again and again while it plays."""
        return link.part(draw, every=self.pace if self.playing else None)

    def button(self, parent: DeltaGenerator, *, ended: bool, begin: Callable[[], None], **looks: Any) -> None:
        """Play or Pause; `begin` goes to the first step, in a callback, where one plays what has `ended`."""
        words, icon = (self.pause, "pause") if self.playing else (self.play, "play_arrow")
        parent.button(
            words, icon=f":material/{icon}:", key=self.name, on_click=self._turn, args=(ended, begin), **looks
        )

    def goes_on(self, *, ended: bool) -> bool:
        """Whether this run is one step further; call it before the step is drawn, with whether the last has `ended`."""
        turned = st.session_state.get(f"{self.name}_turned", 0)
        if turned:
            st.session_state[f"{self.name}_turned"] = turned - 1
            if turned == RUNS:
                st.rerun()  # the whole page, which says how often this part of it is drawn
            return False
        if ended:
            self.stop()
        return self.playing

    def stop(self) -> None:
        """It stands still from now on."""
        if self.playing:
            self._set(False)
            st.rerun()

    def _turn(self, ended: bool, begin: Callable[[], None]) -> None:
        """Play or pause, in a callback."""
        self._set(not self.playing)
        st.session_state[f"{self.name}_turned"] = RUNS
        if self.playing and ended:
            begin()

    def _set(self, on: bool) -> None:
        st.session_state[f"{self.name}_plays"] = link.visit() if on else None
