"""Gradients: their norms at every layer across depths, plain against residual, measured while the class watches."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import chart, compute, controls, snippets
from app.figures import gradients, shattering
from app.selection import Flow


def draw() -> None:
    photo = controls.selection().photo
    own = None if photo.is_sample else photo
    asked = controls.question()
    st.caption("All networks here are built and measured now, untrained; the network in the sidebar plays no part.")
    with controls.explained():
        choice = controls.gradients(own)
        if not choice.flows:
            st.info("Choose at least one depth.", icon=":material/stacks:")
            return
        if asked is not None and not controls.guess(asked):
            st.caption("First guess, then the networks are measured.")
            return
        known = measured(choice)
        if not known:
            return
        if asked is not None:
            st.info(asked.answer, icon=":material/school:")
        if asked is not None and asked.shattering:
            shattered(choice)
        show(known, choice)


def measured(choice: controls.GradientChoice) -> dict[Flow, pd.DataFrame]:
    """The rows of each network; while they are measured the chart grows net by net, and can be stopped."""
    known = compute.known_flows(choice.flows)
    missing = [flow for flow in choice.flows if flow not in known]
    place = st.container()
    if missing and controls.stopped(choice.flows):
        with place:
            st.warning(f"Stopped: {len(known)} of {len(choice.flows)} networks are measured.")
            st.button("Go on", on_click=controls.go_on)
    elif missing:
        watch(choice, known, missing, place)
    return {flow: known[flow] for flow in choice.flows if flow in known}


def watch(
    choice: controls.GradientChoice,
    known: dict[Flow, pd.DataFrame],
    missing: list[Flow],
    place: st.delta_generator.DeltaGenerator,
) -> None:
    """Measure what is missing into `known`, with progress, a stop button and the chart so far."""
    with place:
        bar, button, so_far = st.empty(), st.empty(), st.empty()
    button.button("Stop", icon=":material/stop_circle:", on_click=controls.stop, args=(choice.flows,))

    before = len(known)

    def progress(done: int, total: int) -> None:
        bar.progress(done / total, text=f"Measured {before + done} of {len(choice.flows)} networks")
        compute.poll()

    for flow, table in compute.measured_flows(missing, watch=progress):
        known[flow] = table
        figure = gradients.flow_chart(
            together(choice.flows, known), gradients.QUANTITIES[choice.scale], by_layer=choice.by_layer
        )
        so_far.plotly_chart(figure, width="stretch", key=f"so_far_{len(known)}")
    for element in (bar, button, so_far):
        element.empty()


def together(flows: tuple[Flow, ...], known: dict[Flow, pd.DataFrame]) -> pd.DataFrame:
    """One table in the order of the choice."""
    tables = [known[flow] for flow in flows if flow in known]
    return pd.concat(tables, ignore_index=True)


def shattered(choice: controls.GradientChoice) -> None:
    """How alike the gradients of neighbouring inputs are, with the first seed."""
    flows = [flow for flow in choice.flows if flow.seed == 0]
    with st.spinner("Walking from one picture to another", show_time=True):
        table = pd.concat([compute.shattering(flow) for flow in flows], ignore_index=True)
    chart.chart(
        shattering.shattering_chart(table),
        alt=shattering.finding(table),
        table=table,
        code=snippets.shattering_code(flows),
        name="shattering",
        key="shattering",
    )


def show(known: dict[Flow, pd.DataFrame], choice: controls.GradientChoice) -> None:
    """The norms along the layers, the two ends by depth, and the losses."""
    table = together(choice.flows, known)
    quantity = gradients.QUANTITIES[choice.scale]
    code = snippets.flows_code(choice.flows)
    name = "gradients"
    chart.chart(
        gradients.flow_chart(table, quantity, by_layer=choice.by_layer),
        alt=gradients.flow_words(table, quantity),
        table=table,
        code=code,
        name=name,
        key="flow",
    )
    st.caption(quantity.reading)
    left, right = st.columns(2, gap="large")
    with left:
        chart.chart(
            gradients.ratio_chart(table),
            alt=gradients.ratio_words(table),
            table=gradients.end_ratios(table),
            code=f"{code}\n\nfrom app.figures.gradients import end_ratios\ntable = end_ratios(table)",
            name=f"{name}-ends",
            key="ends",
        )
    losses = gradients.loss_table([(f.title, f.shortcut, f.seed, t.attrs["losses"]) for f, t in known.items()])
    for net, step in gradients.diverged(losses).items():
        st.warning(
            f"{net} diverged: after {step} steps its loss is not a finite number.", icon=":material/trending_up:"
        )
    if losses["step"].any():
        with right:
            chart.chart(
                gradients.loss_chart(losses),
                alt=gradients.loss_words(losses),
                table=losses,
                code=snippets.losses_code(choice.flows),
                name=f"{name}-losses",
                key="losses",
            )


draw()
