"""Play and pause: the sheet goes from block to block by itself, after a click and never otherwise."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.shared import block_choice

PLAYING, TURNED, BUTTON = "blocks_playing", "blocks_turned", "step_play"  # in the session; and the key of the button
WHOLE_PAGE = 2  # runs after a click: that of the part with the button, and that of the page; no block goes on in them
PACE = 1.2  # seconds from block to block


def arrive() -> None:
    """At the begin of a page: on one that the visitor has just come to, where there was no button, nothing plays."""
    if BUTTON not in st.session_state:
        st.session_state.pop(PLAYING, None)


def on() -> bool:
    """Whether it plays."""
    return bool(st.session_state.get(PLAYING, False))


def off() -> None:
    """It no longer plays: draw the whole page, which says how often this part of it is drawn."""
    if st.session_state.pop(PLAYING, False):
        st.rerun()


def button(parent: DeltaGenerator, names: list[str], layer: str) -> None:
    """Play or Pause; `names` are the blocks, from the first of which it plays after the last."""
    words, icon = ("Pause", "pause") if on() else ("Play", "play_arrow")
    parent.button(words, icon=f":material/{icon}:", key=BUTTON, on_click=_turn, args=(names, layer))


def go_on(names: list[str], layer: str) -> None:
    """Open the next block if it plays; before the list of blocks is drawn. Right after a click none goes on."""
    turned = st.session_state.get(TURNED, 0)
    if turned:
        st.session_state[TURNED] = turned - 1
        if turned == WHOLE_PAGE:
            st.rerun()
    elif on():
        here = names.index(layer) if layer in names else -1
        if here == len(names) - 1:
            off()
        block_choice.open_block(names[here + 1])


def _turn(names: list[str], layer: str) -> None:
    """Play or pause, in a callback."""
    st.session_state[PLAYING], st.session_state[TURNED] = not on(), WHOLE_PAGE
    if on() and layer == names[-1]:
        block_choice.open_block(names[0])
