"""Predict: what a network says about a photo, and which pixels mattered. One or two networks side by side."""

from __future__ import annotations

import streamlit as st

import resnet_core as rc
from app import compute, controls, explanations, words
from app.figures import bars, heat, reliability_words
from app.sections.reliability import how_reliable, table_of
from app.sections.seen import SEEN_ALONE, at_hand, has_answers, what_it_sees
from app.selection import Net, Photo
from app.waiting import waiting

TOP = 5


def draw() -> None:
    selection = controls.selection()
    if not controls.compare():
        panel(selection.net, selection.photo, "", wide=True)
        return
    other = controls.second_network()
    left, right = st.columns(2, gap="large")
    for column, net, which in ((left, selection.net, ""), (right, other, "2")):
        with column:
            st.subheader(words.plain(net.label), anchor=False)
            panel(net, selection.photo, which, wide=False)


def panel(net: Net, photo: Photo, which: str, *, wide: bool) -> None:
    """Everything about one network."""
    if not at_hand(net):
        return
    with controls.explained():
        with st.spinner("The network is looking", show_time=True):
            network = compute.model(net)
            answer = compute.prediction(net, photo)
        if not has_answers(net, answer):
            what_it_sees(net, photo, width=SEEN_ALONE)
            return
        words.speaker(network)
        if wide:
            seen, said, mattered = st.columns(3, gap="medium")
        else:
            said = st.container()
            seen, mattered = st.columns(2)
        with seen:
            what_it_sees(net, photo)
        with said:
            temperature, probability = what_it_says(net, photo, network, which)
        choice = controls.map_choice(which, answer, columns=3 if wide else 1)
        with mattered:
            record = what_mattered(net, photo, choice)
        words.about_map(record)
        how_reliable(network, probability, temperature, which)


def what_it_says(net: Net, photo: Photo, network: rc.ResNet, which: str) -> tuple[float | None, float]:
    """The first answers and how often such are right; the temperature in use, and the first answer's probability."""
    shown, weights = st.container(), network.weights
    temperature = controls.temperature(weights, which)
    answer = compute.prediction(net, photo, temperature=temperature)
    probability, table = float(answer["probability"].iloc[0]), table_of(weights, temperature)
    with shown:
        how = reliability_words.strength(table, probability)
        st.subheader(words.verdict(network, answer["class"].iloc[0], how), anchor=False)
        st.html(bars.probability_bars(answer.head(TOP)))
        if weights is not None and (known := reliability_words.answers_like_this(table, probability)):
            st.caption(known)
    st.caption(words.vocabulary(network))
    return temperature, probability


def what_mattered(net: Net, photo: Photo, choice: controls.MapChoice) -> rc.AttributionRecord:
    method = rc.METHODS[choice.method]
    st.subheader("What mattered", anchor=False)
    with waiting(f"{method.title} at work") as progress:
        record = compute.attribution(net, photo, choice.target, choice.method, progress=progress)
    values = explanations.values_of(record)
    scale = heat.scale_of(values, signed=record.signed)
    st.image(
        heat.overlay(compute.view(net, photo), values, scale, choice.opacity),
        width="stretch",
        output_format="PNG",
        alt=words.map_alt(method, choice.class_name, values),
    )
    st.html(heat.legend(scale, *words.legend_ends(record, choice.class_name)))
    found = explanations.check(net, photo, choice.target, choice.method, "diagnosis").diagnosis
    if found is not None and found.sentence is not None:
        st.warning(words.plain(found.sentence), icon=":material/healing:")
    return record


draw()
