"""What the checks mean, in plain words with the number."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from resnet_core.checks._games_judge import judge_deletion
from resnet_core.checks.judges import (
    State,
    Verdict,
    judge_infidelity,
    judge_random_logit,
    judge_randomisation,
    judge_sensitivity,
)
from resnet_core.checks.limits import COMPLETE
from resnet_core.checks.records import Completeness, Diagnosis, TrustRecord

__all__ = ["JUDGES", "State", "Verdict", "verdicts"]

UNTRAINED = "The network has learned nothing, so this does not speak for the map."


def verdicts(record: TrustRecord) -> dict[str, Verdict]:
    """The verdict of every check in `record` that was asked for, also of those that do not apply.

    For an untrained network no check speaks for a map; the diagnosis still says whether it can be read.
    """
    found = {}
    for check, judge in JUDGES.items():
        result = getattr(record, check)
        if result is not None:
            found[check] = judge(result)
        elif check in record.skipped:
            found[check] = Verdict("–", record.skipped[check], "unknown")
    return found if record.trained else {check: _unpraised(check, verdict) for check, verdict in found.items()}


def _unpraised(check: str, verdict: Verdict) -> Verdict:
    if check == "diagnosis" or verdict.state not in ("good", "undecided"):
        return verdict
    return replace(verdict, sentence=f"{verdict.sentence} {UNTRAINED}", state="unknown")


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
            f"{found.share:.0%}, another seed by another share, which says nothing about the map. More samples help."
        )
        return Verdict(f"{found.share:.0%}, one draw", sentence, "undecided")
    value = f"{found.share:.1%}"
    if found.share <= COMPLETE:
        sentence = f"The map sums to the logit for this picture minus that for the baseline, with an error of {value}."
        return Verdict(value, sentence, "good")
    sentence = (
        "The map should sum to the logit for this picture minus that for the baseline, "
        f"but misses it by {value}. More steps or samples, if the method has them, reduce that."
    )
    return Verdict(value, sentence, "doubtful")


JUDGES: dict[str, Callable[[Any], Verdict]] = {
    "diagnosis": judge_diagnosis,
    "completeness": judge_completeness,
    "randomisation": judge_randomisation,
    "random_logit": judge_random_logit,
    "deletion": judge_deletion,
    "infidelity": judge_infidelity,
    "sensitivity": judge_sensitivity,
}
