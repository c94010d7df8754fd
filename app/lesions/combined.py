"""All subnetworks of a network as one picture, and what each block is worth in them."""

from __future__ import annotations

import streamlit as st

from app.engine.selection import Selection
from app.engine.waiting import waiting
from app.lesions import computed, controls, finished, words
from app.shared import chart, slides


def draw(selection: Selection) -> None:
    """Every subnetwork as a dot; below, the Shapley values of the blocks."""
    net, photo = selection.net, selection.photo
    with waiting("The subnetworks are looking") as progress:
        found = computed.every_subnetwork(net, photo, progress=progress)
    with slides.slide("subnetworks"):
        chart.show(finished.every_subnetwork(net, photo), key="subnetworks")
        st.caption(words.NOT_AN_ENSEMBLE)
    if sampled := words.sampled(found.orders, len(found.shapley)):
        st.caption(sampled)
    controls.offer_a_deep_network(net)
    with slides.slide("shapley"):
        chart.show(finished.worth(net, photo), key="shapley")
        st.caption(words.NOT_WORTH)
