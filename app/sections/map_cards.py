"""One attribution map on the page: the picture with its legend, and the card that says whether to believe it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

import resnet_core as rc
from app import chart, compute, controls, explanations, map_snippets, words
from app.figures import maps, trust_card
from app.selection import RANDOM, Net, Subject
from app.waiting import waiting
from resnet_core.verdicts import verdicts


@dataclass(frozen=True, eq=False)
class Shown:
    """One map on the page: what it was asked, what was painted, and what the checks found."""

    options: dict[str, float | str]
    record: rc.AttributionRecord
    picture: maps.Painted
    legend: str
    alt: str
    checks: dict[str, rc.TrustRecord]

    @property
    def how(self) -> rc.Method:
        """The method."""
        return rc.METHODS[self.record.method]

    @property
    def card(self) -> str:
        """The verdict of every check, and what the map cost."""
        passes = self.how.passes(self.record.options)
        most = "at most " if self.how.at_most else ""
        backward = f" and {passes.backward} backward" if passes.backward else ""
        cost = f"({most}{passes.forward} forward{backward} passes, {self.record.seconds:.1f} s)"
        rows = [
            trust_card.Row(rc.CHECKS[name].title, verdict.value, verdict.sentence, verdict.state)
            for found in self.checks.values()
            for name, verdict in verdicts(found).items()
        ]
        return trust_card.trust_card(f"Can you trust it? {cost}", rows)


def one_map(subject: Subject, method: str, look: controls.Look, checks: Sequence[str]) -> Shown:
    """One method: its options, its map with the legend, its card, and what can be taken away."""
    net, how = subject.net, rc.METHODS[method]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{how.title}**")
        options = controls.method_options(how, compute.model(net).variant)
    with waiting(f"{how.title} at work") as progress:
        record = compute.attribution(net, subject.photo, subject.target, method, progress=progress, **options)
    picture, legend, alt = painted(subject, record, look)
    found: dict[str, rc.TrustRecord] = {}
    for name in [*rc.QUICK, *checks]:
        with waiting(f"{rc.CHECKS[name].title}: {how.title} at work") as progress:
            found[name] = explanations.check(
                net, subject.photo, subject.target, method, name, progress=progress, **options
            )
    shown = Shown(options, record, picture, legend, alt, found)
    st.html(shown.card)
    st.caption(f"**{how.title}** ({how.paper}). {how.idea} {how.sign} **What it cannot show:** {how.cannot}")
    values = explanations.values_of(record)
    chart.files(
        table=pd.DataFrame(values),
        code=map_snippets.map_code(subject, method, options),
        name=f"{net.variant}-{method}",
        key=f"files_{method}",
        images={"PNG": picture.png, "NPY": npy(values)},
    )
    return shown


def painted(subject: Subject, record: rc.AttributionRecord, look: controls.Look) -> tuple[maps.Painted, str, str]:
    """Draw one map over the photo: gives it with its legend and its alternative text."""
    picture = explanations.painted(subject.net, subject.photo, record, look.style, look.smoothing, look.opacity)
    values = explanations.values_of(record)
    alt = words.map_alt(rc.METHODS[record.method], subject.name, values)
    legend = maps.legend(picture, *words.legend_ends(record.signed, subject.name))
    st.image(picture.png, width="stretch", output_format="PNG", alt=alt)
    st.html(legend)
    st.caption(maps.drawn_words(look.style, look.smoothing, values.shape[0]))
    return picture, legend, alt


def untrained(subject: Subject, shown: Shown, look: controls.Look) -> None:
    """The same method on the same photo in the same network before any training."""
    twin = replace(subject, net=Net(subject.net.variant, RANDOM))
    method = shown.record.method
    with waiting(f"{shown.how.title} of random weights at work") as progress:
        record = compute.attribution(twin.net, twin.photo, twin.target, method, progress=progress, **shown.options)
    st.markdown(f"{shown.how.title}, **random weights**")
    painted(twin, record, look)


def npy(values: NDArray[np.float32]) -> bytes:
    """The values as a file for numpy."""
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()
