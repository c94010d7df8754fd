"""Predict: what a network says about a photo, and which pixels mattered. One or two networks side by side."""

from __future__ import annotations

import streamlit as st

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Net, Photo
from app.engine.waiting import waiting
from app.predict import controls, words
from app.predict.reliability import how_reliable, table_of
from app.shared import explanations, sentences, sidebar
from app.shared.drawing import bars, heat
from app.shared.errors import explained
from app.shared.input_view import answers, at_hand, what_it_sees
from app.shared.map_choice import MapChoice, map_choice
from app.shared.network import compare, second_network

TOP = 5


def draw() -> None:
    selection = sidebar.selection()
    if not compare():
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
        if wide:
            input_column, answers_column, map_column = st.columns(3, gap="medium")
        else:
            answers_column = st.container()
            input_column, map_column = st.columns(2)
        with input_column:
            what_it_sees(net, photo)
        with answers_column:
            temperature, probability = what_it_says(net, photo, network, which)
        choice = map_choice(which, answer, columns=3 if wide else 1)
        with map_column:
            record = what_mattered(net, photo, choice)
        sentences.about_map(record)
        how_reliable(network, probability, temperature, which)


def what_it_says(net: Net, photo: Photo, network: rc.ResNet, which: str) -> tuple[float | None, float]:
    """The first answers and how often such are right; the temperature in use, and the first answer's probability.

    A temperature does not change how reliable an answer is: that comes from the table of all test pictures, not of the
    random half that T was not fitted on.
    """
    shown, weights = st.container(), network.weights
    temperature = controls.temperature(weights, which)
    plain = answer = compute.prediction(net, photo)
    if temperature is not None:
        answer = compute.prediction(net, photo, temperature=temperature)
    probability, table = float(answer["probability"].iloc[0]), table_of(weights, temperature)
    with shown:
        how = words.strength(table_of(weights, None), float(plain["probability"].iloc[0]))
        st.subheader(words.verdict(network, answer["class"].iloc[0], how), anchor=False)
        st.html(bars.probability_bars(answer.head(TOP)))
        if weights is not None and (known := words.answers_like_this(table, probability)):
            st.caption(known)
    st.caption(sentences.vocabulary(network))
    return temperature, probability


def what_mattered(net: Net, photo: Photo, choice: MapChoice) -> rc.AttributionRecord:
    method = rc.METHODS[choice.method]
    st.subheader("What mattered", anchor=False)
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
    return record


draw()
