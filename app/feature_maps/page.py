"""Feature maps: a block under the microscope, the channels of every tensor, and what every block does along depth."""

from __future__ import annotations

import streamlit as st

from app.engine import compute
from app.engine.selection import Selection
from app.feature_maps import along, channels, computed, microscope, words
from app.shared import link, sentences, sidebar
from app.shared.errors import explained
from app.shared.input_view import at_hand
from app.shared.linked import Linked

TABS = {"Block": microscope.draw, "Channels": channels.draw, "Along depth": along.draw}


def draw() -> None:
    selection = sidebar.selection()
    if not at_hand(selection.net):
        return
    with explained():
        with st.spinner("The network is looking", show_time=True):
            compute.record(selection.net, selection.photo)
        network, view = compute.model(selection.net), compute.view(selection.net, selection.photo)
        measured = computed.measures(selection.net, selection.photo)
        trained = network.weights is not None
        if not trained and measured["finite"].all():  # an untrained network that overflows has no answer
            sentences.speaker(network)
        for problem in words.record_problems(view, measured, trained=trained):
            st.warning(problem, icon=":material/healing:")
        opened_tab(selection)
        if trained:
            sentences.speaker(network)


@link.part
def opened_tab(selection: Selection) -> None:
    """One of three views; the others are neither drawn nor computed."""
    chosen, tab = Linked().tabs(list(TABS), key="maps")
    if TABS[chosen] is not channels.draw:
        channels.PLAYER.stop()
    with tab, explained():
        TABS[chosen](selection)


draw()
