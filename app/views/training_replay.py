"""Training replay: the recorded runs of our own nets, epoch by epoch, and the paper's errors beside theirs."""

from __future__ import annotations

import streamlit as st

import resnet_core as rc
from app import chart, controls, link, replay_snippets
from app.figures import paper_errors, replay, replay_norms, replay_words
from app.figures.replay_measured import measured_words, stored_words
from app.sections.answers_replayed import over_test_pictures, over_your_photo
from resnet_core.training import runs
from resnet_core.weights import catalogue


def draw() -> None:
    replayed()
    beside_the_paper()


@link.part
def replayed() -> None:
    """The runs at one epoch; moving through the epochs redraws nothing else."""
    if not rc.RUNS:
        st.info("No recorded training run comes with this package.", icon=":material/videocam_off:")
        left_out()
        return
    chosen, all_runs = controls.runs()
    if not chosen:
        st.info("Choose at least one network.", icon=":material/stacks:")
        left_out()
        return
    looks = replay.looks_of(all_runs)
    epoch = controls.epoch(max(len(run.curves) for run in chosen.values()))
    left, right = st.columns([6, 5], gap="large")
    with left:
        over_epochs(chosen, looks, epoch)
    with right:
        over_blocks(chosen, looks, epoch)
    over_test_pictures(chosen, epoch)
    over_your_photo(chosen, looks, epoch)
    unseen = replay_words.unseen(chosen)
    if unseen:
        st.info(unseen, icon=":material/stacks:")
    left_out()


def left_out() -> None:
    """Files that are damaged: of runs, and of weights."""
    if runs.LEFT_OUT:
        st.caption(f"Files that are left out: {'; '.join(runs.LEFT_OUT)}.")
    for sentence in catalogue.LEFT_OUT.values():
        st.caption(sentence)


def over_epochs(chosen: dict[str, rc.Run], looks: replay.Looks, epoch: int) -> None:
    """Errors and learning rate."""
    curves = replay_words.curves_of(chosen)
    restarts = sorted({place for run in chosen.values() for place in run.restarts})
    chart.chart(
        replay.error_chart(curves, looks, epoch, restarts),
        alt=f"{replay_words.error_finding(curves, epoch)}. {replay_words.error_words(curves, epoch)}",
        table=curves,
        code=replay_snippets.curves_code(chosen),
        name="training-errors",
        key="errors",
    )
    errors = f"{replay_words.error_words(curves, epoch)}. {measured_words(chosen)}"
    for said in filter(None, (errors, stored_words(chosen))):
        st.caption(said.replace(" %", "\N{NO-BREAK SPACE}%"))
    chart.chart(
        replay.lr_chart(curves, epoch, restarts),
        alt=replay_words.lr_finding(curves, restarts),
        table=curves[list(replay_snippets.RATES)],
        code=replay_snippets.rates_code(chosen),
        name="training-learning-rate",
        key="learning_rate",
    )


def over_blocks(chosen: dict[str, rc.Run], looks: replay.Looks, epoch: int) -> None:
    """Gradient norms of the blocks."""
    norms = replay_words.norms_of(chosen)
    chart.chart(
        replay_norms.norm_chart(norms, looks, epoch),
        alt=replay_words.norm_finding(norms, epoch),
        table=replay_words.norms_at(norms, epoch),
        code=replay_snippets.norms_code(chosen, epoch),
        name="training-gradients",
        key="norms",
    )
    st.caption(replay_words.range_words(norms))


def beside_the_paper() -> None:
    """The errors of Table 6 beside ours, and what differs in how they came about."""
    table = paper_errors.beside_paper(rc.WEIGHTS, rc.RUNS)
    st.subheader("The paper beside ours", anchor=False)
    st.markdown(f"**{paper_errors.finding(table)}**")
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        column_config={name: st.column_config.NumberColumn(format="%.2f") for name in paper_errors.COLUMNS[1:]},
        placeholder="–",
        alt=paper_errors.finding(table),
    )
    chart.files(table=table, code=replay_snippets.paper_code(), name="paper-beside-ours", key="paper", images={})
    st.caption(paper_errors.note(rc.WEIGHTS))
    st.markdown("Other data and another recipe: compare ours with each other, and with the paper only roughly.")
    st.table(paper_errors.recipes(replay_words.named(rc.RUNS.values())))


draw()
