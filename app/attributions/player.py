"""The cascade of the randomised network under one slider, and as a film: every map as parts are made random."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

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

Cascade = tuple[ShownMap, rc.Randomisation]
PACE = 1.0  # seconds from part to part
LEFT = 10.0  # seconds without a frame after which the visitor is gone, and the film does not go on when they return
# In the session: when the film drew its last frame, None while it stands still, and that it has just been turned.
MOVED, TURNED = "cascade_moved", "cascade_turned"


def cascades(subject: Subject, shown: Sequence[ShownMap], overlay: Overlay) -> None:
    """The cascades of all maps that have one: under one slider, and as lines."""
    found = cascades_of(shown)
    with slides.slide("cascade"):
        link.part(film, every=PACE if playing() else None)(found, overlay.opacity)
    lines = Linked().expander("Rank correlation and SSIM, part by part", key="cascade_lines")
    if lines.open:
        with lines:
            similarities(subject, found)


def cascades_of(shown: Sequence[ShownMap]) -> list[Cascade]:
    """The maps whose cascade was asked for, with it."""
    return [(each, cascaded) for each in shown for cascaded in randomisations(each)]


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
    st.caption("The pictures are of the first draw, the rank correlations means over all draws.")


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


def playing() -> bool:
    """Whether the film moves on by itself."""
    moved = st.session_state.get(MOVED)
    return moved is not None and time.monotonic() - moved < LEFT


def moment(last: int) -> int:
    """How many parts are random, from 0 to `last`; arrow keys move it, and Play, from the start after the end."""
    now = int(link.value("cascade", 0))
    if st.session_state.pop(TURNED, False) or (playing() and now >= last):
        st.session_state[MOVED] = time.monotonic() if playing() and now < last else None
        st.rerun()  # the whole page, which sets how often this part of it is drawn
    if playing():
        link.choose("cascade", now + 1)
        st.session_state[MOVED] = time.monotonic()
    button, slider = st.columns([1, 5], vertical_alignment="bottom")
    with button:
        words, icon = ("Pause", "pause") if playing() else ("Play", "play_arrow")
        st.button(words, icon=f":material/{icon}:", key="cascade_play", on_click=_turn, args=(now, last))
    return Linked(slider).slider("Parts made random, from the head down", 0, last, 0, key="cascade", disabled=playing())


def _turn(now: int, last: int) -> None:
    """Play or pause, in a callback."""
    st.session_state[MOVED] = None if playing() else time.monotonic()
    st.session_state[TURNED] = True
    if playing() and now >= last:
        link.choose("cascade", 0)
