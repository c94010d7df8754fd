"""The paths that the gradient of the answer comes along, and the answer read out block by block."""

from __future__ import annotations

import streamlit as st

from app.engine.selection import Selection
from app.engine.waiting import waiting
from app.lesions import computed, controls, finished, words
from app.shared import chart, slides


def draw_paths(selection: Selection) -> None:
    """The gradient by the number of residual branches, over the number of paths."""
    net, photo = selection.net, selection.photo
    with waiting("The gradient is on its way") as progress:
        computed.spectrum(net, photo, progress=progress)
    with slides.slide("paths"):
        chart.show(finished.by_path(net, photo), key="paths")
        st.caption(words.NOT_LEARNING)
    controls.offer_a_deep_network(net)


def draw_readout(selection: Selection) -> None:
    """The head after every block of the last stage."""
    with slides.slide("readout"):
        chart.show(finished.block_by_block(selection.net, selection.photo), key="readout")
        st.caption(words.NOT_READ)
    controls.offer_a_deep_network(selection.net)
