"""Likeness of maps against cases worked out by hand and against scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from resnet_core.attribution.comparison import (
    agreement,
    as_displayed,
    likeness,
    rank_correlation,
    structural_similarity,
)
from resnet_core.attribution.records import AttributionRecord
from resnet_core.checks._random_maps import random_maps
from resnet_core.errors import ResNetCoreError


def record(values: Any, *, signed: bool = True) -> AttributionRecord:
    heat = torch.as_tensor(np.asarray(values, dtype=np.float64))
    return AttributionRecord("saliency", torch.tensor([0]), heat[None], heat[None, None], signed, None, 0.0, {})


def noise(seed: int, size: int = 16) -> Any:
    return np.random.default_rng(seed).standard_normal((size, size))


def test_rank_correlation_by_hand() -> None:
    first = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert rank_correlation(first, first**3) == pytest.approx(1)  # only the order counts
    assert rank_correlation(first, -first) == pytest.approx(-1)
    # ranks 1 2 3 4 and 2 1 4 3: 1 - 6 * (1 + 1 + 1 + 1) / (4 * 15)
    assert rank_correlation(first, np.array([[20.0, 10.0], [99.0, 30.0]])) == pytest.approx(0.6)
    # ties share their mean rank: 1 2 3 4 and 1.5 1.5 3.5 3.5, so 4 / sqrt(5 * 4)
    assert rank_correlation(first, np.array([[0.0, 0.0], [7.0, 7.0]])) == pytest.approx(4 / 20**0.5)


def test_rank_correlation_is_scipys() -> None:
    first, second = np.round(noise(0), 1), np.round(noise(0) + noise(1), 1)  # with many ties
    assert rank_correlation(first, second) == pytest.approx(stats.spearmanr(first.ravel(), second.ravel()).statistic)


@pytest.mark.parametrize("broken", [np.zeros((2, 2)), np.full((2, 2), 3.0), np.array([[1, np.nan], [2, 3]])])
def test_a_map_without_order_correlates_with_nothing(broken: Any) -> None:
    other = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert np.isnan(rank_correlation(broken, other))
    assert np.isnan(rank_correlation(other, broken))
    assert likeness(other, broken, signed=True).note != ""
    assert likeness(other, other, signed=True).note == ""


def test_painted_ends_where_995_of_1000_values_do() -> None:
    values = np.arange(1001.0).reshape(7, 143)
    assert as_displayed(values, signed=False).max() == 1
    assert (as_displayed(values, signed=False) < 1).sum() == 995
    assert as_displayed(-values, signed=True).min() == -1
    assert as_displayed(-values, signed=False).max() == 0
    one = np.zeros((20, 20))
    one[3, 4] = 8.0  # the quantile is 0, so the largest value is the limit
    assert as_displayed(one, signed=True).max() == 1


@pytest.mark.parametrize(("signed", "wide"), [(False, 1), (True, 2)])
def test_ssim_of_one_window_by_hand(signed: bool, wide: int) -> None:
    first, second = (np.abs(noise(2, 7)), np.abs(noise(3, 7))) if not signed else (noise(2, 7), noise(3, 7))
    x, y = as_displayed(first, signed=signed).ravel(), as_displayed(second, signed=signed).ravel()
    covariance = np.cov(x, y)  # of 49 pixels, divided by 48
    c1, c2 = (0.01 * wide) ** 2, (0.03 * wide) ** 2
    by_hand = (2 * x.mean() * y.mean() + c1) * (2 * covariance[0, 1] + c2)
    by_hand /= (x.mean() ** 2 + y.mean() ** 2 + c1) * (covariance[0, 0] + covariance[1, 1] + c2)
    assert structural_similarity(first, second, signed=signed) == pytest.approx(by_hand)


def test_ssim_sees_no_scale_and_a_signed_range_is_twice_as_wide() -> None:
    first = noise(4)
    assert structural_similarity(first, 1000 * first, signed=True) == pytest.approx(1)
    assert structural_similarity(first, first + 0.3, signed=True) > structural_similarity(first, noise(5), signed=True)
    assert structural_similarity(first, noise(5), signed=True) != structural_similarity(first, noise(5), signed=False)


@pytest.mark.parametrize(("side", "is_number"), [(2, False), (3, True), (4, True), (6, True)])
def test_ssim_of_tiny_maps(side: int, is_number: bool) -> None:
    assert np.isfinite(structural_similarity(noise(0, side), noise(1, side), signed=True)) == is_number


def test_agreement_uses_signs_only_between_two_signed_maps() -> None:
    heat = noise(6)
    table = agreement(
        {
            "up": record(heat),
            "down": record(-heat),
            "size": record(np.abs(heat), signed=False),
            "flat": record(0 * heat),
        }
    )
    assert list(table.index) == list(table.columns) == ["up", "down", "size", "flat"]
    assert table.loc["up", "down"] == pytest.approx(-1)
    assert table.loc["up", "size"] == pytest.approx(1)
    assert table.loc["down", "size"] == pytest.approx(1)
    assert [table.loc[name, name] for name in ("up", "down", "size")] == pytest.approx([1, 1, 1])
    assert table["flat"].isna().all()
    assert table.equals(table.T)
    assert agreement({}).shape == (0, 0)


def test_agreement_refuses_maps_that_cannot_be_laid_upon_each_other() -> None:
    with pytest.raises(ResNetCoreError, match=r"different sizes \(a \(16, 16\), b \(8, 8\)\)"):
        agreement({"a": record(noise(0)), "b": record(noise(0, 8))})
    two = record(noise(0))
    two = AttributionRecord(**{**vars(two), "map": two.map.expand(2, -1, -1)})
    with pytest.raises(ResNetCoreError, match=r"The record holds 2 maps, but one"):
        agreement({"a": two})


def test_random_maps_are_as_smooth_as_the_map_and_know_nothing_of_it() -> None:
    y, x = np.mgrid[0:31, 0:24]  # an odd and an even side
    heat = np.exp(-((x - 8) ** 2 + (y - 20) ** 2) / 40)
    found = list(random_maps(heat, 40, seed=3))
    for random in found:
        assert random.shape == heat.shape
        np.testing.assert_allclose(np.abs(np.fft.rfft2(random)), np.abs(np.fft.rfft2(heat)), atol=1e-9)
    assert abs(np.mean([rank_correlation(heat, random) for random in found])) < 0.2
    np.testing.assert_array_equal(found[0], next(random_maps(heat, 1, seed=3)))
    assert not np.array_equal(found[0], next(random_maps(heat, 1, seed=4)))
