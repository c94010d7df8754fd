"""The cascade of the randomised network under one slider, and as a film: every map as parts are made random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import plotly.graph_objects as go
import streamlit as st

import resnet_core as rc
from app.attributions import code, computed
from app.attributions.cards import ShownMap
from app.attributions.charts import cascade
from app.attributions.checks import randomisations
from app.attributions.controls import Overlay
from app.engine.cache import cached, new_cache
from app.engine.selection import Subject
from app.shared import chart, link, sentences, slides
from app.shared.linked import Linked
from app.shared.player import Player

Cascade = tuple[ShownMap, rc.Randomisation]
PLAYER = Player("cascade_play", pace=1.0)


def cascades(subject: Subject, shown: Sequence[ShownMap], overlay: Overlay) -> None:
    """The cascades of all maps that have one: under one slider, and as lines."""
    found = cascades_of(shown)
    with slides.slide("cascade"):
        film(found, overlay.opacity)
    lines = Linked().expander("Rank correlation and SSIM, part by part", key="cascade_lines")
    if lines.open:
        with lines:
            similarities(subject, found)


def cascades_of(shown: Sequence[ShownMap]) -> list[Cascade]:
    """The maps whose cascade was asked for, with it."""
    return [(each, cascaded) for each in shown for cascaded in randomisations(each)]


@link.part
def film(found: Sequence[Cascade], opacity: float) -> None:
    """All maps after the same parts were made random."""
    units = [str(unit) for unit in found[0][1].table["unit"]]
    number = moment(len(units))
    st.markdown(f"**{cascade.stage_words(units, number)}**")
    for each, cascaded in found:
        left, right = st.columns([1, 3], gap="small")
        net, photo, title, said = (
            each.subject.net,
            each.subject.photo,
            each.how.title,
            cascade.frame_of(cascaded, number),
        )
        left.html(cascade.frame_html(title, computed.frame(net, photo, each.record, cascaded, number, opacity), said))
        with right.container(gap="xsmall"):
            st.markdown(f"**{title}**: {said}")
            st.html(computed.cascade_of(each.record, cascaded, lines_of(cascaded, title).alt))
    st.caption("The pictures are of the first draw, the rank correlations of all draws.")


def similarities(subject: Subject, found: Sequence[Cascade]) -> None:
    """The lines of each map, two in a row."""
    columns = st.columns(2, gap="medium")
    for number, (each, cascaded) in enumerate(found):
        title, method = each.how.title, each.record.method
        lines = lines_of(cascaded, title)
        with columns[number % 2]:
            st.markdown(f"##### {title}")
            chart.chart(
                lines.figure,
                alt=lines.alt,
                table=cascaded.table,
                code=code.cascade_code(subject, method, each.options),
                name=f"randomised-{method}",
                key=f"cascade_{method}",
            )
            st.caption(lines.said)


@dataclass(frozen=True, eq=False)
class Lines:
    """The chart of one cascade, its alt text and its caption in Markdown."""

    figure: go.Figure
    alt: str
    said: str


@cached(new_cache(2))
def lines_of(found: rc.Randomisation, title: str) -> Lines:
    """How similar the map of the method with this title stays to the original."""
    return Lines(
        cascade.cascade_chart(found),
        cascade.cascade_words(found, title),
        sentences.plain(f"{cascade.finding(found, title)}."),
    )


def moment(last: int) -> int:
    """How many parts are random, from 0 to `last`; arrow keys move it, and Play, from the start after the end."""
    now = int(link.value("cascade", 0))
    begin, go_on = (partial(link.choose, "cascade", to) for to in (0, now + 1))
    button, slider = st.columns([1, 5], vertical_alignment="bottom")
    PLAYER.button(button, ended=now >= last, begin=begin, go_on=go_on)
    label = "Parts made random, from the head down"
    return Linked(slider).slider(label, 0, last, 0, key="cascade", disabled=PLAYER.playing)
