"""Intervals against SciPy's own and against counting, and the seeds of draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from resnet_core.checks.draws import TAIL, between, fresh_seed, looks, mean_of, quantile_of, resampled, share_of


def test_a_mean_has_students_interval() -> None:
    values = [0.2, 0.5, 0.4, 0.9]
    found = mean_of(values)
    low, high = stats.t.interval(1 - 2 * TAIL, 3, np.mean(values), stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.value == pytest.approx(0.5)
    assert math.isinf(mean_of([0.3]).margin)
    assert mean_of([]).draws == 0


def test_of_a_population_all_drawn_the_mean_is_exact() -> None:
    values = [0.2, 0.5, 0.4, 0.9]
    assert mean_of(values, 4).margin == 0
    assert mean_of(values, 8).margin == pytest.approx(mean_of(values).margin * math.sqrt(0.5))
    assert mean_of([0.3], 1).margin == 0


@pytest.mark.parametrize(("hits", "draws"), [(0, 6), (6, 6), (9, 24), (1, 1)])
def test_a_share_has_the_exact_interval(hits: int, draws: int) -> None:
    expected = stats.binomtest(hits, draws).proportion_ci(1 - 2 * TAIL, method="exact")
    found = share_of(hits, draws)
    assert (found.value, found.low, found.high) == pytest.approx((hits / draws, expected.low, expected.high))


def test_a_quantile_lies_within_its_ends_nineteen_times_of_twenty() -> None:
    generator = np.random.default_rng(0)
    found = [quantile_of(np.abs(generator.standard_normal(1000)), 0.95) for _ in range(300)]
    inside = np.mean([each.low <= stats.norm.ppf(0.975) <= each.high for each in found])
    assert 0.92 < inside < 0.98


def test_looks_are_few_and_the_last_is_the_budget() -> None:
    assert looks(12) == (3, 6, 12)
    assert looks(9) == (3, 5, 9)
    assert looks(2) == (1, 2)
    assert looks(1) == (1,)


def test_the_bootstrap_finds_students_interval() -> None:
    values = np.random.default_rng(1).standard_normal(200)
    means = resampled(200, 4000, seed=0) @ values / 200
    assert between(means) == pytest.approx((mean_of(values.tolist()).low, mean_of(values.tolist()).high), abs=0.02)
    assert (resampled(7, 5, seed=0).sum(1) == 7).all()


def test_seeds_of_draws_differ_from_seed_to_seed_and_from_the_seed_itself() -> None:
    found = {fresh_seed(seed, draw) for seed in range(20) for draw in range(20)}
    assert len(found) == 400
    assert not found & set(range(1000))
