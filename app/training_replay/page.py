"""Training replay: the recorded runs of our own nets, epoch by epoch, and the paper's errors for comparison."""

from __future__ import annotations

import streamlit as st

import resnet_core as rc
from app.shared import chart, link, slides
from app.shared.drawing.bars import UNIT
from app.shared.linked import Linked
from app.shared.verdict import verdict
from app.training_replay import code, computed, controls, words
from app.training_replay.answers import confusions, your_photo
from app.training_replay.charts import paper
from app.training_replay.measured import measured_words, stored_words
from app.training_replay.shown import show
from resnet_core.training import runs, tables
from resnet_core.weights import catalogue


def draw() -> None:
    replayed()


@link.part
def replayed() -> None:
    """The runs at one epoch, as one of several parts; a change of epoch redraws nothing else."""
    if rc.RUNS:
        parts = {
            "Errors": errors,
            "Gradients": gradients,
            "Confusions": confusions,
            "Your photo": your_photo,
            "Paper": beside_the_paper,
        }
        chosen, tab = Linked().tabs(list(parts), key="replay")
        with tab:
            parts[chosen]()
    else:
        st.info("No recorded training run comes with this package.", icon=":material/videocam_off:")
        beside_the_paper()
    damaged_files()


def errors() -> None:
    """Errors and learning rate."""
    with slides.slide("errors"):
        replay = controls.replay()
        if replay is None:
            return
        show(computed.errors(replay), key="errors")
    if unseen := words.unseen(replay.runs):
        st.info(unseen, icon=":material/stacks:")
    show(computed.rates(replay), key="learning_rate")
    if (part := Linked().expander("How the errors were measured", key="measured")).open:
        for said in filter(None, (measured_words(replay.runs), stored_words(replay.runs))):
            part.caption(said.replace(" %", UNIT))


def gradients() -> None:
    """Gradient norms of the blocks."""
    with slides.slide("gradients"):
        replay = controls.replay()
        if replay is None:
            return
        show(computed.gradients(replay), key="norms")
    st.caption(computed.gradient_range(replay))


def beside_the_paper() -> None:
    """The errors of Table 6 and ours, and how the recipes differ."""
    controls.PLAYER.stop()
    table = tables.against_paper(rc.WEIGHTS, rc.RUNS)
    with slides.slide("paper"):
        verdict(paper.finding(table), "Other data and another recipe: compare ours with each other first.")
        st.dataframe(
            table,
            hide_index=True,
            height="content",
            column_config={name: st.column_config.NumberColumn(format="%.2f") for name in tables.COLUMNS[1:]},
            placeholder="–",
            alt=paper.finding(table),
        )
    chart.files(table=table, code=code.paper_code(), name="paper-beside-ours", key="paper", images={})
    st.table(paper.recipes(words.named(rc.RUNS.values())))
    st.caption(paper.note(rc.WEIGHTS))


def damaged_files() -> None:
    """Damaged files of runs and of weights."""
    if runs.DAMAGED_FILES:
        st.caption(f"Files that are left out: {'; '.join(runs.DAMAGED_FILES)}.")
    for sentence in catalogue.DAMAGED_WEIGHTS.values():
        st.caption(sentence)


draw()
