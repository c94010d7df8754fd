"""What can be taken away: each map as files, and all of the page in one report, written on demand."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

import resnet_core as rc
from app.attributions import code, computed, controls, words
from app.attributions.cards import ShownMap, checked
from app.attributions.charts import cascade, curves, legend, trust_card
from app.attributions.checks import drawn_of, games_of, judged, matrix_of, randomisations
from app.attributions.maps_part import NO_METHOD, maps_without_checks, second_map
from app.attributions.question import Question
from app.attributions.report import Section, report
from app.engine import compute
from app.engine.selection import Net, Subject
from app.shared import chart, explanations, sentences, slides
from app.shared.drawing import heat
from app.shared.errors import explained

THUMBNAIL = 110  # pixels of a map beside its files


def to_keep(question: Question) -> None:
    """Each map as files with the code for it, and the report. With a second network its maps, too."""
    if not question.methods:
        st.info(NO_METHOD, icon=":material/stacks:")
        return
    shown, seconds = maps_to_keep(question)
    with slides.slide("keep"):
        for number, first in enumerate(shown):
            for which, each in (("", first), *(("2", second) for second in seconds[number : number + 1])):
                if each is not None:
                    files_of(each, which)
        st.download_button(
            "Report of these maps (HTML)",
            partial(report_of, question.subject, shown, seconds),
            file_name=f"{question.subject.net.variant}-attributions.html",
            mime="text/html",
            icon=":material/description:",
            on_click="ignore",
            key="report",
        )
    st.caption("One file with the maps, their cards and all checks that were asked for. It opens without a network.")


def maps_to_keep(question: Question) -> tuple[list[ShownMap], list[ShownMap | None]]:
    """The maps with their checks: of the first network, and of the second, where there is one."""
    checks = controls.chosen_checks()
    shown: list[ShownMap] = []
    for each in maps_without_checks(question):
        with explained():
            shown.append(checked(each, checks))
    if question.other is None:
        return shown, []
    return shown, [second_map(question, question.other, each.record.method, each) for each in shown]


def files_of(shown: ShownMap, which: str) -> None:
    """One map as files, and the code for it; `which` is "2" for the second network."""
    net, how, values = shown.subject.net, shown.how, explanations.values_of(shown.record)
    picture, words = st.columns([1, 4], vertical_alignment="center")
    with picture:
        st.image(shown.picture.jpeg, width=THUMBNAIL, output_format="JPEG", alt=shown.drawing.alt)
    with words:
        st.markdown(f"**{how.title}**, {sentences.plain(net.label)}")
        chart.files(
            table=pd.DataFrame(values),
            code=code.map_code(shown.subject, shown.record.method, shown.options),
            name=f"{net.variant}-{net.weights}-{shown.record.method}".replace(" ", "-"),
            key=f"files{which}_{shown.record.method}",
            images={
                "PNG": shown.picture.png,
                "SVG": lambda: legend.svg(shown.picture, (how.title, net.label), *shown.drawing.ends),
                "NPY": lambda: npy(values),
            },
        )


def npy(values: NDArray[np.float32]) -> bytes:
    """The values as a file for numpy."""
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


def report_of(subject: Subject, shown: Sequence[ShownMap], seconds: Sequence[ShownMap | None]) -> str:
    """The file."""
    net, photo = subject.net, subject.photo
    facts = [
        ("Network", net.label),
        ("Weights", _weights_words(net)),
        ("Photo", f"{photo.title}. {photo.credit}" if photo.is_sample else photo.title),
        ("Class", f"{subject.name} ({subject.target})"),
    ]
    other = next((each.subject for each in seconds if each is not None), None)
    if other is not None:
        facts += [
            ("Second network", other.net.label),
            ("Its weights", _weights_words(other.net)),
            ("Its class", f"{other.name} ({other.target})"),
        ]
    parts = [Section("What the network sees", picture=heat.enlarged(compute.view(net, photo)), alt=photo.title)]
    for number, each in enumerate(shown):
        both = (each, *seconds[number : number + 1])
        parts += [_map_section(some, named=other is not None) for some in both if some is not None]
        parts += [_cascade_section(each, found) for found in randomisations(each)]
    if len(shown) > 1:
        matrix = matrix_of(shown)
        tables = (("Rank correlations", matrix.rename_axis("method").reset_index()),)
        parts.append(Section("Agreement", words.finding(matrix, drawn_of(shown)), tables=tables))
    played = games_of(shown)
    if played is not None:
        for game in curves.CURVES:
            of = (played, game, judged(shown), drawn_of(shown))
            alt, figure = curves.curves_words(*of), curves.curves_chart(*of[:3])
            parts.append(Section(game.capitalize(), alt=alt, figure=figure))
    return report(f"Why {subject.name}? {net.label}", facts, parts)


def _weights_words(net: Net) -> str:
    weights = compute.model(net).weights
    return "random, seed 0" if weights is None else f"{weights.id}; {weights.data or 'data not told'}"


def _map_section(shown: ShownMap, *, named: bool) -> Section:
    """One map; `named` adds the network to its heading."""
    options = {"option": list(shown.record.options), "value": [str(value) for value in shown.record.options.values()]}
    return Section(
        f"{shown.how.title}, {shown.subject.net.label}" if named else shown.how.title,
        f"{shown.how.idea} What it cannot show: {shown.how.cannot}",
        shown.picture.png,
        shown.drawing.alt,
        shown.drawing.legend + shown.headline + trust_card.opened(shown.card),
        tables=(("Options", pd.DataFrame(options)),),
    )


def _cascade_section(shown: ShownMap, found: rc.Randomisation) -> Section:
    """The map as the network is made random."""
    title = shown.how.title
    alt = cascade.cascade_words(found, title)
    return Section(
        f"{title}, as the network is made random from the head down",
        alt=alt,
        html=computed.cascade_of(shown.record, found, alt),
        figure=cascade.cascade_chart(found),
        tables=(("Similarity to the original", found.table),),
    )
