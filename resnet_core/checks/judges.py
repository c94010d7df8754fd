"""What each check means, in plain words, with its numbers and their noise; deletion has a file of its own.

The verdict is "good" or "doubtful" only if the whole interval lies on one side of the limit, else "undecided";
"unknown" if more draws would not help.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from resnet_core.checks.draws import Estimate, mean_of
from resnet_core.checks.limits import (
    ABOVE_CHANCE,
    ALIKE,
    CHANCE_LEVEL,
    COARSE,
    COMPLETE,
    GREY_LEVELS,
    HARDLY,
    MOVED,
    SAME_FOR_ANOTHER_CLASS,
)
from resnet_core.checks.records import (
    Completeness,
    Diagnosis,
    Infidelity,
    Randomisation,
    RandomLogit,
    Sensitivity,
)

State = Literal["good", "doubtful", "undecided", "unknown"]
AVERAGE = " on average"
LAW = "the logit for this picture minus that for the baseline, or the mean of several"


@dataclass(frozen=True)
class Verdict:
    """What a check says: its number with its noise as text, a sentence, and whether it speaks for the map."""

    value: str
    sentence: str
    state: State


def judge_diagnosis(found: Diagnosis) -> Verdict:
    """Sound, or what is wrong and why."""
    if found.sentence is None:
        return Verdict("sound", "Its values are finite, not all the same, and spread over the picture.", "good")
    return Verdict(found.kind, found.sentence, "doubtful")


def judge_completeness(found: Completeness) -> Verdict:
    """Whether the map sums to the logit for the picture minus that for the baseline."""
    if math.isnan(found.share):
        sentence = "The logit is the same for the picture and for the baseline: there is no difference to share out."
        return Verdict("–", sentence, "unknown")
    if found.on_average:
        sentence = (
            "This method's sum is right only on average over many draws. This one misses it by "
            f"{found.share:.0%}, another seed by another share, which says nothing about the map. On average more "
            "samples reduce it."
        )
        return Verdict(f"{found.share:.0%}, one draw", sentence, "undecided")
    value = _error(found.share)
    if found.share <= COMPLETE:
        sentence = f"The map sums to {LAW}, with an error of {value}."
        return Verdict(value, sentence, "good")
    sentence = (
        f"The map should sum to {LAW}, but misses it by {value}. More steps or samples, if the method has them, "
        "usually reduce that."
    )
    return Verdict(value, sentence, "doubtful")


def _error(share: float) -> str:
    """An error as a share, rounded up in whole per cent: tenths are noise of single precision where logits are near."""
    return "less than 1%" if share < 0.01 else f"{up(share):.0%}" if share <= 1 else "more than 100%"


def judge_randomisation(found: Randomisation) -> Verdict:
    """Whether the map changes when the learned weights are lost."""
    kept, value = mean_of(found.kept_by_draw), correlation(found.kept_by_draw)
    if not found.trained:
        sentence = "The network's weights are random to begin with: there is nothing learned that the map could show."
        return Verdict(value, sentence, "unknown")
    if not kept.draws:
        note = next((note for note in found.table["note"].iloc[1:] if note), "")
        return Verdict("–", f"The maps of the randomised networks cannot be compared. {note}", "unknown")
    coarse, much = found.neighbours >= COARSE, found.chance + ABOVE_CHANCE
    low, high = much - found.chance_margin, much + found.chance_margin
    state = settled(kept, good_to=min(low, ALIKE) if coarse else low, doubtful_from=high)
    means: dict[State, str] = {
        "good": "The map depends on what the network has learned.",
        "doubtful": "Part of this map does not depend on what the network has learned.",
        "undecided": "The map is too coarse for this check to tell."
        if coarse
        else f"Whether that is more than chance and {number(ABOVE_CHANCE)} these draws do not tell.",
    }
    what = (
        f"With the network made random from the last stage to the stem, {times(kept.draws)} anew, the rank correlation "
        f"with this map is {correlation(found.kept_by_draw, after=AVERAGE)} and {spread(found.final_by_draw)} at the "
        "end; "
        f"{100 * CHANCE_LEVEL:.0f} % of random maps as smooth as this one stay below "
        f"{plus_minus(found.chance, found.chance_margin)} in size."
    )
    return Verdict(value, f"{what} {means[state]}", state)


def judge_random_logit(found: RandomLogit) -> Verdict:
    """Whether the map is about the class at all."""
    correlations = found.others["rank_correlation"].dropna()
    blank = len(found.others) - len(correlations)
    if correlations.empty:
        return Verdict("–", f"The map of {found.class_name} cannot be compared. {found.likeness.note}", "unknown")
    drawn = correlations.tolist(), found.classes - blank
    alike = mean_of(*drawn)
    state = settled(alike, good_to=SAME_FOR_ANOTHER_CLASS, doubtful_from=SAME_FOR_ANOTHER_CLASS)
    means: dict[State, str] = {
        "good": "The map changes with the class that is asked about.",
        "doubtful": "This map would look the same for another answer.",
        "undecided": "These classes do not tell whether it would look the same for another answer.",
    }
    which = "the other class" if found.classes == 1 else f"{alike.draws} of {found.classes} other classes"
    what = (
        f"Rank correlation with the maps of {which}: {correlation(*drawn, after=AVERAGE)}, from "
        f"{number(correlations.min())} to {number(correlations.max())}."
    )
    return Verdict(correlation(*drawn), f"{what} {means[state]}", state)


def judge_infidelity(found: Infidelity) -> Verdict:
    """Whether sums of the map predict the effect of replacing a square better than the square's area alone."""
    (low, high), count = found.explained_range, len(found.squares)
    value = f"{found.explained:.0%} ({shares(found.explained_range)})"
    sentence = (
        f"The map's sum over a square predicts {value} of what replacing the square does to the logit; the square's "
        f"area alone predicts {found.flat:.0%} ({shares(found.flat_range)}). In brackets is where they lie over all "
        f"squares, by these {count}: the first {points(found.gain_range)} above the second."
    )
    if high < HARDLY and found.flat_range[1] < HARDLY:
        return Verdict(value, f"{sentence} Neither predicts anything, so there is nothing to compare.", "unknown")
    if found.gain_range[0] > 0 and low >= HARDLY:
        return Verdict(value, sentence, "good")
    if found.gain_range[1] < 0:
        return Verdict(value, sentence, "doubtful")
    return Verdict(value, f"{sentence} That is too close for a verdict.", "undecided")


