"""How similar two attribution maps are, in numbers that do not depend on the scale of their values."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resnet_core.attribution.records import AttributionRecord
from resnet_core.errors import ResNetCoreError

Array = NDArray[np.float64]
ROBUST = 0.995  # a colour scale ends where 99.5 % of the values do, so that one hot pixel does not hide the rest
WINDOW = 7  # side of the squares in which SSIM compares, scikit-image's default


@dataclass(frozen=True)
class Likeness:
    """How similar two maps are: SSIM as displayed, Spearman's rank correlation of the values and of their sizes.

    NaN where it is not defined; `note` then says why, and is empty otherwise.
    """

    ssim: float
    rank_correlation: float
    abs_rank_correlation: float
    note: str = ""


def agreement(records: Mapping[str, AttributionRecord]) -> pd.DataFrame:
    """Spearman's rank correlation of every two maps: a square table, rows and columns by the labels of `records`.

    Two signed maps are compared with their signs. If one of the two is never negative it has no direction, and the
    sizes |values| of both are compared. NaN for a map of one value or with values that are not finite. Raises
    `ResNetCoreError` for records of several pictures or of different sizes.
    """
    maps = {label: map_of(record) for label, record in records.items()}
    if len({heat.shape for heat in maps.values()}) > 1:
        sizes = ", ".join(f"{label} {heat.shape}" for label, heat in maps.items())
        raise ResNetCoreError(f"The maps have different sizes ({sizes}), but pixels are compared one by one.")
    table = pd.DataFrame(math.nan, index=list(maps), columns=list(maps), dtype=float)

    @functools.cache
    def ordered(label: str, signed: bool) -> Array | None:
        heat = maps[label] if signed else np.abs(maps[label])
        return None if without_order(heat) else ranks(heat)

    for first, second in itertools.combinations_with_replacement(maps, 2):
        signed = records[first].signed and records[second].signed
        one, other = ordered(first, signed), ordered(second, signed)
        if one is not None and other is not None:
            table.loc[first, second] = table.loc[second, first] = cosine(one, other)
    return table


def map_of(record: AttributionRecord) -> Array:
    """The map (H, W) of a record of one picture. Raises `ResNetCoreError` for a record of several."""
    if len(record.map) != 1:
        raise ResNetCoreError(f"The record holds {len(record.map)} maps, but one picture's map is needed: (1, H, W).")
    return record.map[0].detach().cpu().double().numpy()


def without_order(heat: Array) -> str | None:
    """Why the pixels of a map cannot be ranked; None if they can."""
    if not np.isfinite(heat).all():
        return "The map holds values that are not finite numbers."
    return "The map has one value everywhere, so its pixels have no order." if np.ptp(heat) == 0 else None


def rank_correlation(first: Array, second: Array) -> float:
    """Spearman's rank correlation over all values; equal values share their mean rank. NaN for a map without order."""
    if without_order(first) or without_order(second):
        return math.nan
    return cosine(ranks(first), ranks(second))


def ranks(heat: Array) -> Array:
    """The ranks of all values, less their mean: (H, W) -> (H * W,)."""
    found = pd.Series(heat.ravel()).rank().to_numpy(dtype=np.float64)
    return np.asarray(found - found.mean(), dtype=np.float64)


def cosine(first: Array, second: Array) -> float:
    """The cosine of the angle between two vectors; of mean-free ones, their correlation."""
    return float(first @ second / math.sqrt((first @ first) * (second @ second)))


def scale_end(values: NDArray[np.floating]) -> float:
    """Where a colour scale ends: the size under which 99.5 % of the finite values lie, or else the largest."""
    finite = np.abs(values[np.isfinite(values)])
    limit = float(np.quantile(finite, ROBUST)) if finite.size else 0.0
    return limit or (float(finite.max()) if finite.size else 0.0)


def as_displayed(heat: Array, *, signed: bool) -> Array:
    """A map as it is displayed: divided by the 99.5th percentile of the sizes, clipped to -1..1 or to 0..1."""
    limit = scale_end(heat) or 1.0
    return np.clip(heat / limit, -1.0 if signed else 0.0, 1.0)


def likeness(original: Array, other: Array, *, signed: bool) -> Likeness:
    """SSIM (Wang et al. 2004) of two maps (H, W) as displayed, and their rank correlations."""
    note = without_order(original) or without_order(other) or ""
    return Likeness(
        ssim=structural_similarity(original, other, signed=signed),
        rank_correlation=rank_correlation(original, other),
        abs_rank_correlation=rank_correlation(np.abs(original), np.abs(other)),
        note=note,
    )


def structural_similarity(first: Array, second: Array, *, signed: bool) -> float:
    """scikit-image's SSIM of two maps as displayed; NaN for values that are not finite, or below 3 x 3 pixels."""
    from skimage.metrics import structural_similarity as ssim

    side = min(WINDOW, *first.shape)
    window = side - 1 + side % 2  # an odd number
    if window < 3 or not (np.isfinite(first).all() and np.isfinite(second).all()):
        return math.nan
    pair = (as_displayed(first, signed=signed), as_displayed(second, signed=signed))
    return float(ssim(*pair, win_size=window, data_range=2.0 if signed else 1.0))  # type: ignore[no-untyped-call]
