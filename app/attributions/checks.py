"""Results for several maps together: how far they agree, and how they change under the checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

import resnet_core as rc
from app.attributions import code, computed
from app.attributions.cards import ShownMap
from app.attributions.charts import curves
from app.engine.cache import cached, new_cache
from app.engine.selection import Subject
from app.shared import chart, sentences, slides

Played = tuple[str, rc.TrustRecord]  # a method's title, and the check of its map by both games


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
    played = _played(shown)
    return games_table(*played) if played else None


def _played(shown: Sequence[ShownMap]) -> list[Played]:
    found = [(each.how.title, each.checks.get("deletion")) for each in shown]
    return [(title, played) for title, played in found if played is not None and played.deletion is not None]


@cached(new_cache(1))
def games_table(*played: Played) -> pd.DataFrame:
    """The tables of both games under each other, with the method."""
    tables = [found.deletion.table.assign(method=title) for title, found in played if found.deletion is not None]
    return pd.concat(tables, ignore_index=True)


def judged(shown: Sequence[ShownMap]) -> str:
    """The value that judges the games: the probability of the class, or the logit if that is small."""
    played = (each.checks["deletion"].deletion for each in shown if "deletion" in each.checks)
    return next((found.judged for found in played if found is not None), "probability")


def games(subject: Subject, shown: Sequence[ShownMap]) -> None:
    """Deletion and insertion side by side, all maps in each, where that check was asked for."""
    played, drawn, value = _played(shown), tuple(drawn_of(shown)), judged(shown)
    with slides.slide("deletion"):
        for column, game in zip(st.columns(2, gap="medium"), curves.CURVES, strict=True):
            with column:
                found = drawn_game(game, value, drawn, *played)
                chart.chart(
                    found.figure,
                    alt=found.alt,
                    table=found.table,
                    code=code.curves_code(subject, asked(shown)),
                    name=game,
                    key=game,
                )
                st.caption(found.said)


@dataclass(frozen=True, eq=False)
class DrawnGame:
    """The chart of one game, its numbers, its alt text and its caption in Markdown."""

    figure: go.Figure
    table: pd.DataFrame
    alt: str
    said: str


@cached(new_cache(4))
def drawn_game(game: str, value: str, drawn: tuple[str, ...], *played: Played) -> DrawnGame:
    """One game of all maps, each a method's title and its check; those of `drawn` are one draw of many."""
    table = games_table(*played)
    return DrawnGame(
        curves.curves_chart(table, game, value),
        table,
        curves.curves_words(table, game, value, drawn),
        sentences.plain(curves.areas_words(table, game, value, drawn)),
    )


def asked(shown: Sequence[ShownMap]) -> code.Asked:
    """Each method with its options."""
    return [(each.record.method, each.options) for each in shown]
