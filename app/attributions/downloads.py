"""Everything about the maps of the page in one file, written on demand."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

import resnet_core as rc
from app.attributions import computed, words
from app.attributions.cards import ShownMap
from app.attributions.charts import cascade, curves
from app.attributions.checks import drawn_of, games_of, judged, matrix_of, randomisations
from app.attributions.report import Section, report
from app.engine import compute
from app.engine.selection import Net, Subject
from app.shared.drawing import heat


def to_keep(subject: Subject, shown: Sequence[ShownMap], seconds: Sequence[ShownMap | None]) -> None:
    """The button. `seconds` are the same maps of a second network, none if there is no such network."""
    st.download_button(
        "Report of these maps (HTML)",
        partial(report_of, subject, shown, seconds),
        file_name=f"{subject.net.variant}-attributions.html",
        mime="text/html",
        icon=":material/description:",
        on_click="ignore",
        key="report",
    )


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
        tables = (("Rank correlations", matrix.reset_index()),)
        parts.append(Section("Agreement", words.finding(matrix, drawn_of(shown)), tables=tables))
    played = games_of(shown)
    if played is not None:
        for game in curves.CURVES:
            of = (played, game, judged(shown), drawn_of(shown))
            alt, figure = curves.curves_words(*of), curves.curves_chart(*of)
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
        shown.alt,
        shown.legend + shown.card,
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
        figure=cascade.cascade_chart(found, title),
        tables=(("Similarity to the original", found.table),),
    )
