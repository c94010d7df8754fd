"""Which recorded runs are compared, and at which epoch."""

from __future__ import annotations

from collections import Counter
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app.engine.selection import weights_title
from app.shared import link
from app.shared.linked import Linked
from app.shared.player import Player
from app.training_replay.charts.curves import line_styles
from app.training_replay.replay import Replay
from app.training_replay.shown import STEADY
from app.training_replay.words import named
from resnet_core.weights.files import PLAIN


def replay() -> Replay | None:
    """One row of controls: the networks, Play, the epoch; None, and what to do, where no network is chosen."""
    st.html(WHOLE_ROW + STEADY)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with row:
        widgets = st.container(width="content")
        moves = st.container(horizontal=True, wrap=False, vertical_alignment="bottom", gap="small", key="moves")
    data, labels = _pictures(row)
    ours = named(run for run in rc.RUNS.values() if run.weights.data == data)
    chosen = Linked(widgets).pills(
        "Networks", list(ours), default=_ends(ours), key=f"runs_{labels[data]}", label_visibility="collapsed"
    )
    runs = {name: ours[name] for name in ours if name in chosen}
    if not runs:
        PLAYER.stop()
        st.info("Choose at least one network.", icon=":material/stacks:")
        return None
    now = epoch(max(len(run.curves) for run in runs.values()), moves)
    return Replay(tuple(runs.items()), tuple(line_styles(ours).items()), now)


def _pictures(row: DeltaGenerator) -> tuple[str, dict[str, str]]:
    """The data of the runs that can be chosen, at first those of most runs, and a short word for each."""
    counts = Counter(run.weights.data for run in rc.RUNS.values())
    labels = {data: _label(data) for data, _ in counts.most_common()}
    with row.popover("Display", icon=":material/tune:"):
        data = Linked().segmented_control(
            "Trained on", list(labels), format_func=lambda data: labels[data], key="run_data"
        )
    return data, labels


def _label(data: str) -> str:
    """A short word for the data of some runs: that of the weights."""
    return next(weights_title(run.id.removesuffix(PLAIN)) for run in rc.RUNS.values() if run.weights.data == data)


def _ends(ours: dict[str, rc.Run]) -> list[str]:
    """The shallowest and the deepest of the plain nets, and of the residual ones."""
    kinds = [[name for name, run in ours.items() if run.is_plain is plain] for plain in (True, False)]
    return [name for name in ours for kind in kinds if name in (*kind[:1], *kind[-1:])]


WHOLE_ROW = "<style>@media (max-width: 640px) {:has(> .st-key-moves) {min-width: 100%}}</style>"  # for a finger
PLAY = 104  # pixels of the button, whatever its word
PLAYER = Player("play", pace=0.8)


def epoch(last: int, row: DeltaGenerator) -> int:
    """An epoch from 1 to `last`; arrow keys move it, and Play moves it on by itself, from the first after the last."""
    if last == 1:
        PLAYER.stop()
        return 1
    now = int(link.value("epoch", 1))
    begin, go_on = (partial(link.choose, "epoch", to) for to in (1, now + 1))
    PLAYER.button(row, ended=now >= last, begin=begin, go_on=go_on, width=PLAY)
    return Linked(row).slider(
        "Epoch", 1, last, 1, key="epoch", disabled=PLAYER.playing, format="epoch %d", label_visibility="collapsed"
    )
