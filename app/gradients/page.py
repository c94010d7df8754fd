"""Gradients: their norms at every layer across depths, plain against residual, measured while the class watches."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.engine.selection import Flow
from app.engine.waiter import raise_if_cancelled
from app.gradients import code, computed, controls, words
from app.gradients.charts import losses, norms, shattering
from app.gradients.networks import about
from app.gradients.questions import Question
from app.shared import chart
from app.shared.errors import explained
from app.shared.row import row
from app.shared.slides import slide
from resnet_core.gradients.ends import end_ratios


def draw() -> None:
    widgets = row()
    asked = controls.question(widgets)
    top = slide("question")  # a guess or an answer comes before the chart, and after what was asked
    with explained():
        choice = controls.gradients(widgets)
        if choice.left_out:
            st.info(choice.left_out, icon=":material/filter_alt:")
        if not choice.flows:
            if not choice.left_out:
                st.info("Choose at least one depth.", icon=":material/stacks:")
            return
        with top:
            if asked is not None and not controls.guess(asked):
                st.caption("First guess, then the networks are measured.")
                return
        similar, flow = slide("shattering"), slide("flow")
        with flow:
            known = measured(choice)
        if not known:
            return
        if asked is not None:
            with top:
                answered(asked)
        if asked is not None and asked.shattering:
            with similar:
                shattered(choice)
        show(known, choice, flow)


def answered(asked: Question) -> None:
    """The answer to a question, as long as the page measures what was asked."""
    if controls.as_asked(asked):
        st.info(asked.answer, icon=":material/school:")
        return
    st.info("The settings are no longer those of the question. The titles give what was measured with yours.")
    st.button("Back to the question", icon=":material/undo:", on_click=controls.ask_again, args=(asked,))


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
        bar.progress(done / total, text=f"Measured {before + done} of {len(choice.flows)} networks")
        raise_if_cancelled()

    with explained():  # what was measured is shown, also if some networks could not be
        for flow, table in computed.measured(missing, watch=progress):
            known[flow] = table
            figure = norms.flow_chart(
                together(choice.flows, known), words.QUANTITIES[choice.scale], by_layer=choice.by_layer
            )
            with so_far.container():
                chart.drawn(figure, key=f"so_far_{len(known)}")
    placeholder.empty()


def together(flows: tuple[Flow, ...], known: dict[Flow, pd.DataFrame]) -> pd.DataFrame:
    """One table in the order of the choice."""
    tables = [known[flow] for flow in flows if flow in known]
    return pd.concat(tables, ignore_index=True)


def shattered(choice: controls.GradientChoice) -> None:
    """How similar the gradients of neighbouring inputs are."""
    with st.spinner("Walking from one picture to another", show_time=True):
        found = dict(computed.measured(choice.flows, computed.shattering))
    table = together(choice.flows, found)
    chart.chart(
        shattering.shattering_chart(table),
        alt=shattering.finding(table),
        table=table,
        code=code.shattering_code(choice.flows),
        name="shattering",
        key="shattering",
    )


def show(known: dict[Flow, pd.DataFrame], choice: controls.GradientChoice, flow: DeltaGenerator) -> None:
    """The norms along the layers in the container `flow`, the two ends by depth, and the losses."""
    table = together(choice.flows, known)
    quantity = words.QUANTITIES[choice.scale]
    with flow:
        chart.chart(
            norms.flow_chart(table, quantity, by_layer=choice.by_layer),
            alt=words.flow_words(table, quantity),
            table=table,
            code=code.flows_code(choice.flows),
            name="gradients",
            key="flow",
        )
        zeros = words.zero_words(table, double=choice.flows[0].double)
        st.caption(f"{zeros} {quantity.reading}".lstrip())
        st.caption(about(choice.flows))
    stepped = choice.flows[0].steps > 0
    left, right = st.columns(2, gap="large") if stepped else (st.container(), None)
    with left, slide("ends"):
        chart.chart(
            norms.ratio_chart(table, quantity),
            alt=words.ratio_words(table, quantity),
            table=end_ratios(table, quantity.column),
            code=code.ends_code(choice.flows, quantity.column),
            name="gradients-ends",
            key="ends",
        )
    table = losses.loss_table([(f.title, f.shortcut, f.seed, t.attrs["losses"]) for f, t in known.items()])
    for sentence in losses.diverged_words(table):
        st.warning(sentence, icon=":material/trending_up:")
    if right is not None:
        with right, slide("losses"):
            chart.chart(
                losses.loss_chart(table),
                alt=losses.loss_words(table),
                table=table,
                code=code.losses_code(choice.flows),
                name="gradients-losses",
                key="losses",
            )


draw()
