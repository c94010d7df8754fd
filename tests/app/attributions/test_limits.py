"""The limits that stand beside verdicts: the numbers at which the judges turn."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import resnet_core as rc
from app.attributions.limits import limit_of
from resnet_core.checks.judges import judge_randomisation
from resnet_core.checks.records import Completeness, Infidelity, Sensitivity
from tests.app.attributions.test_cascade_figure import randomised

KEPT = (0.9, 0.45, 0.45, 0.45)
EMPTY = rc.TrustRecord("saliency", 3, 0, {}, {}, {})


@pytest.mark.parametrize(("neighbours", "limit"), [(0.5, "limit 0.45"), (0.95, "limit 0.40")])
def test_the_limit_of_random_weights_is_where_the_verdict_turns(neighbours: float, limit: str) -> None:
    found = replace(randomised(KEPT, KEPT, chance=0.3), neighbours=neighbours)
    assert limit_of("randomisation", replace(EMPTY, randomisation=found)) == limit
    number = float(limit.split()[1])
    below = (0.9, *[number - 0.01] * 3)
    assert judge_randomisation(replace(randomised(below, below, chance=0.3), neighbours=neighbours)).state == "good"


def test_each_other_check_has_its_own() -> None:
    record = replace(EMPTY, completeness=Completeness(0.1, 1.0, 0.1), sensitivity=Sensitivity(0.2, (0.2,), 0.02, 1.0))
    assert limit_of("completeness", record) == "limit 5%"
    assert limit_of("sensitivity", record) == "limit 0.50"


def test_a_limit_that_was_drawn_has_its_noise() -> None:
    found = replace(randomised(KEPT, KEPT, chance=0.3, margin=0.018), neighbours=0.5)
    assert limit_of("randomisation", replace(EMPTY, randomisation=found)) == "limit 0.45 ± 0.02"
    squares = pd.DataFrame(index=range(48))
    found = Infidelity(1.0, 0.5, 0.2, 0.17, squares, "blur", (0.1, 0.4), (0.031, 0.44), (-0.051, 0.104))
    assert limit_of("infidelity", replace(EMPTY, infidelity=found)) == "−6 to 11 points above area alone"


def test_where_nothing_is_judged_there_is_none() -> None:
    record = replace(EMPTY, randomisation=randomised(KEPT, KEPT))
    assert limit_of("deletion", record) == ""
    assert limit_of("randomisation", replace(record, trained=False)) == ""
