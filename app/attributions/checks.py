"""Results for several maps together: how far they agree, and how they change under the checks."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

import resnet_core as rc
from app.attributions import code, computed
from app.attributions.cards import ShownMap
from app.attributions.charts import curves
from app.engine.selection import Subject
from app.shared import chart, sentences, slides


def matrix_of(shown: Sequence[ShownMap]) -> pd.DataFrame:
    """How far the methods agree on the order of the pixels."""
    return computed.agreement(*((each.how.title, each.record) for each in shown))


def drawn_of(shown: Sequence[ShownMap]) -> dict[str, str]:
    """The random part of the maps that depend on a seed, by method."""
    return {each.how.title: each.drawn for each in shown if each.drawn}


def randomisations(shown: ShownMap) -> list[rc.Randomisation]:
    """The cascade of one map; empty if it was not asked for."""
    found = shown.checks.get("randomisation")
    return [] if found is None or found.randomisation is None else [found.randomisation]


def games_of(shown: Sequence[ShownMap]) -> pd.DataFrame | None:
    """Deletion and insertion of every map that has them, with its method; None if there is no such map."""
    found = [(each.how.title, each.checks.get("deletion")) for each in shown]
    tables = [
        played.deletion.table.assign(method=title) for title, played in found if played is not None and played.deletion
    ]
    return pd.concat(tables, ignore_index=True) if tables else None


def judged(shown: Sequence[ShownMap]) -> str:
    """The value that judges the games: the probability of the class, or the logit if that is small."""
    played = (each.checks["deletion"].deletion for each in shown if "deletion" in each.checks)
    return next((found.judged for found in played if found is not None), "probability")


def games(subject: Subject, shown: Sequence[ShownMap]) -> None:
    """Deletion and insertion side by side, all maps in each, where that check was asked for."""
    table = games_of(shown)
    if table is None:
        return
    value, drawn = judged(shown), drawn_of(shown)
    with slides.slide("deletion"):
        for column, game in zip(st.columns(2, gap="medium"), curves.CURVES, strict=True):
            with column:
                chart.chart(
                    curves.curves_chart(table, game, value),
                    alt=curves.curves_words(table, game, value, drawn),
                    table=table,
                    code=code.curves_code(subject, asked(shown)),
                    name=game,
                    key=game,
                )
                st.caption(sentences.plain(f"{curves.finding(table, game, value, drawn)}. {curves.NOTE}"))


def asked(shown: Sequence[ShownMap]) -> code.Asked:
    """Each method with its options."""
    return [(each.record.method, each.options) for each in shown]
