"""Results for several maps together: how far they agree, and how they change under the checks."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

import resnet_core as rc
from app.attributions import code, computed, words
from app.attributions.cards import ShownMap
from app.attributions.charts import agreement, cascade, curves
from app.engine.selection import Subject
from app.shared import chart


def matrix_of(shown: Sequence[ShownMap]) -> pd.DataFrame:
    """How far the methods agree on the order of the pixels."""
    return computed.agreement(*((each.how.title, each.record) for each in shown))


def drawn_of(shown: Sequence[ShownMap]) -> dict[str, str]:
    """The random part of the maps that depend on a seed, by method."""
    return {each.how.title: each.drawn for each in shown if each.drawn}


def agreeing(subject: Subject, shown: Sequence[ShownMap]) -> None:
    """The matrix of agreement, where there is more than one map."""
    if len(shown) < 2:
        return
    matrix = matrix_of(shown)
    column, _ = st.columns([3, 2])
    with column:
        chart.chart(
            agreement.agreement_chart(matrix, drawn_of(shown)),
            alt=words.agreement_words(matrix, drawn_of(shown)),
            table=matrix.rename_axis("method").reset_index(),
            code=code.agreement_code(subject, asked(shown)),
            name="agreement",
            key="agreement",
        )


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


def tested(subject: Subject, shown: Sequence[ShownMap]) -> None:
    """The checks that have charts: the cascade of each map, and both games of all maps."""
    for each in shown:
        for found in randomisations(each):
            cascaded(subject, each, found)
    played = games_of(shown)
    if played is not None:
        games(subject, shown, played)


def judged(shown: Sequence[ShownMap]) -> str:
    """The value that judges the games: the probability of the class, or the logit if that is small."""
    played = (each.checks["deletion"].deletion for each in shown if "deletion" in each.checks)
    return next((found.judged for found in played if found is not None), "probability")


def games(subject: Subject, shown: Sequence[ShownMap], table: pd.DataFrame) -> None:
    """Deletion and insertion side by side, all maps in each."""
    value, drawn = judged(shown), drawn_of(shown)
    for column, game in zip(st.columns(2, gap="large"), curves.CURVES, strict=True):
        with column:
            chart.chart(
                curves.curves_chart(table, game, value, drawn),
                alt=curves.curves_words(table, game, value, drawn),
                table=table,
                code=code.curves_code(subject, asked(shown)),
                name=game,
                key=game,
            )


def cascaded(subject: Subject, shown: ShownMap, found: rc.Randomisation) -> None:
    """The row of maps as more and more of the network is made random, and how similar they are to the first."""
    title, method = shown.how.title, shown.record.method
    st.markdown(f"##### {title}, as the network is made random from the head down")
    alt = cascade.cascade_words(found, title)
    st.html(computed.cascade_of(shown.record, found, alt))
    chart.chart(
        cascade.cascade_chart(found, title),
        alt=alt,
        table=found.table,
        code=code.cascade_code(subject, method, shown.options),
        name=f"randomised-{method}",
        key=f"cascade_{method}",
    )


def asked(shown: Sequence[ShownMap]) -> code.Asked:
    """Each method with its options."""
    return [(each.record.method, each.options) for each in shown]
