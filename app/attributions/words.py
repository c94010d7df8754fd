"""Which maps agree, in sentences that another draw of random samples hardly ever reverses."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType

import numpy as np
import pandas as pd

from app.shared.drawing.bars import decimals
from resnet_core.checks.draws import Estimate
from resnet_core.checks.judges import with_margin
from resnet_core.checks.limits import CHANCE_LEVEL

# From this size of the rounded correlation on two maps are said to agree, or to be opposed, so far.
# Not said of a map that was drawn, or of random weights: another draw may give the opposite.
DEGREES = (
    (0.9, "agree almost fully", "are almost fully opposed"),
    (0.6, "agree largely", "are largely opposed"),
    (0.3, "agree in part", "are partly opposed"),
    (0.1, "agree a little", "are weakly opposed"),
)

# Another draw of KernelSHAP's samples moved the correlation with Grad-CAM by up to 0.68, with 50 samples by 0.82: six
# seeds, ResNet-20. Of methods other than this one and LIME it was 0.4 at most, mostly under 0.1.
ANOTHER_DRAW = 0.9

# From FINE on two digits are said. A degree follows the one digit that is said, so its limits lie half a digit lower;
# near those none is told: double precision moved the second digit of photos with large flat areas.
FINE, HALF, NEAR_LIMIT = 0.9, 0.05, 0.03

Drawn = Mapping[str, str]  # what was drawn at random, by the name of the map that it decides: "the random weights"
NOT_DRAWN: Drawn = MappingProxyType({})


@dataclass(frozen=True)
class Pair:
    """Two methods and the rank correlation of their maps, NaN if undefined; `drawn` if it depends on a seed."""

    first: str
    second: str
    correlation: float
    drawn: bool = False

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"

    @property
    def said(self) -> str:
        """The correlation, with the digits that another draw or double precision would not change completely."""
        fine = abs(self.correlation) >= FINE and not self.drawn
        return "" if np.isnan(self.correlation) else decimals(self.correlation, 2 if fine else 1)

    def near(self, other: Pair) -> bool:
        """Whether another draw, or double precision, could reverse the order of the two."""
        apart = abs(self.correlation - other.correlation)
        return self.said == other.said or apart < (ANOTHER_DRAW if self.drawn or other.drawn else NEAR_LIMIT)


def pairs(matrix: pd.DataFrame, drawn: Drawn = NOT_DRAWN) -> list[Pair]:
    """Each pair of methods once, in the order of the matrix."""
    names = [str(name) for name in matrix.index]
    values = matrix.to_numpy(dtype=float)
    return [
        Pair(names[one], names[two], float(values[one, two]), names[one] in drawn or names[two] in drawn)
        for one, two in itertools.combinations(range(len(names)), 2)
    ]


def finding(matrix: pd.DataFrame, drawn: Drawn = NOT_DRAWN) -> str:
    """Which two methods agree least and which most, in a sentence, with the pairs without a number.

    No pair is named whose order another draw of what is `drawn` has been seen to change.
    """
    if len(matrix) < 2:
        return "One map alone: choose a second method to compare it with"
    found = pairs(matrix, drawn)
    known = sorted((pair for pair in found if not np.isnan(pair.correlation)), key=attrgetter("correlation"))
    what = " and ".join(dict.fromkeys(drawn[str(name)] for name in matrix.index if name in drawn))
    once = f" (one draw of {what})" if what else ""
    if not known:
        return f"Nothing to compare: {_unknown(found)}{once}"
    all_ = "All pairs" if len(known) == len(found) else "All other pairs"
    said = f"{_ranked(known, all_)}{once}"
    return said if len(known) == len(found) else f"{said}; {_unknown(found)}"


def _ranked(known: list[Pair], all_: str) -> str:
    """The sentence for pairs sorted by correlation."""
    least, most = known[0], known[-1]
    short = decimals(least.correlation, 1)
    mixed = short == decimals(most.correlation, 1) and len(least.said) != len(most.said)  # 0.9 and 0.90
    if least.said == most.said or mixed:
        who, said = str(least) if len(known) == 1 else all_, short if mixed else least.said
        degree = "" if any(pair.drawn for pair in known) else _degree(least.correlation)
        return f"{who} {degree} ({said})" if degree else f"{who}: rank correlation {said}"
    first = not any(least.near(other) for other in known[1:])
    last = not any(most.near(other) for other in known[:-1])
    if first and last:
        return f"{least} agree least ({least.said}), {most} most ({most.said})"
    if first:
        return f"{least} agree least ({least.said}), others up to {most.said}"
    if last:
        return f"{most} agree most ({most.said}), others down to {least.said}"
    return f"Rank correlations from {least.said} to {most.said}"


def _degree(correlation: float) -> str:
    """How far two maps agree; "" near a limit, where it could be called either."""
    size = abs(correlation) + HALF
    if any(abs(size - least) < NEAR_LIMIT for least, _, _ in DEGREES):
        return ""
    for least, agree, opposed in DEGREES:
        if size >= least:
            return agree if correlation > 0 else opposed
    return "do not agree"


def _unknown(found: list[Pair]) -> str:
    """Which maps have no correlation with any other, or else which pairs have none."""
    names = dict.fromkeys(name for pair in found for name in (pair.first, pair.second))
    known = {name for pair in found if not np.isnan(pair.correlation) for name in (pair.first, pair.second)}
    broken = [str(pair) for pair in found if np.isnan(pair.correlation)]
    alone = [name for name in names if name not in known]
    who = ", ".join(alone) if 0 < len(alone) < len(names) else "; ".join(broken)
    return f"no correlation for {who}"


def agreement_words(matrix: pd.DataFrame, drawn: Drawn = NOT_DRAWN) -> str:
    """The chart in words, as alt text: the finding and every pair."""
    said = [f"{pair} {pair.said or 'none'}" for pair in pairs(matrix, drawn)]
    return f"{finding(matrix, drawn)}. Rank correlations: {', '.join(said)}" if said else finding(matrix)


def two_networks(matrix: pd.DataFrame, drawn: Drawn, chance: Estimate | None) -> str:
    """How far one method's maps of two networks agree, against `chance`, if there is one.

    For random weights no degree and no comparison with chance is given: other weights would change both.
    """
    said = finding(matrix, drawn)
    if chance is None:
        return f"{said}." if drawn else f"{said}, by the rank correlation of their maps."
    return (
        f"{said}; {100 * CHANCE_LEVEL:.0f} % of random maps as smooth as the first stay below "
        f"{with_margin(chance)} in size. Another draw gives another correlation."
    )
