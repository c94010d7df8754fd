"""Lesions: blocks taken out, all subnetworks, the paths of the gradient, the answer read out early."""

from __future__ import annotations

import streamlit as st

from app.engine import compute
from app.engine.selection import Selection
from app.lesions import along, blocks, combined, computed, controls, finished, words
from app.shared import chart, input_view, link, sentences, sidebar, slides
from app.shared.errors import explained
from app.shared.linked import Linked

TABS = {
    "Blocks": blocks.draw,
    "All subnetworks": combined.draw,
    "Paths": along.draw_paths,
    "Read-out": along.draw_readout,
}


def draw() -> None:
    selection = sidebar.selection()
    if not input_view.at_hand(selection.net):
        return
    with explained():
        if input_view.answers(selection.net, selection.photo) is None:
            return
        parts(selection)
        sentences.speaker(compute.model(selection.net))


@link.part
def parts(selection: Selection) -> None:
    """One of four parts; the others are neither drawn nor computed, and what is chosen here redraws nothing else."""
    tabs = {**TABS, **({"Test set": on_test_pictures} if finished.recorded(selection.net) else {})}
    chosen, tab = Linked().tabs(list(tabs), key="lesions")
    with tab, explained():
        tabs[chosen](selection)


def on_test_pictures(selection: Selection) -> None:
    """The recorded study: what one photo cannot tell."""
    gone = tuple(controls.gone(list(computed.blocks(selection.net)["name"])))
    with slides.slide("study"):
        chart.show(finished.study(selection.net, gone), key="study")
    st.caption(words.NOT_ALL_NETS)


draw()
