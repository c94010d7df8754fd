"""Training replay: the recorded runs of our own nets, epoch by epoch, and the paper's errors for comparison."""

from __future__ import annotations

import streamlit as st

import resnet_core as rc
from app.shared import chart, link
from app.training_replay import code, controls, words
from app.training_replay.answers import over_test_pictures, over_your_photo
from app.training_replay.charts import curves, norms, paper
from app.training_replay.measured import measured_words, stored_words
from resnet_core.training import runs, tables
from resnet_core.weights import catalogue


def draw() -> None:
    link.part(replayed, every=controls.PACE if controls.playing() else None)()
    beside_the_paper()


def replayed() -> None:
    """The runs at one epoch; a change of epoch redraws nothing else."""
    if not rc.RUNS:
        st.info("No recorded training run comes with this package.", icon=":material/videocam_off:")
        damaged_files()
        return
    chosen, all_runs = controls.runs()
    if not chosen:
        st.info("Choose at least one network.", icon=":material/stacks:")
        damaged_files()
        return
    styles = curves.line_styles(all_runs)
    epoch = controls.epoch(max(len(run.curves) for run in chosen.values()))
    left, right = st.columns([6, 5], gap="large")
    with left:
        over_epochs(chosen, styles, epoch)
    with right:
        over_blocks(chosen, styles, epoch)
    if controls.playing():
        return  # what stands below follows when it pauses
    over_test_pictures(chosen, epoch)
    over_your_photo(chosen, styles, epoch)
    unseen = words.unseen(chosen)
    if unseen:
        st.info(unseen, icon=":material/stacks:")
    damaged_files()


def damaged_files() -> None:
    """Damaged files of runs and of weights."""
    if runs.DAMAGED_FILES:
        st.caption(f"Files that are left out: {'; '.join(runs.DAMAGED_FILES)}.")
    for sentence in catalogue.DAMAGED_WEIGHTS.values():
        st.caption(sentence)


def over_epochs(chosen: dict[str, rc.Run], styles: curves.LineStyles, epoch: int) -> None:
    """Errors and learning rate."""
    table = tables.curves_of(chosen)
    restarts = sorted({epoch for run in chosen.values() for epoch in run.restarts})
    chart.chart(
        curves.error_chart(table, styles, epoch, restarts),
        alt=f"{words.error_finding(table, epoch)}. {words.error_words(table, epoch)}",
        table=table,
        code=code.curves_code(chosen),
        name="training-errors",
        key="errors",
    )
    errors = f"{words.error_words(table, epoch)}. {measured_words(chosen)}"
    for said in filter(None, (errors, stored_words(chosen))):
        st.caption(said.replace(" %", "\N{NO-BREAK SPACE}%"))
    chart.chart(
        curves.lr_chart(table, epoch, restarts),
        alt=words.lr_finding(table, restarts),
        table=table[list(code.RATES)],
        code=code.rates_code(chosen),
        name="training-learning-rate",
        key="learning_rate",
    )


def over_blocks(chosen: dict[str, rc.Run], styles: curves.LineStyles, epoch: int) -> None:
    """Gradient norms of the blocks."""
    table = tables.norms_of(chosen)
    chart.chart(
        norms.norm_chart(table, styles, epoch),
        alt=words.norm_finding(table, epoch),
        table=tables.norms_at(table, epoch),
        code=code.norms_code(chosen, epoch),
        name="training-gradients",
        key="norms",
    )
    st.caption(words.range_words(table))


def beside_the_paper() -> None:
    """The errors of Table 6 and ours, and how the recipes differ."""
    table = tables.against_paper(rc.WEIGHTS, rc.RUNS)
    st.subheader("The paper beside ours", anchor=False)
    st.markdown(f"**{paper.finding(table)}**")
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        column_config={name: st.column_config.NumberColumn(format="%.2f") for name in tables.COLUMNS[1:]},
        placeholder="–",
        alt=paper.finding(table),
    )
    chart.files(table=table, code=code.paper_code(), name="paper-beside-ours", key="paper", images={})
    st.caption(paper.note(rc.WEIGHTS))
    st.markdown("Other data and another recipe: compare ours with each other, and with the paper only roughly.")
    st.table(paper.recipes(words.named(rc.RUNS.values())))


draw()
