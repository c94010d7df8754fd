"""Predict: what one or two networks say about a photo, and which pixels mattered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Net, Photo, Subject
from app.engine.waiting import waiting
from app.predict import controls, words
from app.predict.card import answer_card
from app.predict.components.pick import picked
from app.predict.controls import MapChoice
from app.predict.reliability import how_reliable, table_of
from app.shared import explanations, presenter, sentences, sidebar
from app.shared.drawing import bars, heat
from app.shared.errors import explained
from app.shared.input_view import answers, at_hand, what_it_sees
from app.shared.map_choice import CLASS, CLASS_2, pick_class, second_target, target_choice
from app.shared.network import compare, second_network
from app.shared.slides import slide, whole_on_screen
from app.shared.verdict import heading

TOP = 5  # answers
SEEN = 240  # pixels of what each of two networks sees
WIDTHS = (176, 176, 150, 160)  # pixels of class, method, second network and its weights


@dataclass(frozen=True, eq=False)
class Asked:
    """A network, the number of its answers, the name of its class in the address, and the class of its map."""

    which: str
    answer: pd.DataFrame
    picked_as: str
    subject: Subject

    @property
    def net(self) -> Net:
        return self.subject.net


@dataclass(frozen=True, eq=False)
class Told:
    """The first answers of a network as they are shown, with its logits divided by a temperature if there is one."""

    asked: Asked
    answer: pd.DataFrame
    temperature: float | None


Shown = tuple[Told, rc.AttributionRecord]  # the answers of a network, and the map


def draw() -> None:
    shown: list[Shown] = []
    with slide("answer"):
        selection = sidebar.selection(uploader_open=True)
        with st.sidebar:
            comparing = compare()
        row = st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="asked")
        places = [row.container(width=width) for width in WIDTHS[: 4 if comparing else 2]]
        nets = [selection.net, *([second_network(places[2:])] if comparing else [])]
        asked = asked_of(nets, selection.photo, places[0])
        if not asked:
            return
        how = controls.map_choice(places[1], row)
        with explained():
            shown = side_by_side(asked, how) if comparing else [alone(asked[0], how)]
    if shown:
        sentences.about_method(rc.METHODS[how.method])
    for (told, record), column in zip(shown, st.columns(len(asked), gap="large"), strict=False):
        with column:
            about(told, record)


def asked_of(nets: Sequence[Net], photo: Photo, place: DeltaGenerator) -> list[Asked]:
    """What is asked of each network that has an answer; of another one, what to do."""
    found: list[Asked] = []
    for which, net in zip(("", "2"), nets, strict=False):
        if not at_hand(net):
            continue
        with explained():
            answer = answers(net, photo)
            if answer is None:
                continue
            if compute.model(net).weights is None:
                sentences.speaker(compute.model(net))
            if found:
                found.append(Asked(which, answer, CLASS_2, second_target(found[0].subject, net, answer)))
            else:
                found.append(Asked(which, answer, CLASS, Subject(net, photo, *target_choice(answer, place))))
    return found


def alone(asked: Asked, how: MapChoice) -> Shown:
    """The photo, the first answers, and the map of what mattered for one of them."""
    photo, answer, map_ = whole_on_screen("answer").columns(3, gap="medium")
    with photo:
        what_it_sees(asked.net, asked.subject.photo)
    return answer_and_map(asked, how, answer, map_)


def side_by_side(asked: Sequence[Asked], how: MapChoice) -> list[Shown]:
    """Answers and map of each network, and under them what it sees."""
    shown = []
    for each, column in zip(asked, whole_on_screen("answer").columns(len(asked), gap="medium"), strict=True):
        with column:
            heading(each.net.label)
            shown.append(answer_and_map(each, how, *st.columns(2, gap="small")))
            if not presenter.is_alone():
                what_it_sees(each.net, each.subject.photo, width=SEEN)
    return shown


def answer_and_map(asked: Asked, how: MapChoice, answer: DeltaGenerator, map_: DeltaGenerator) -> Shown:
    """The first answers, and the map of what mattered for one of them."""
    with answer.container(key=f"answers{asked.which}"):
        told = said(asked)
    with map_:
        st.subheader(f"What mattered for {sentences.plain(asked.subject.name)}", anchor=False)
        return told, mattered(told, how)


def said(asked: Asked) -> Told:
    """The first answers, and how often such are right."""
    network = compute.model(asked.net)
    above = st.container()
    temperature = controls.temperature(network.weights, asked.which)
    answer = asked.answer
    if temperature is not None:
        answer = compute.prediction(asked.net, asked.subject.photo, temperature=temperature)
    answer = answer.head(TOP)
    table, probability = table_of(network.weights, None), float(asked.answer["probability"].iloc[0])
    how = words.strength(table, probability)
    with above:
        st.subheader(words.verdict(network, answer["class"].iloc[0], how), anchor=False)
        st.html(bars.buttons(answer, asked.which, asked.subject.target))
        picked(asked.which, partial(pick_class, asked.picked_as, asked.answer))
        evidence = words.evidence(table, probability, scaled=temperature is not None)
        if network.weights is not None and evidence:
            st.caption(evidence)
    return Told(asked, answer, temperature)


def mattered(told: Told, how: MapChoice) -> rc.AttributionRecord:
    """The map and its legend, and all of it as a file."""
    subject, method = told.asked.subject, rc.METHODS[how.method]
    with waiting(f"{method.title} at work") as progress:
        record = compute.attribution(subject.net, subject.photo, subject.target, how.method, progress=progress)
    values = explanations.values_of(record)
    picture = explanations.painted(subject.net, subject.photo, record, how.opacity)
    st.image(
        picture.jpeg,
        width="stretch",
        output_format="JPEG",
        alt=sentences.map_alt(method, subject.name, values, explanations.drawn(subject.net, method)),
    )
    st.html(heat.legend(picture.scale, *sentences.legend_ends(record, subject.name)))
    found = explanations.check(subject.net, subject.photo, subject.target, how.method, "diagnosis").diagnosis
    if found is not None and found.sentence is not None:
        st.warning(sentences.plain(found.sentence), icon=":material/healing:")
    st.download_button(
        "Save as PNG",
        lambda: card(subject, told.answer, picture.png, f"{method.title} for {subject.name}"),
        file_name=f"{subject.net.variant}-answer.png",
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
        key=f"card{told.asked.which}",
    )
    return record


def card(subject: Subject, answer: pd.DataFrame, overlay: bytes, caption: str) -> bytes:
    """Photo, map and answers in one picture."""
    rows = [(row["class"], row["probability"], bars.percent(row["probability"])) for row in answer.to_dict("records")]
    return answer_card(compute.view(subject.net, subject.photo), overlay, subject.net.label, caption, rows)


def about(told: Told, record: rc.AttributionRecord) -> None:
    """Which weights speak, what the map shows, which answers there are, and how reliable they are."""
    network = compute.model(told.asked.net)
    if network.weights is not None:
        sentences.speaker(network)
    law = "" if network.weights is None else sentences.completeness_words(record)  # random weights: rounding may be all
    st.caption(f"{sentences.vocabulary(network)}{law}")
    how_reliable(network, float(told.answer["probability"].iloc[0]), told.temperature, told.asked.which)


draw()
