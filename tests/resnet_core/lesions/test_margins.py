"""Margins of error against how often they hold what they should."""

from __future__ import annotations

import math

import numpy as np
import pytest

from resnet_core.lesions._margins import mean_margin, paired_margin


def test_the_margin_holds_95_per_cent_of_the_changes() -> None:
    generator = np.random.default_rng(0)
    hits = 0
    for _ in range(400):
        worse, better = generator.random(300) < 0.06, generator.random(300) < 0.02
        before = better
        wrong = worse & ~better  # errors on other pictures
        hits += abs(wrong.mean() - before.mean() - (0.06 * 0.98 - 0.02)) <= paired_margin(wrong, before)
    assert 0.92 <= hits / 400 <= 0.98


def test_no_difference_on_few_pictures_is_not_certainty() -> None:
    same = np.zeros(10, dtype=bool)
    assert paired_margin(same, same) == pytest.approx(1.96 * math.sqrt(1) / 12)


@pytest.mark.parametrize("population", [math.inf, 25])
def test_the_margin_of_a_mean_holds_95_per_cent_of_the_means(population: float) -> None:
    generator = np.random.default_rng(0)
    hits = []
    for _ in range(600):
        everything = generator.normal(size=(25, 2))
        drawn = everything[:20]
        mean = 0.0 if population == math.inf else everything.mean(0)
        hits += list(np.abs(drawn.mean(0) - mean) <= mean_margin(drawn, population))
    assert 0.93 <= np.mean(hits) <= 0.97


def test_all_of_a_population_is_certain_and_one_draw_says_nothing() -> None:
    assert mean_margin(np.array([1.0, 3.0]), 2) == 0
    assert mean_margin(np.array([1.0]), 1) == 0
    assert mean_margin(np.array([1.0]), 2) == math.inf
