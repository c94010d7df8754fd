"""The checks of an attribution map as a table: what people should know about each, what it costs and how it runs.

A new check is one entry in `CHECKS` with its two functions, and a field of `TrustRecord`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from resnet_core.attribution.comparison import map_of
from resnet_core.attribution.maps import METHODS, Option, Passes
from resnet_core.attribution.methods import Options
from resnet_core.attribution.methods.options import words
from resnet_core.checks._deletion import deletion, has_ties, pictures
from resnet_core.checks._diagnosis import diagnosis
from resnet_core.checks._faithfulness import infidelity, passes_of, sensitivity
from resnet_core.checks._fillings import NEUTRAL
from resnet_core.checks._games_judge import judge_deletion
from resnet_core.checks._randomisation import UNITS, cascade_order, random_logit, randomisation
from resnet_core.checks.judges import (
    Verdict,
    judge_completeness,
    judge_diagnosis,
    judge_infidelity,
    judge_random_logit,
    judge_randomisation,
    judge_sensitivity,
)
from resnet_core.checks.records import Case, Completeness
from resnet_core.pictures.masks import FILLS
from resnet_core.progress import Progress


@dataclass(frozen=True)
class Check:
    """One check of a map. `run(case, options, progress)` finds the field of `TrustRecord` that has the check's id, and
    `judge` says what it means.

    `passes(case, options)` is its largest cost. `needs_order`: it needs a map whose pixels can be ranked.
    `silent(case)` is another reason why the check does not apply, None if it does.
    """

    id: str
    title: str
    idea: str
    paper: str
    quick: bool
    needs_order: bool
    passes: Callable[[Case, Options], Passes]
    run: Callable[[Case, Options, Progress | None], Any]
    judge: Callable[[Any], Verdict]
    options: tuple[Option, ...] = ()
    silent: Callable[[Case], str | None] = lambda _case: None


def _completeness(case: Case) -> Completeness:
    assert case.record.delta is not None, "maps without completeness are skipped"
    delta = float(case.record.delta[0])
    difference = float(case.record.raw[0].double().sum()) - delta
    share = abs(delta / difference) if difference else float("nan")
    return Completeness(delta, difference, share, METHODS[case.record.method].on_average)


def _no_law(case: Case) -> str | None:
    if case.record.delta is not None:
        return None
    return f"What the values of {METHODS[case.record.method].title} sum to says nothing about their error."


def _no_other_class(case: Case) -> str | None:
    if case.model.num_classes > 1:
        return None
    return "The network knows a single class, so there is no other to compare with."


def _method_passes(case: Case, times: int) -> Passes:
    forward, backward = METHODS[case.record.method].passes(case.record.options)
    return Passes(times * forward, times * backward)


def _fill(default: str) -> Option:
    """An option of all checks that remove pixels; "neutral" is the first filling that alone does not show the class."""
    return Option("fill", "What replaces removed pixels.", default=default, choices=words(NEUTRAL, *FILLS))


CHECKS: dict[str, Check] = {
    check.id: check
    for check in (
        Check(
            id="diagnosis",
            title="Diagnosis",
            idea="A blank, broken or saturated map is named, with its cause as far as it can be measured.",
            paper="Selvaraju et al. 2017",
            quick=True,
            needs_order=False,
            passes=lambda _case, _options: Passes(0, 0),
            run=lambda case, _options, _progress: diagnosis(case),
            judge=judge_diagnosis,
        ),
        Check(
            id="completeness",
            title="Completeness",
            idea="The values of some maps must sum to the logit less the baseline's: by how much does this one miss?",
            paper="Sundararajan et al. 2017",
            quick=True,
            needs_order=False,
            passes=lambda _case, _options: Passes(0, 0),
            run=lambda case, _options, _progress: _completeness(case),
            judge=judge_completeness,
            silent=_no_law,
        ),
        Check(
            id="randomisation",
            title="Randomised network",
            idea="With weights made random from the head down, an honest map changes.",
            paper="Adebayo et al. 2018",
            quick=False,
            needs_order=True,
            passes=lambda case, options: _method_passes(
                case, options["draws"] * len(cascade_order(case.model, options["units"]))
            ),
            run=randomisation,
            judge=judge_randomisation,
            options=(
                Option(
                    "units",
                    "What is made random at each step: a stage, or a block.",
                    default="stages",
                    choices=words(*UNITS),
                ),
                Option("draws", "At most how many fresh networks give their weights.", default=12, low=1, high=100),
            ),
        ),
        Check(
            id="random_logit",
            title="Another class",
            idea="The maps of other classes should be other maps.",
            paper="Sixt et al. 2020",
            quick=False,
            needs_order=True,
            passes=lambda case, options: _method_passes(case, min(options["classes"], case.model.num_classes - 1)),
            run=random_logit,
            judge=judge_random_logit,
            silent=_no_other_class,
            options=(Option("classes", "At most how many other classes are asked for.", default=12, low=1, high=1000),),
        ),
        Check(
            id="deletion",
            title="Deletion and insertion",
            idea="Without the pixels that the map ranks first the class should become improbable fast, and with them "
            "alone probable: faster than by random maps as smooth as it.",
            paper="Petsiuk et al. 2018",
            quick=False,
            needs_order=True,
            passes=lambda case, options: Passes(
                pictures(options["steps"], options["random_maps"], tied=has_ties(map_of(case.record))), 0
            ),
            run=deletion,
            judge=judge_deletion,
            options=(
                Option("steps", "In how many equal shares the pixels go.", default=10, low=2, high=100),
                _fill(NEUTRAL),
                Option("random_maps", "At most how many random maps the map has to beat.", default=24, low=1, high=200),
            ),
        ),
        Check(
            id="infidelity",
            title="Infidelity",
            idea="The map's sum over a square should predict how far the logit falls when the square is replaced.",
            paper="Yeh et al. 2019",
            quick=False,
            needs_order=True,
            passes=lambda _case, options: Passes(passes_of(options), 0),
            run=infidelity,
            judge=judge_infidelity,
            options=(
                Option(
                    "squares", "At most how many squares are replaced, one at a time.", default=192, low=4, high=512
                ),
                _fill("blur"),
            ),
        ),
        Check(
            id="sensitivity",
            title="Sensitivity",
            idea="Noise too weak to see should hardly move the map.",
            paper="Yeh et al. 2019",
            quick=False,
            needs_order=True,
            passes=lambda case, options: _method_passes(case, options["samples"]),
            run=sensitivity,
            judge=judge_sensitivity,
            options=(
                Option("samples", "At most how many times noise is added.", default=12, low=1, high=100),
                Option(
                    "radius",
                    "The largest noise, in the network's normalised units: 0.02 is about one of 255 grey levels.",
                    default=0.02,
                    low=0.0,
                    high=1.0,
                ),
            ),
        ),
    )
}
QUICK: tuple[str, ...] = tuple(check.id for check in CHECKS.values() if check.quick)
