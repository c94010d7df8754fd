"""The confidence interval of a result from random draws, and after how many draws it is looked at.

A check draws until its verdict is beyond the noise, or until its budget is spent. Several looks give several chances of
a wrong verdict, so each look gets an equal part of the total error rate (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95  # of all looks together
LOOKS = 3
TAIL = (1 - CONFIDENCE) / LOOKS / 2  # of one look, on either side


@dataclass(frozen=True)
class Estimate:
    """A mean or a share over `draws`, and the ends of its interval, infinite for a single draw."""

    value: float
    low: float
    high: float
    draws: int

    @property
    def hits(self) -> int:
        """For a share: how many draws were hits."""
        return round(self.value * self.draws)

    @property
    def margin(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2


def looks(most: int) -> tuple[int, ...]:
    """After how many of at most `most` draws the verdict is looked at: a quarter, half, all."""
    return tuple(sorted({-(-most // 4), -(-most // 2), most}))


def fresh_seed(seed: int, draw: int) -> int:
    """A seed for one draw: not `seed` itself, from which the network under test may have been built.

    Neighbouring seeds share no draw, as they would with seed + draw.
    """
    return int(np.random.SeedSequence((seed, draw)).generate_state(1)[0])


def mean_of(values: Sequence[float], population: int | None = None) -> Estimate:
    """The mean of independent draws, with Student's interval. NaN for no draws.

    From a finite `population`, drawn without replacement, the interval shrinks as more of it is drawn (Cochran 1977,
    equation 2.20), to 0 when all of it is.
    """
    from scipy.special import stdtrit  # takes half a second to import

    drawn = len(values)
    if not drawn:
        return Estimate(math.nan, math.nan, math.nan, 0)
    mean = float(np.mean(values))
    if drawn == population:
        return Estimate(mean, mean, mean, drawn)
    if drawn == 1:
        return Estimate(mean, -math.inf, math.inf, drawn)
    left = 1.0 if population is None else 1 - drawn / population
    spread = float(np.std(values, ddof=1)) * math.sqrt(left / drawn)
    margin = float(stdtrit(drawn - 1, 1 - TAIL)) * spread
    return Estimate(mean, mean - margin, mean + margin, drawn)


def share_of(hits: int, draws: int) -> Estimate:
    """The share of hits in independent draws, with the interval of Clopper and Pearson (1934)."""
    from scipy.special import betaincinv

    low = float(betaincinv(hits, draws - hits + 1, TAIL)) if hits else 0.0
    high = float(betaincinv(hits + 1, draws - hits, 1 - TAIL)) if hits < draws else 1.0
    return Estimate(hits / draws, low, high, draws)


def quantile_of(values: Sequence[float], share: float) -> Estimate:
    """The value that a `share` of independent draws stays under, between two of them (Conover 1999, section 3.2)."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    spread = 2 * math.sqrt(len(ordered) * share * (1 - share))  # 1.96 standard deviations of a count
    ends = np.clip([len(ordered) * share - spread, len(ordered) * share + spread], 0, len(ordered) - 1)
    low, high = ordered[np.round(ends).astype(int)]
    return Estimate(float(np.quantile(ordered, share)), float(low), float(high), len(ordered))


def resampled(count: int, times: int, seed: int) -> NDArray[np.float64]:
    """How often each of `count` draws is in each of `times` bootstrap samples: (times, count), rows sum to `count`."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(count, np.full(count, 1 / count), size=times).astype(np.float64)


def between(values: NDArray[np.float64]) -> tuple[float, float]:
    """The interval of bootstrapped `values` without the two tails."""
    low, high = np.quantile(values, (TAIL, 1 - TAIL))
    return float(low), float(high)
