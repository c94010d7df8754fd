"""The answers of recorded nets in each epoch: to the pictures behind their curves, and to the visitor's photo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Net, Photo
from app.shared import chart
from app.shared.drawing import bars
from app.shared.errors import explained
from app.shared.input_view import what_it_sees
from app.shared.photo import photo as chosen_photo
from app.training_replay import code
from app.training_replay.charts import answers
from app.training_replay.charts.confusion import confusion_chart, confusion_words
from app.training_replay.charts.curves import LineStyles
from app.training_replay.measured import KINDS, kinds
from resnet_core.training import tables

TOP = 3


def over_test_pictures(runs: Mapping[str, rc.Run], epoch: int) -> None:
    """The answers to the pictures of each class behind the curves."""
    known = {name: run for name, run in runs.items() if (run.confusion["epoch"] == epoch).any()}
    if not known:
        return
    behind = kinds(run.measured_on for run in known.values())
    st.subheader(f"Confusions on the {behind} pictures", anchor=False)
    for (name, run), column in zip(known.items(), _two_a_row(), strict=False):
        counts = tables.counts_at(run.confusion, epoch)
        with column:
            chart.chart(
                confusion_chart(counts, name, epoch, KINDS[run.measured_on]),
                alt=confusion_words(counts, name, epoch),
                table=counts.reset_index(),
                code=code.confusion_code(run, epoch),
                name=f"{name}-confusion-{epoch}",
                key=f"confusion_{name}",
            )


def over_your_photo(runs: Mapping[str, rc.Run], styles: LineStyles, epoch: int) -> None:
    """What the nets said of the photo with the weights of that time, or with the first that were kept after it."""
    known = {name: run for name, run in runs.items() if run.epoch_weights}
    if not known:
        return
    photo = chosen_photo()
    st.subheader("What each network says", anchor=False)
    with explained():
        with st.spinner("The networks are looking", show_time=True):
            told = {name: _answers(run, photo) for name, run in known.items()}
        input_column, answers_column = st.columns([2, 7], gap="large")
        first = next(iter(known.values()))
        with input_column:
            what_it_sees(Net(first.variant, first.id), photo)
        with answers_column:
            for (name, run), column in zip(known.items(), _two_a_row(), strict=False):
                kept = answers.kept_at(run.epoch_weights, epoch)
                with column:
                    st.markdown(f"##### {name} after epoch {kept}{' (earlier ones are not here)' * (kept > epoch)}")
                    st.html(bars.probability_bars(told[name][kept].head(TOP)))
        table = tables.answers_table(known, told)
        if any(len(run.epoch_weights) > 1 for run in known.values()):
            chart.chart(
                answers.answers_chart(table, styles, epoch),
                alt=answers.answers_finding(table),
                table=table,
                code=code.answers_code(known, photo),
                name="training-answers",
                key="answers",
            )
    st.caption(answers.kept_words(known))


def _two_a_row() -> Iterator[DeltaGenerator]:
    """Endless columns, two in a row; row by row, so that they keep their order on a phone."""
    while True:
        yield from st.columns(2, gap="large")


def _answers(run: rc.Run, photo: Photo) -> dict[int, pd.DataFrame]:
    return {epoch: compute.prediction(Net(run.variant, weights), photo) for epoch, weights in run.epoch_weights.items()}
