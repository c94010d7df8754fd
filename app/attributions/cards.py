"""One attribution map on the page: the picture with its legend, and the card that says whether to trust it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

import resnet_core as rc
from app.attributions import code, controls
from app.attributions.charts import legend, trust_card
from app.engine import compute
from app.engine.selection import Subject
from app.engine.waiting import waiting
from app.shared import chart, explanations, sentences
from app.shared.drawing import maps
from resnet_core.attribution.methods.method import Options
from resnet_core.checks.verdicts import verdicts


@dataclass(frozen=True, eq=False)
class ShownMap:
    """One map on the page: its question, its picture, and the results of its checks."""

    subject: Subject
    options: Options
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
    def drawn(self) -> str:
        """The random part of this map that another seed would change; "" if none."""
        return explanations.drawn(self.subject.net, self.how)

    @property
    def card(self) -> str:
        """The verdict of every check, and the cost of the map."""
        passes = self.how.passes(self.record.options)
        most = "at most " if self.how.at_most else ""
        backward = f" and {passes.backward} backward" if passes.backward else ""
        cost = f"({most}{passes.forward} forward{backward} passes, {self.record.seconds:.1f}\N{NO-BREAK SPACE}s)"
        rows = [
            trust_card.Row(
                rc.CHECKS[name].title, verdict.value, verdict.sentence, verdict.state, is_diagnosis=name == "diagnosis"
            )
            for found in self.checks.values()
            for name, verdict in verdicts(found).items()
        ]
        trained = all(found.trained for found in self.checks.values())
        asked = "Can you trust this draw? Another seed can turn a verdict." if self.how.random else "Can you trust it?"
        return trust_card.trust_card(f"{asked} {cost}", rows, trained=trained)


def options_with_heading(subject: Subject, method: str) -> Options:
    """Draw a method's heading and the widgets of its options; returns their values."""
    how = rc.METHODS[method]
    st.markdown(f"##### {how.title}")
    return controls.method_options(how, compute.model(subject.net).variant)


def map_with_card(
    subject: Subject, method: str, options: Options, overlay: controls.Overlay, checks: Sequence[str], which: str = ""
) -> ShownMap:
    """One map over the photo with its legend, its card and its downloads; `which` is "2" for the second network."""
    net, how = subject.net, rc.METHODS[method]
    with waiting(f"{how.title} at work") as progress:
        record = compute.attribution(net, subject.photo, subject.target, method, progress=progress, **options)
    picture = explanations.painted(net, subject.photo, record, overlay.opacity, overlay.style, overlay.smoothing)
    values = explanations.values_of(record)
    alt = sentences.map_alt(how, subject.name, values, explanations.drawn(net, how))
    ends = sentences.legend_ends(record, subject.name)
    key = legend.overlay_legend(picture, *ends)
    st.image(picture.png, width="stretch", output_format="PNG", alt=alt)
    st.html(key)
    layer = f" Taken at {record.options['layer']}." if "layer" in record.options else ""
    st.caption(maps.drawn_words(overlay.style, overlay.smoothing, values) + layer)
    found: dict[str, rc.TrustRecord] = {}
    for name in [*rc.QUICK, *checks]:
        with waiting(f"{rc.CHECKS[name].title}: {how.title} at work") as progress:
            found[name] = explanations.check(
                net, subject.photo, subject.target, method, name, progress=progress, **options
            )
    shown = ShownMap(subject, options, record, picture, key, alt, found)
    st.html(shown.card)
    chart.files(
        table=pd.DataFrame(values),
        code=code.map_code(subject, method, options),
        name=f"{net.variant}-{net.weights}-{method}".replace(" ", "-"),
        key=f"files{which}_{method}",
        images={
            "PNG": picture.png,
            "SVG": lambda: legend.svg(picture, (how.title, net.label), *ends),
            "NPY": lambda: npy(values),
        },
    )
    return shown


def about(how: rc.Method) -> None:
    """What a method does, what its sign means, and what it cannot show."""
    st.caption(f"**{how.title}** ({how.paper}). {how.idea} {how.sign} **What it cannot show:** {how.cannot}")


def npy(values: NDArray[np.float32]) -> bytes:
    """The values as a file for numpy."""
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()
