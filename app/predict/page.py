"""Predict: what a network says about a photo, and which pixels mattered. One or two networks side by side."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Net, Photo
from app.engine.waiting import waiting
from app.predict import controls, words
from app.predict.card import answer_card
from app.predict.components.pick import picked
from app.predict.reliability import how_reliable, table_of
from app.shared import explanations, sentences, sidebar
from app.shared.drawing import bars, heat
from app.shared.errors import explained
from app.shared.input_view import answers, at_hand, what_it_sees
from app.shared.map_choice import MapChoice, map_choice, pick_class
from app.shared.network import compare, second_network
from app.shared.slides import slide

TOP = 5


def draw() -> None:
    selection = sidebar.selection(uploader_open=True)
    with st.sidebar:
        comparing = compare()
    if not comparing:
        panel(selection.net, selection.photo, "", wide=True)
        return
    other = second_network()
    left, right = st.columns(2, gap="large")
    for column, net, which in ((left, selection.net, ""), (right, other, "2")):
        with column:
            st.subheader(sentences.plain(net.label), anchor=False)
            panel(net, selection.photo, which, wide=False)


def panel(net: Net, photo: Photo, which: str, *, wide: bool) -> None:
    """Everything about one network."""
    if not at_hand(net):
        return
    with explained():
        answer = answers(net, photo)
        if answer is None:
            return
        network = compute.model(net)
        sentences.speaker(network)
        with slide(f"answer{which}"):
            temperature, record = answer_and_map(net, photo, answer, which, wide=wide)
        sentences.about_map(record)
        st.caption(sentences.vocabulary(network))
        how_reliable(network, first_probability(net, photo, temperature), temperature, which)


def answer_and_map(
    net: Net, photo: Photo, answer: pd.DataFrame, which: str, *, wide: bool
) -> tuple[float | None, rc.AttributionRecord]:
    """The photo, the first answers, and the map of what mattered for one of them; the temperature in use, the map."""
    if wide:
        input_column, answers_column, map_column = st.columns(3, gap="medium")
    else:
        answers_column = st.container()
        input_column, map_column = st.columns(2)
    with input_column:
        what_it_sees(net, photo)
    with map_column:
        st.subheader("What mattered", anchor=False)
    says, shows = answers_column.container(), map_column.container()
    choice = map_choice(which, answer, answers_column, map_column)
    with answers_column:
        temperature = controls.temperature(compute.model(net).weights, which)
    with says:
        shown = what_it_says(net, photo, temperature, which, choice.target)
    with shows:
        record, overlay = what_mattered(net, photo, choice)
    method = rc.METHODS[choice.method].title
    map_column.download_button(
        "Save as PNG",
        lambda: card(net, photo, shown, overlay, f"{method} for {choice.class_name}"),
        file_name=f"{net.variant}-answer.png",
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
        key=f"card{which}",
    )
    return temperature, record


def card(net: Net, photo: Photo, answer: pd.DataFrame, overlay: bytes, caption: str) -> bytes:
    """Photo, map and answers in one picture."""
    rows = [(row["class"], row["probability"], bars.percent(row["probability"])) for row in answer.to_dict("records")]
    return answer_card(compute.view(net, photo), overlay, net.label, caption, rows)


def first_probability(net: Net, photo: Photo, temperature: float | None) -> float:
    """The probability of the first answer."""
    return float(answers_at(net, photo, temperature)["probability"].iloc[0])


def answers_at(net: Net, photo: Photo, temperature: float | None) -> pd.DataFrame:
    """What the network answers, with its logits divided by a temperature."""
    return compute.prediction(net, photo, **({} if temperature is None else {"temperature": temperature}))


def what_it_says(net: Net, photo: Photo, temperature: float | None, which: str, target: int) -> pd.DataFrame:
    """The first answers, which are returned, and how often such are right.

    A temperature does not change how reliable an answer is: that comes from the table of all test pictures, not of the
    random half that T was not fitted on.
    """
    network = compute.model(net)
    plain, answer = compute.prediction(net, photo), answers_at(net, photo, temperature)
    how = words.strength(table_of(network.weights, None), float(plain["probability"].iloc[0]))
    st.subheader(words.verdict(network, answer["class"].iloc[0], how), anchor=False)
    st.html(bars.buttons(answer.head(TOP), which, target))
    picked(which, partial(pick_class, which, plain))
    if network.weights is not None:
        probability = float(answer["probability"].iloc[0])
        if known := words.answers_like_this(table_of(network.weights, temperature), probability):
            st.caption(known)
    return answer.head(TOP)


def what_mattered(net: Net, photo: Photo, choice: MapChoice) -> tuple[rc.AttributionRecord, bytes]:
    """The map and its legend; its record and its picture."""
    method = rc.METHODS[choice.method]
    with waiting(f"{method.title} at work") as progress:
        record = compute.attribution(net, photo, choice.target, choice.method, progress=progress)
    values = explanations.values_of(record)
    picture = explanations.painted(net, photo, record, choice.opacity)
    st.image(
        picture.png,
        width="stretch",
        output_format="PNG",
        alt=sentences.map_alt(method, choice.class_name, values, explanations.drawn(net, method)),
    )
    st.html(heat.legend(picture.scale, *sentences.legend_ends(record, choice.class_name)))
    found = explanations.check(net, photo, choice.target, choice.method, "diagnosis").diagnosis
    if found is not None and found.sentence is not None:
        st.warning(sentences.plain(found.sentence), icon=":material/healing:")
    return record, picture.png


draw()
