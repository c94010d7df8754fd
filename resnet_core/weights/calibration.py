"""How often answers of a given probability are right, and the temperature that calibrates probabilities.

A reliability table bins the pictures by the probability of their first answer. The expected calibration error (ECE) is
the mean distance between probability and share of right answers over its bins, weighted by their pictures; dividing
the logits by a temperature is the simplest way to reduce it. (Guo et al. 2017, sections 2 and 4.2)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

EDGES = (  # where most nets have most answers, finer
    *(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9),
    *(0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998),
)
LEAST = 100  # pictures in a bin
LEVEL = 0.95  # of the intervals
WILSON = NormalDist().inv_cdf((1 + LEVEL) / 2)  # the same in standard deviations of a normal distribution
COLDEST, HOTTEST = 0.05, 20.0  # the range of temperatures that is searched
HALVINGS = 60  # of the logarithm of that range: more than double precision needs


@dataclass(frozen=True)
class Bin:
    """Test pictures whose first answer had a probability from `low` to below `high`: how many, and how many were right.

    `confidence` is the mean of those probabilities.
    """

    low: float
    high: float
    count: int
    right: int
    confidence: float


@dataclass(frozen=True)
class Calibration:
    """What was measured of a network's probabilities on its test pictures.

    `bins` are those of all pictures. A random order by `seed` divides them into halves: `temperature` makes the labels
    of the first half most probable, `held_out` are the bins of the second half without it, `scaled` those with it.
    Without a temperature (None) both are empty.
    """

    bins: tuple[Bin, ...]
    seed: int
    temperature: float | None
    held_out: tuple[Bin, ...] = ()
    scaled: tuple[Bin, ...] = ()

    @property
    def pictures(self) -> int:
        """How many pictures were counted."""
        return sum(each.count for each in self.bins)

    @property
    def accuracy(self) -> float:
        """The share of first answers that were right."""
        return sum(each.right for each in self.bins) / self.pictures


def calibrate(logits: Tensor, labels: Tensor, *, seed: int = 0) -> Calibration:
    """The calibration of a network with `logits` (N, classes) for N pictures of the classes `labels` (N,)."""
    logits = logits.double()
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    first, second = order[: len(order) // 2], order[len(order) // 2 :]
    temperature = fitted_temperature(logits[first], labels[first])
    bins = binned(logits, labels)
    if temperature is None:
        return Calibration(bins, seed, None)
    held_out, scaled = (binned(logits[second] / by, labels[second]) for by in (1.0, temperature))
    return Calibration(bins, seed, temperature, held_out, scaled)


def binned(logits: Tensor, labels: Tensor) -> tuple[Bin, ...]:
    """The bins between `EDGES`, joined until each holds `LEAST` pictures; the outer ends are the data's own.

    `logits` are (N, classes), `labels` (N,).
    """
    probabilities, answers = logits.softmax(1).max(1)
    confidence, right = probabilities.numpy(), (answers == labels).numpy()  # (N,)
    low, high = math.floor(100 * confidence.min()) / 100, math.ceil(100 * confidence.max()) / 100
    cuts: list[float] = []
    for edge in EDGES:
        below = ((confidence < edge) & (confidence >= (cuts or [0.0])[-1])).sum()
        if min(below, (confidence >= edge).sum()) >= LEAST:
            cuts.append(edge)
    bin_of = np.searchsorted(cuts, confidence, side="right")  # (N,), the bin of each picture from 0
    bins = [(bottom, top, bin_of == number) for number, (bottom, top) in enumerate(pairwise([low, *cuts, high]))]
    return tuple(
        Bin(bottom, top, int(inside.sum()), int(right[inside].sum()), float(confidence[inside].mean()))
        for bottom, top, inside in bins
    )


def fitted_temperature(logits: Tensor, labels: Tensor) -> float | None:
    """The T for which the labels (N,) are most probable under softmax(logits / T), logits (N, classes) in double.

    The likelihood is concave in 1 / T, so bisection finds the root of its slope. None if it has no maximum in the
    range, as for a network that is always right.
    """
    own = logits.gather(1, labels[:, None])[:, 0]  # (N,)

    def too_cold(temperature: float) -> bool:
        expected = ((logits / temperature).softmax(1) * logits).sum(1)  # (N,)
        return bool((expected - own).mean() > 0)

    if not too_cold(COLDEST) or too_cold(HOTTEST):
        return None
    low, high = math.log(COLDEST), math.log(HOTTEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if too_cold(math.exp(middle)) else (low, middle)
    return math.exp(low)


def calibration_error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: the mean of |right - probability| over the pictures, bin by bin."""
    return sum(abs(each.right - each.count * each.confidence) for each in bins) / sum(each.count for each in bins)


def chance_error(bins: Sequence[Bin]) -> float:
    """The calibration error of a perfectly calibrated network on so few pictures: noise alone.

    The share in a bin of n pictures with confidence c has the standard deviation sqrt(c (1 - c) / n); its mean absolute
    deviation is sqrt(2 / pi) times that.
    """
    spread = sum(math.sqrt(each.count * each.confidence * (1 - each.confidence)) for each in bins)
    return math.sqrt(2 / math.pi) * spread / sum(each.count for each in bins)


def wilson(right: NDArray[np.int64], count: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ends of the 95 % interval of a share, for `right` of `count`. (Wilson 1927)"""
    square = WILSON**2
    middle = (right + square / 2) / (count + square)
    half = WILSON * np.sqrt(right * (count - right) / count + square / 4) / (count + square)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def reliability_table(bins: Sequence[Bin]) -> pd.DataFrame:
    """One row a bin: low, high, count, confidence, accuracy; accuracy_low and accuracy_high are its 95 % interval."""
    count, right = (np.array([getattr(each, name) for each in bins], dtype=int) for name in ("count", "right"))
    ends = wilson(right, count)
    return pd.DataFrame(
        {
            "low": [each.low for each in bins],
            "high": [each.high for each in bins],
            "count": count,
            "confidence": [each.confidence for each in bins],
            "accuracy": right / count,
            "accuracy_low": ends[0],
            "accuracy_high": ends[1],
        }
    )
