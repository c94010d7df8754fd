"""Play and Pause: a part of a page goes on by itself after a click, until the last step, a click, or another page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.shared import link
from app.shared.components.clock import clock


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

    def button(
        self,
        parent: DeltaGenerator,
        *,
        ended: bool,
        begin: Callable[[], None],
        go_on: Callable[[], None],
        **looks: Any,
    ) -> None:
        """Play or Pause. In callbacks `begin` goes to the first step, where one plays what has `ended`, `go_on` on.

        Draw it in the part of the page that plays, for that is what its clock draws anew.
        """
        words, icon = (self.pause, "pause") if self.playing else (self.play, "play_arrow")
        parent.button(
            words, icon=f":material/{icon}:", key=self.name, on_click=self._turn, args=(ended, begin), **looks
        )
        with parent:  # always, for an element that comes or goes moves all after it
            clock(
                self.pace if self.playing else None,
                st.session_state.get(f"{self.name}_calls", 0),
                key=self.name,
                on_tick=lambda: self._step(ended, go_on),
            )

    def stop(self) -> None:
        """It stands still from now on; call it before the button is drawn, or where it is not."""
        st.session_state[f"{self.name}_plays"] = None

    def _turn(self, ended: bool, begin: Callable[[], None]) -> None:
        """Play or pause, in a callback."""
        if self.playing:
            self.stop()
            return
        st.session_state[f"{self.name}_plays"] = link.visit()
        if ended:
            begin()

    def _step(self, ended: bool, go_on: Callable[[], None]) -> None:
        """Go on, or stop after the last step, in a callback; a tick may come just after a click on Pause."""
        if not self.playing:
            return
        st.session_state[f"{self.name}_calls"] = st.session_state.get(f"{self.name}_calls", 0) + 1
        if ended:
            self.stop()
        else:
            go_on()
