"""What the checks mean, in plain words with the number. Each limit is a constant that says where it comes from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from resnet_core.trust_records import (
    Completeness,
    Deletion,
    Diagnosis,
    Infidelity,
    Randomisation,
    RandomLogit,
    Sensitivity,
    TrustRecord,
)

State = Literal["good", "doubtful", "unknown"]

COMPLETE = 0.05  # "within 5%": Sundararajan et al. 2017, section 5
# The papers give no limits for the next three. Ours were chosen on what we measured, so nothing independent tests them:
# ResNet-20 on 5 photos with 3 seeds; ResNet-18, one seed, on up to 3 photos, without DeepLift. Guided backprop, known
# to fail, keeps 0.22 to 0.73 more than chance; saliency, input x gradient, DeepLift and Grad-CAM at most 0.02 more. For
# another class guided backprop reaches 0.79 to 0.99, saliency 0.22 to 0.76, Grad-CAM 0.57 at most.
ABOVE_CHANCE = 0.2
ALIKE = 0.4  # a rank correlation that is much, even where maps so coarse reach it by chance
SAME_FOR_ANOTHER_CLASS = 0.8
FAINT = 0.1  # a class less probable than this has little probability to lose: its logit is looked at instead
MOVED = 0.5  # of the map's own size; ours: beyond it the map of a picture that looks the same is mostly another map


@dataclass(frozen=True)
class Verdict:
    """What a check says: its number as text, a sentence, and whether it speaks for the map."""

    value: str
    sentence: str
    state: State


def verdicts(record: TrustRecord) -> dict[str, Verdict]:
    """The verdict of every check in `record` that was asked for, also of those that say nothing here."""
    found = {}
    for check, judge in JUDGES.items():
        result = getattr(record, check)
        if result is not None:
            found[check] = judge(result)
        elif check in record.skipped:
            found[check] = Verdict("–", record.skipped[check], "unknown")
    return found


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
    value = f"{found.share:.1%}"
    if found.share <= COMPLETE:
        sentence = (
            "The map sums to the logit for this picture minus that for the baseline, "
            f"{_number(found.difference)}, but for {value}."
        )
        return Verdict(value, sentence, "good")
    sentence = (
        f"The map should sum to the logit for this picture minus that for the baseline, {_number(found.difference)}, "
        f"but misses it by {value}. More steps or samples, where the method has them, bring that down."
    )
    return Verdict(value, sentence, "doubtful")


def judge_randomisation(found: Randomisation) -> Verdict:
    """Whether the map goes when what the network has learned goes."""
    kept, final = found.kept, found.final
    if not found.trained:
        sentence = "The network's weights are random to begin with: there is nothing learned that the map could show."
        return Verdict(_number(kept), sentence, "unknown")
    if math.isnan(kept):
        note = next((note for note in found.table["note"].iloc[1:] if note), "")
        return Verdict("–", f"The maps of the randomised networks cannot be compared. {note}", "unknown")
    value = _number(kept)
    what = (
        f"With the network made random from the last stage to the stem, the rank correlation with this map is {value} "
        f"on average and {_number(final)} at the end; 95 % of random maps as smooth as this one stay below "
        f"{_number(found.chance)}."
    )
    if kept >= found.chance + ABOVE_CHANCE:
        return Verdict(value, f"{what} This method hardly looks at what the network has learned.", "doubtful")
    if kept >= ALIKE:
        return Verdict(value, f"{what} The map is too coarse for this check to tell.", "unknown")
    return Verdict(value, f"{what} The map depends on what the network has learned.", "good")


def judge_random_logit(found: RandomLogit) -> Verdict:
    """Whether the map is about the class at all."""
    correlation = found.likeness.rank_correlation
    if math.isnan(correlation):
        return Verdict("–", f"The map of {found.class_name} cannot be compared. {found.likeness.note}", "unknown")
    what = f"Rank correlation with the map of another class, {found.class_name}: {_number(correlation)}."
    if correlation >= SAME_FOR_ANOTHER_CLASS:
        return Verdict(_number(correlation), f"{what} This map would look the same for another answer.", "doubtful")
    return Verdict(_number(correlation), f"{what} The map changes with the class that is asked about.", "good")


def judge_deletion(found: Deletion) -> Verdict:
    """Whether the map's order beats that of random maps, in both games.

    It speaks for the map to beat every random map twice, against it to lose once to their mean.
    """
    what = "logit" if _start(found) < FAINT else "probability"
    down, up = _Game.of(found, "deletion", what), _Game.of(found, "insertion", what)
    sentence = (
        f"Deleting the pixels that the map ranks first lowers the {what} faster than {down.beaten} of {down.draws} "
        f"random maps as smooth as it do (area {down.areas} on average). Inserting them first raises it faster than "
        f"{up.beaten} of {up.draws} (area {up.areas})."
    )
    state: State = "unknown"
    if down.beaten == down.draws and up.beaten == up.draws:
        state = "good"
    elif down.own >= down.mean or up.own <= up.mean:
        state = "doubtful"
    return Verdict(f"{_number(down.own)} / {_number(up.own)}", sentence, state)


def judge_infidelity(found: Infidelity) -> Verdict:
    """Whether sums of the map foretell what replacing a square does, better than the square's area alone."""
    value = f"{found.explained:.0%}"
    sentence = (
        f"The map's sum over a square foretells {value} of what replacing the square does to the logit; the square's "
        f"area alone foretells {found.flat:.0%}."
    )
    return Verdict(value, sentence, "good" if found.explained > found.flat else "doubtful")


def judge_sensitivity(found: Sensitivity) -> Verdict:
    """Whether the map stays when noise that nobody sees is added."""
    if math.isnan(found.value):
        return Verdict("–", "With noise added, the map holds values that are not finite numbers.", "unknown")
    value = f"{found.value:.0%}"
    levels = f"at most {found.grey_levels:.1f} of 255 grey levels"
    sentence = f"Noise of {levels} in every pixel moves the map by up to {value} of its own size."
    if found.value <= MOVED:
        return Verdict(value, sentence, "good")
    return Verdict(value, f"{sentence} Do not read its details.", "doubtful")


JUDGES: dict[str, Callable[[Any], Verdict]] = {
    "diagnosis": judge_diagnosis,
    "completeness": judge_completeness,
    "randomisation": judge_randomisation,
    "random_logit": judge_random_logit,
    "deletion": judge_deletion,
    "infidelity": judge_infidelity,
    "sensitivity": judge_sensitivity,
}


def _start(found: Deletion) -> float:
    """The probability of the class in the whole picture."""
    whole = found.table[(found.table["curve"] == "deletion") & (found.table["share"] == 0)]
    return float(whole["probability"].iloc[0])


@dataclass(frozen=True)
class _Game:
    """The area of one curve by the map, the mean by random maps, and how many of these the map beats."""

    own: float
    mean: float
    beaten: int
    draws: int

    @classmethod
    def of(cls, found: Deletion, curve: str, what: str) -> _Game:
        rows = found.areas[found.areas["curve"] == curve]
        own = float(rows[what][rows["order"] == "map"].iloc[0])
        random = rows[what][rows["order"] == "random"]
        beaten = random > own if curve == "deletion" else random < own
        return cls(own, float(random.mean()), int(beaten.sum()), len(random))

    @property
    def areas(self) -> str:
        return f"{_number(self.own)} against {_number(self.mean)}"


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
