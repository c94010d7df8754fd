"""Which recorded runs are compared, and at which epoch."""

from __future__ import annotations

from collections import Counter

import streamlit as st

import resnet_core as rc
from app.engine.selection import weights_title
from app.shared import link
from app.shared.linked import Linked
from app.shared.row import row
from app.training_replay.words import named
from resnet_core.weights.files import PLAIN


def runs() -> tuple[dict[str, rc.Run], dict[str, rc.Run]]:
    """The chosen runs by name, none if the visitor wants none, and all on the same data, among which they are chosen.

    The default is the shallowest and the deepest plain and residual nets on the data of most runs. There must be a run.
    """
    counts = Counter(run.weights.data for run in rc.RUNS.values())
    widgets = row()
    labels = {data: _label(data) for data, _ in counts.most_common()}
    data = widgets.segmented_control(
        "Pictures",
        list(labels),
        format_func=lambda data: labels[data],
        key="run_data",
    )
    ours = named(run for run in rc.RUNS.values() if run.weights.data == data)
    chosen = widgets.pills(
        "Networks",
        list(ours),
        default=_ends(ours),
        key=f"runs_{labels[data]}",
    )
    return {name: ours[name] for name in ours if name in chosen}, ours


def _label(data: str) -> str:
    """A short word for the data of some runs: that of the weights."""
    return next(weights_title(run.id.removesuffix(PLAIN)) for run in rc.RUNS.values() if run.weights.data == data)


def _ends(ours: dict[str, rc.Run]) -> list[str]:
    """The shallowest and the deepest of the plain nets, and of the residual ones."""
    kinds = [[name for name, run in ours.items() if run.is_plain is plain] for plain in (True, False)]
    return [name for name in ours for kind in kinds if name in (*kind[:1], *kind[-1:])]


PLAYING, TURNED = "replay_playing", "replay_turned"  # in the session: whether it plays, and that this has just changed
PACE = 0.8  # seconds from epoch to epoch


def playing() -> bool:
    """Whether the replay moves on by itself."""
    return bool(st.session_state.get(PLAYING, False))


def epoch(last: int) -> int:
    """An epoch from 1 to `last`; arrow keys move it, and Play moves it on by itself, from the first after the last."""
    if last == 1:
        return 1
    now = int(link.value("epoch", 1))
    if st.session_state.pop(TURNED, False) or (playing() and now >= last):
        st.session_state[PLAYING] = playing() and now < last
        st.rerun()  # the whole page, which sets how often this part of it is drawn
    if playing():
        link.choose("epoch", now + 1)
    button, slider = st.columns([1, 7], vertical_alignment="bottom")
    with button:
        words, icon = ("Pause", "pause") if playing() else ("Play", "play_arrow")
        st.button(words, icon=f":material/{icon}:", key="play", on_click=_turn, args=(now, last), width="stretch")
    return Linked(slider).slider("Epoch", 1, last, 1, key="epoch", disabled=playing())


def _turn(now: int, last: int) -> None:
    """Play or pause, in a callback."""
    st.session_state[PLAYING], st.session_state[TURNED] = not playing(), True
    if playing() and now >= last:
        link.choose("epoch", 1)
