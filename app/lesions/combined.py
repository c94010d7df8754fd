"""All subnetworks of a network as one picture, and what each block is worth in them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.engine import compute
from app.engine.selection import Selection
from app.engine.waiting import waiting
from app.lesions import code, computed, controls, words
from app.lesions.charts import shapley, subnetworks
from app.shared import chart, slides


def draw(selection: Selection) -> None:
    """Every subnetwork as a dot; below, the Shapley values of the blocks."""
    net, photo = selection.net, selection.photo
    with waiting("The subnetworks are looking") as progress:
        found = computed.every_subnetwork(net, photo, progress=progress)
    answer = str(compute.prediction(net, photo)["class"].iloc[0])
    with slides.slide("subnetworks"):
        chart.chart(
            computed.subnetworks_figure(net, photo, answer),
            alt=subnetworks.words(found, answer),
            table=found.table,
            code=code.subnetworks_code(net, photo, found.orders),
            name=f"{net.variant}-subnetworks",
            key="subnetworks",
        )
        st.caption(words.NOT_AN_ENSEMBLE)
    if sampled := words.sampled(found.orders, len(found.shapley)):
        st.caption(sampled)
    controls.offer_a_deep_network(net)
    with slides.slide("shapley"):
        chart.chart(
            computed.shapley_figure(net, photo, answer),
            alt=shapley.words(found, answer),
            table=pd.concat([found.shapley, found.margin], axis=1).reset_index(),
            code=code.shapley_code(net, photo, found.orders),
            name=f"{net.variant}-shapley",
            key="shapley",
        )
        st.caption(words.NOT_WORTH)
