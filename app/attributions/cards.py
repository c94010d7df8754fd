"""One attribution map on the page: the picture with its legend, and the card that says whether to trust it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app.attributions import controls
from app.attributions.charts import legend, trust_card
from app.attributions.limits import limit_of
from app.engine import compute
from app.engine.cache import cached, new_cache
from app.engine.selection import Subject
from app.engine.waiting import waiting
from app.shared import explanations, sentences
from app.shared.drawing import maps
from resnet_core.attribution.methods.method import Options
from resnet_core.checks.judges import Verdict
from resnet_core.checks.verdicts import verdicts


@dataclass(frozen=True, eq=False)
class ShownMap:
    """One map on the page: its question, its picture, and the results of its checks."""

    subject: Subject
    options: Options
    record: rc.AttributionRecord
    picture: maps.Painted
    drawing: Drawing
    checks: Mapping[str, rc.TrustRecord] = field(default_factory=dict)

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
        """The verdict of every check, the cost of the map, and what its method shows."""
        return _card(self.record, self.drawing.how_drawn, *self.checks.values())

    @property
    def headline(self) -> str:
        """The verdict of all checks together."""
        return _headline(*self.checks.values())


@dataclass(frozen=True)
class Drawing:
    """The words and the legend of a painted map: the two ends of its scale, its HTML, alt text, how it was drawn."""

    ends: tuple[str, str]
    legend: str
    alt: str
    how_drawn: str


@cached(new_cache(1))
def drawing_of(
    subject: Subject, record: rc.AttributionRecord, picture: maps.Painted, smoothing: str, drawn: str
) -> Drawing:
    """What stands around the picture of a map."""
    values = explanations.values_of(record)
    ends = sentences.legend_ends(record, subject.name)
    layer = f" Taken at {record.options['layer']}." if "layer" in record.options else ""
    return Drawing(
        ends,
        legend.overlay_legend(picture, *ends),
        sentences.map_alt(rc.METHODS[record.method], subject.name, values, drawn),
        maps.drawn_words(picture.style, smoothing, values) + layer,
    )


@cached(new_cache(2))
def _rows(*checks: rc.TrustRecord) -> list[trust_card.Row]:
    return [_row(name, verdict, found) for found in checks for name, verdict in verdicts(found).items()]


@cached(new_cache(1))
def _headline(*checks: rc.TrustRecord) -> str:
    return trust_card.headline(_rows(*checks), trained=all(found.trained for found in checks))


@cached(new_cache(2))
def _card(record: rc.AttributionRecord, how_drawn: str, *checks: rc.TrustRecord) -> str:
    how = rc.METHODS[record.method]
    passes = how.passes(record.options)
    most = "at most " if how.at_most else ""
    backward = f" and {passes.backward} backward" if passes.backward else ""
    noun = "pass" if passes == (1, 0) else "passes"
    cost = f"{most}{passes.forward} forward{backward} {noun}, {record.seconds:.1f}\N{NO-BREAK SPACE}s"
    rows = _rows(*checks)
    about = trust_card.About(
        "What it can and cannot show",
        [
            (f"{how.title} ({how.paper}).", f"{how.idea} {how.sign}"),
            ("What it cannot show:", how.cannot),
            ("How it is drawn:", how_drawn),
            ("What it cost:", f"{cost}."),
        ],
        [row for row in rows if not _tells(row)],
    )
    notes = ["No check can make this map believable."] if not all(found.trained for found in checks) else []
    notes += ["One draw: another seed can turn a verdict."] if how.random else []
    telling = [row for row in rows if _tells(row)]
    return trust_card.trust_card(f"Can you trust it? ({cost})", telling, note=" ".join(notes), about=about)


def _tells(row: trust_card.Row) -> bool:
    """Whether a check says more than that the map can be read, and than that it is not for this method."""
    return row.applies and not (row.is_diagnosis and row.state == "good")


def _row(name: str, verdict: Verdict, found: rc.TrustRecord) -> trust_card.Row:
    quick = rc.CHECKS[name].quick
    return trust_card.Row(
        rc.CHECKS[name].title,
        verdict.value,
        verdict.sentence,
        verdict.state,
        is_diagnosis=name == "diagnosis",
        limit=limit_of(name, found),
        applies=not (quick and name in found.skipped),
    )


def shown_map(subject: Subject, method: str, options: Options, overlay: controls.Overlay) -> ShownMap:
    """One map, painted over the photo, without checks."""
    net, photo = subject.net, subject.photo
    with waiting(f"{rc.METHODS[method].title} at work") as progress:
        record = compute.attribution(net, photo, subject.target, method, progress=progress, **options)
    picture = explanations.painted(net, photo, record, overlay.opacity, overlay.style, overlay.smoothing)
    drawn = explanations.drawn(net, rc.METHODS[method])
    return ShownMap(subject, options, record, picture, drawing_of(subject, record, picture, overlay.smoothing, drawn))


@dataclass(frozen=True)
class Places:
    """Where a map's picture, its verdict in one line, its legend and its card stand: the checks are run after maps."""

    picture: DeltaGenerator
    headline: DeltaGenerator
    legend: DeltaGenerator
    card: DeltaGenerator

    @staticmethod
    def here() -> Places:
        """From top to bottom."""
        with st.container(gap="xsmall"):
            return Places(*(st.container() for _ in fields(Places)))

    def draw_map(self, shown: ShownMap, overlay: controls.Overlay) -> None:
        """The picture with its legend."""
        self.picture.image(shown.picture.jpeg, width="stretch", output_format="JPEG", alt=shown.drawing.alt)
        self.legend.html(shown.drawing.legend)
        if overlay.is_smoothed:  # the scale is another than that of the checks
            self.legend.caption(shown.drawing.how_drawn)

    def draw_verdict(self, shown: ShownMap, checks: Sequence[str]) -> ShownMap:
        """Run the quick checks and these, and show what they find; the map with its checks comes back."""
        with self.card:
            found = checked(shown, checks)
        self.headline.html(found.headline)
        self.card.html(found.card)
        return found


def checked(shown: ShownMap, checks: Sequence[str]) -> ShownMap:
    """The map with the quick checks and these."""
    found: dict[str, rc.TrustRecord] = {}
    subject, method = shown.subject, shown.record.method
    for name in [*rc.QUICK, *checks]:
        with waiting(f"{rc.CHECKS[name].title}: {shown.how.title} at work") as progress:
            found[name] = explanations.check(
                subject.net, subject.photo, subject.target, method, name, progress=progress, **shown.options
            )
    return replace(shown, checks=found)
