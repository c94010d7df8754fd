"""The paths that the gradient of the answer comes along, and the answer read out block by block."""

from __future__ import annotations

import streamlit as st

from app.engine.selection import Selection
from app.engine.waiting import waiting
from app.lesions import code, computed, controls, words
from app.lesions.charts import paths, readout
from app.shared import chart, slides


def draw_paths(selection: Selection) -> None:
    """The gradient by the number of residual branches, over the number of paths."""
    net, photo = selection.net, selection.photo
    with waiting("The gradient is on its way") as progress:
        table = computed.spectrum(net, photo, progress=progress)
    with slides.slide("paths"):
        chart.chart(
            computed.paths_figure(net, photo),
            alt=paths.words(table, net.title),
            table=table,
            code=code.paths_code(net, photo),
            name=f"{net.variant}-paths",
            key="paths",
        )
        st.caption(words.NOT_LEARNING)
    controls.offer_a_deep_network(net)


def draw_readout(selection: Selection) -> None:
    """The head after every block of the last stage."""
    net, photo = selection.net, selection.photo
    table = computed.read_out(net, photo)
    with slides.slide("readout"):
        chart.chart(
            computed.readout_figure(net, photo),
            alt=readout.words(table),
            table=table,
            code=code.readout_code(net, photo),
            name=f"{net.variant}-readout",
            key="readout",
        )
        st.caption(words.NOT_READ)
    controls.offer_a_deep_network(net)
