"""Both sides of every limit: just below it one verdict, just above it another."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import torch

from resnet_core.checks import limits
from resnet_core.checks._fillings import Fillings
from resnet_core.checks.records import Completeness, Infidelity, TrustRecord
from resnet_core.checks.verdicts import verdicts
from tests.resnet_core.checks.test_judges import games, noise, others, steps

EXACT = (1.0, 1.0, 1.0)  # three draws that say the same leave no doubt


def verdict(check: str, found: Any) -> str:
    """What `verdicts` says of a record with this one result."""
    (said,) = verdicts(TrustRecord("saliency", 0, 0, {}, {}, {}, **{check: found})).values()
    return said.state


def complete(share: float) -> str:
    return verdict("completeness", Completeness(share, 1.0, share))


def kept(value: float, *, chance: float = 0.1, neighbours: float = 0.5) -> str:
    found = steps(*(value * each for each in EXACT), chance=chance, neighbours=neighbours)
    return verdict("randomisation", replace(found, chance_margin=0.0))


def alike(value: float) -> str:
    return verdict("random_logit", others(*(value * each for each in EXACT)))


def left_by_the_fill(share: float) -> str:
    return verdict("deletion", games((24, 24), (24, 24), start=0.8, alone=0.8 * share))


def beaten(hits: int) -> str:
    """The state for so many hits of a million draws, which leave hardly a margin."""
    return verdict("deletion", games((hits, 10**6), (hits, 10**6)))


def predicted(low: float, high: float, flat: float = 0.0) -> str:
    """The map predicts between `low` and `high` of the falls, the area alone up to `flat`, and less in any case."""
    ranges = ((low, high), (0.0, flat), (0.001, 0.002))
    return verdict("infidelity", Infidelity(1.0, 0.5, low, 0.0, pd.DataFrame(index=range(48)), "blur", *ranges))


def moved(value: float) -> str:
    return verdict("sensitivity", noise([value * each for each in EXACT]))


def judged(probability: float) -> str:
    """What the games look at where the class has this probability."""
    odds = torch.tensor([[math.log(probability), math.log(1 - probability)]], dtype=torch.float64)
    return Fillings({}, {}, odds).judged(0)


# limit: what it decides, a value on either side of it, and what is said there
SIDES: dict[str, tuple[Callable[[Any], str], tuple[Any, str], tuple[Any, str]]] = {
    "COMPLETE": (complete, (0.0499, "good"), (0.0501, "doubtful")),
    "ABOVE_CHANCE": (kept, (0.2499, "good"), (0.2501, "doubtful")),
    "ALIKE": (lambda value: kept(value, chance=0.8, neighbours=0.99), (0.3999, "good"), (0.4001, "undecided")),
    "COARSE": (lambda value: kept(0.5, chance=0.8, neighbours=value), (0.8999, "good"), (0.9001, "undecided")),
    "SAME_FOR_ANOTHER_CLASS": (alike, (0.7799, "good"), (0.7801, "doubtful")),
    "LEFT_BY_THE_FILL": (left_by_the_fill, (0.4999, "good"), (0.5001, "unknown")),
    "BEATEN": (beaten, (660_000, "doubtful"), (673_000, "good")),
    "HARDLY": (lambda value: predicted(value, value), (0.0999, "unknown"), (0.1001, "good")),
    "HARDLY, at the lower end": (lambda value: predicted(value, 0.2), (0.0999, "undecided"), (0.1001, "good")),
    "HARDLY, by the area": (lambda value: predicted(0.0, 0.05, value), (0.0999, "unknown"), (0.1001, "undecided")),
    "MOVED": (moved, (0.4999, "good"), (0.5001, "doubtful")),
    "FAINT": (judged, (0.0999, "logit"), (0.1001, "probability")),
}
ELSEWHERE = {"CHANCE_LEVEL", "GREY_LEVELS"}  # no verdict turns there: `test_randomisation`, `test_faithfulness`


@pytest.mark.parametrize("limit", SIDES)
def test_a_verdict_turns_at_its_limit(limit: str) -> None:
    say, *sides = SIDES[limit]
    (below, there), (above, beyond) = sides
    assert (say(below), say(above)) == (there, beyond)
    assert there != beyond


def test_no_limit_is_left_out() -> None:
    assert {name for name in vars(limits) if name.isupper()} == {side.split(",")[0] for side in SIDES} | ELSEWHERE
