"""The answers of recorded nets in each epoch: to the pictures behind their curves, and to the visitor's photo."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Net, Photo
from app.shared import slides
from app.shared.drawing import bars
from app.shared.errors import explained
from app.shared.input_view import what_it_sees
from app.shared.photo import photo as chosen_photo
from app.training_replay import computed, controls
from app.training_replay.charts import answers
from app.training_replay.replay import Replay
from app.training_replay.shown import show

TOP = 3
NOT_COUNTED = "Of these networks nobody counted which pictures they confuse in this epoch."
NOT_KEPT = "Of these networks no weights are here, so they cannot be asked."


def confusions() -> None:
    """The answers to the pictures of each class behind the curves."""
    first = slides.slide("confusions")
    with first:
        replay = controls.replay()
        if replay is None:
            return
        known = [net for net in replay.runs.items() if (net[1].confusion["epoch"] == replay.epoch).any()]
        if not known:
            st.info(NOT_COUNTED, icon=":material/stacks:")
            return
    for start in range(0, len(known), 2):
        with slides.slide(f"confusions_{start}") if start else first:
            for (name, run), column in zip(known[start : start + 2], st.columns(2, gap="large"), strict=False):
                with column:
                    show(computed.confusion(name, run, replay.epoch), key=f"confusion_{name}")


def your_photo() -> None:
    """What the nets said of the photo with the last weights that were kept by then."""
    with slides.slide("your_photo"):
        replay = controls.replay()
        if replay is None:
            return
        known = {name: run for name, run in replay.runs.items() if run.epoch_weights}
        if not known:
            st.info(NOT_KEPT, icon=":material/stacks:")
            return
        photo = chosen_photo()
        with explained():
            _said_of_your_photo(replay, photo, known)
    with explained(), slides.slide("your_photo_by_epoch"):
        if any(len(run.epoch_weights) > 1 and min(run.epoch_weights) <= replay.epoch for run in known.values()):
            with st.spinner("The networks are looking", show_time=True):
                finished = computed.answered(replay, photo)
            show(finished, key="answers")
    st.caption(answers.kept_words(known))


def _said_of_your_photo(replay: Replay, photo: Photo, known: dict[str, rc.Run]) -> None:
    first = next(iter(known.values()))
    input_column, answers_column = st.columns([2, 7], gap="large")
    with input_column:
        what_it_sees(Net(first.variant, first.id), photo)
    with answers_column.container(key="answers_of_nets"):
        for (name, run), column in zip(known.items(), _two_a_row(), strict=False):
            kept = answers.kept_at(run.epoch_weights, replay.epoch)
            with column:
                if kept is None:
                    st.markdown(f"##### {name}")
                    st.markdown(f"No weights are kept before epoch {min(run.epoch_weights)}.")
                    continue
                told = compute.prediction(Net(run.variant, run.epoch_weights[kept]), photo)
                st.markdown(f"##### {name} after epoch {kept}")
                st.html(bars.probability_bars(told.head(TOP)))


def _two_a_row() -> Iterator[DeltaGenerator]:
    """Endless columns, two in a row; row by row, so that they keep their order on a phone."""
    while True:
        yield from st.columns(2, gap="large")