def judge_sensitivity(found: Sensitivity) -> Verdict:
    """Whether the map is stable when invisible noise is added."""
    if math.isnan(found.value):
        return Verdict("–", "With noise added, the map holds values that are not finite numbers.", "unknown")
    moved = mean_of(found.values)
    size = with_margin(moved) if moved.low >= 0 else f"{number(moved.value)} (0 to {number(up(moved.high))})"
    state = settled(moved, good_to=MOVED, doubtful_from=MOVED)
    means: dict[State, str] = {
        "good": "",
        "doubtful": " Do not read its details.",
        "undecided": f" These draws do not tell whether that is more than {MOVED:.0%}.",
    }
    sentence = (
        f"Noise of at most {found.grey_levels:.1f} of {GREY_LEVELS} grey levels in every pixel, drawn "
        f"{times(moved.draws)}, moves the map by {size} of its own size on average, in "
        f"these draws by up to {number(found.value)}."
    )
    return Verdict(size, sentence + means[state], state)


def settled(found: Estimate, *, good_to: float, doubtful_from: float) -> State:
    """On which side of the limits the whole interval lies."""
    if found.high <= good_to:
        return "good"
    return "doubtful" if found.low >= doubtful_from else "undecided"


def number(value: float, decimals: int = 2) -> str:
    """A fixed number of decimals, with a real minus sign, and none for what rounds to 0."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")


def spread(values: Sequence[float], decimals: int = 2) -> str:
    """From the least to the largest of some draws, one number where they are alike; "none" without any."""
    ends = [number(end(values), decimals) for end in (min, max) if values]
    return " to ".join(dict.fromkeys(ends)) or "none"


def correlation(draws: Sequence[float], population: int | None = None, *, after: str = "") -> str:
    """The mean of some draws of a correlation with its margin, and `after`; their range, if that were beyond 1."""
    mean = mean_of(draws, population)
    return with_margin(mean) + after if mean.margin <= 1 else spread(draws, 1)


def up(value: float, decimals: int = 2) -> float:
    """What becomes `value`, rounded up, when it is rounded to so many decimals."""
    return value + 0.5 * 10.0**-decimals - 1e-9


def shares(ends: tuple[float, float]) -> str:
    """An interval of shares, rounded outward."""
    return f"{max(0, -up(-ends[0])):.0%} to {up(ends[1]):.0%}"


def points(ends: tuple[float, float]) -> str:
    """An interval of differences of shares in percentage points, rounded outward."""
    return f"{number(math.floor(100 * ends[0]), 0)} to {number(math.ceil(100 * ends[1]), 0)} points"


def plus_minus(value: float, margin: float) -> str:
    """The value and its margin, rounded up; the value alone if there is no margin, or only one draw."""
    rounded_up = math.ceil(margin * 100 - 1e-9) / 100 if math.isfinite(margin) else 0
    return f"{number(value)} ± {rounded_up:.2f}" if rounded_up else number(value)


def with_margin(found: Estimate) -> str:
    """The same of an estimate."""
    return plus_minus(found.value, found.margin)


def times(count: int) -> str:
    """How often, in words."""
    return "once" if count == 1 else f"{count} times"
