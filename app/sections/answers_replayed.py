"""What the nets of recorded runs answered in each epoch: to the pictures behind its curve, and to a visitor's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app import chart, compute, controls, replay_snippets
from app.figures import bars, photo_epochs
from app.figures.confusion import confusion_chart, confusion_words, counts_at
from app.figures.replay import Looks
from app.figures.replay_measured import KINDS, kinds
from app.sections.seen import what_it_sees
from app.selection import Net, Photo

TOP = 3


def over_test_pictures(runs: Mapping[str, rc.Run], epoch: int) -> None:
    """What the pictures of each class that are behind the curves were taken for."""
    known = {name: run for name, run in runs.items() if (run.confusion["epoch"] == epoch).any()}
    if not known:
        return
    behind = kinds(run.measured_on for run in known.values())
    st.subheader(f"What the {behind} pictures are taken for", anchor=False)
    for (name, run), place in zip(known.items(), _two_a_row(), strict=False):
        counts = counts_at(run.confusion, epoch)
        with place:
            chart.chart(
                confusion_chart(counts, name, epoch, KINDS[run.measured_on]),
                alt=confusion_words(counts, name, epoch),
                table=counts.reset_index(),
                code=replay_snippets.confusion_code(run, epoch),
                name=f"{name}-confusion-{epoch}",
                key=f"confusion_{name}",
            )


def over_your_photo(runs: Mapping[str, rc.Run], looks: Looks, epoch: int) -> None:
    """What the nets said of the photo with the weights of that time, or with the first that were kept after it."""
    known = {name: run for name, run in runs.items() if run.epoch_weights}
    if not known:
        return
    photo = controls.selection().photo
    st.subheader("What is said of the photo", anchor=False)
    with controls.explained():
        with st.spinner("The networks are looking", show_time=True):
            answers = {name: _answers(run, photo) for name, run in known.items()}
        seen, said = st.columns([2, 7], gap="large")
        first = next(iter(known.values()))
        with seen:
            what_it_sees(Net(first.variant, first.id), photo)
        with said:
            for (name, run), place in zip(known.items(), _two_a_row(), strict=False):
                kept = photo_epochs.kept_at(run.epoch_weights, epoch)
                with place:
                    st.markdown(f"**{name} after epoch {kept}**{' (earlier ones are not here)' * (kept > epoch)}")
                    st.html(bars.probability_bars(answers[name][kept].head(TOP)))
        table = photo_epochs.answers_table(known, answers)
        if any(len(run.epoch_weights) > 1 for run in known.values()):
            chart.chart(
                photo_epochs.answers_chart(table, looks, epoch),
                alt=photo_epochs.answers_finding(table),
                table=table,
                code=replay_snippets.answers_code(known, photo),
                name="training-answers",
                key="answers",
            )
    st.caption(photo_epochs.kept_words(known))


def _two_a_row() -> Iterator[DeltaGenerator]:
    """Places, as many as are asked for; row by row, so that they keep their order on a phone."""
    while True:
        yield from st.columns(2, gap="large")


def _answers(run: rc.Run, photo: Photo) -> dict[int, pd.DataFrame]:
    return {epoch: compute.prediction(Net(run.variant, weights), photo) for epoch, weights in run.epoch_weights.items()}
