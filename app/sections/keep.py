"""Everything about the maps of the page in one file, written when somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from app import compute
from app.figures import agreement, heat
from app.report import Part, report
from app.sections.doubts import matrix_of
from app.sections.map_cards import Shown
from app.selection import Subject


def to_keep(subject: Subject, shown: Sequence[Shown]) -> None:
    """The button."""
    st.download_button(
        "Report of these maps (HTML)",
        partial(written, subject, shown),
        file_name=f"{subject.net.variant}-attributions.html",
        mime="text/html",
        icon=":material/description:",
        on_click="ignore",
        key="report",
    )


def written(subject: Subject, shown: Sequence[Shown]) -> str:
    """The file."""
    net, photo = subject.net, subject.photo
    weights = compute.model(net).weights
    facts = [
        ("Network", net.label),
        ("Weights", "random, seed 0" if weights is None else f"{weights.id}; {weights.data or 'data not told'}"),
        ("Photo", f"{photo.title}. {photo.credit}"),
        ("Class", f"{subject.name} ({subject.target})"),
    ]
    parts = [Part("What the network sees", picture=heat.enlarged(compute.view(net, photo)), alt=photo.title)]
    parts += [_part(each) for each in shown]
    if len(shown) > 1:
        matrix = matrix_of(shown)
        tables = (("Rank correlations", matrix.reset_index()),)
        parts.append(Part("Agreement", agreement.finding(matrix), tables=tables))
    return report(f"Why {subject.name}? {net.label}", facts, parts)


def _part(shown: Shown) -> Part:
    options = {"option": list(shown.record.options), "value": [str(value) for value in shown.record.options.values()]}
    return Part(
        shown.how.title,
        f"{shown.how.idea} What it cannot show: {shown.how.cannot}",
        shown.picture.png,
        shown.alt,
        shown.legend + shown.card,
        (("Options", pd.DataFrame(options)),),
    )
