"""Gradients: their norms at every layer across depths, plain against residual, measured while the class watches."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.engine.cluster import cluster
from app.engine.selection import Flow
from app.engine.waiter import raise_if_cancelled
from app.gradients import computed, controls, finished
from app.gradients.charts import losses
from app.gradients.networks import about
from app.shared import chart
from app.shared.errors import explained
from app.shared.linked import Linked
from app.shared.row import row
from app.shared.slides import slide


def draw() -> None:
    """One of two parts; of the other nothing is measured."""
    parts = {"Size along the layers": along_layers, "Likeness of neighbours": shattered}
    chosen, tab = Linked().tabs(list(parts), key="gradients")
    with tab, explained():
        choice = controls.gradients(row())
        if choice.left_out:
            st.info(choice.left_out, icon=":material/filter_alt:")
        if choice.flows:
            parts[chosen](choice)
        elif not choice.left_out:
            st.info("Choose at least one depth.", icon=":material/stacks:")


def along_layers(choice: controls.GradientChoice) -> None:
    """The norms, while they are measured and after that."""
    flow = slide("flow")
    with flow:
        known = measured(choice)
    if known:
        show(tuple(known), choice, flow)


def measured(choice: controls.GradientChoice) -> dict[Flow, pd.DataFrame]:
    """The rows of each network; while they are measured the chart grows net by net, and can be stopped."""
    known = computed.known_flows(choice.flows)
    missing = [flow for flow in choice.flows if flow not in known]
    placeholder = st.empty()
    if missing and controls.stopped(choice.flows):
        with placeholder.container(key="stopped"):
            st.warning(f"Stopped: {len(known)} of {len(choice.flows)} networks are measured.")
            st.button("Go on", on_click=controls.go_on)
    elif missing:
        watch(choice, known, missing, placeholder)
    return {flow: known[flow] for flow in choice.flows if flow in known}


def watch(
    choice: controls.GradientChoice,
    known: dict[Flow, pd.DataFrame],
    missing: list[Flow],
    placeholder: DeltaGenerator,
) -> None:
    """Measure what is missing into `known`, with progress, a stop button and the chart so far."""
    with placeholder.container(key="watching"):
        bar, button, so_far = st.empty(), st.empty(), st.empty()
    button.button("Stop", icon=":material/stop_circle:", on_click=controls.stop, args=(choice.flows,))

    before = len(known)

    def progress(done: int, total: int) -> None:
        text = f"Measured {before + done} of {len(choice.flows)} networks. {cluster.said()}"
        bar.progress(done / total, text=text)
        raise_if_cancelled()

    with explained():  # what was measured is shown, also if some networks could not be
        for flow, table in computed.measured(missing, watch=progress):
            known[flow] = table
            there = tuple(flow for flow in choice.flows if flow in known)
            with so_far.container():
                grown = finished.along_layers(there, choice.scale, by_layer=choice.by_layer)
                chart.drawn(grown.figure, key=f"so_far_{len(known)}")
    placeholder.empty()


def shattered(choice: controls.GradientChoice) -> None:
    """How similar the gradients of neighbouring inputs are."""
    with slide("shattering"):
        with st.spinner("Walking from one picture to another", show_time=True):
            for _ in computed.measured(choice.flows, computed.shattering):
                pass
        chart.show(finished.alike(choice.flows), key="shattering")


def show(flows: tuple[Flow, ...], choice: controls.GradientChoice, flow: DeltaGenerator) -> None:
    """What is measured: norms along the layers in the container `flow`, the two ends by depth, and the losses."""
    with flow:
        chart.show(finished.along_layers(flows, choice.scale, by_layer=choice.by_layer), key="flow")
        st.caption(finished.reading(flows, choice.scale))
        st.caption(about(flows))
    stepped = flows[0].steps > 0
    left, right = st.columns(2, gap="large") if stepped else (st.container(), None)
    with left, slide("ends"):
        chart.show(finished.ends(flows, choice.scale), key="ends")
    for sentence in losses.diverged_words(finished.loss_table(flows)):
        st.warning(sentence, icon=":material/trending_up:")
    if right is not None:
        with right, slide("losses"):
            chart.show(finished.loss(flows), key="losses")


draw()
