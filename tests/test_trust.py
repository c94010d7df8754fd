"""`trust`: what it asks for and returns, how it behaves, and the verdicts in words."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from threading import Barrier
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from resnet_core.attribution import METHODS, attribute
from resnet_core.errors import ResNetCoreError
from resnet_core.model import ResNet, build
from resnet_core.progress_parts import part_of, without_the_end
from resnet_core.records import AttributionRecord
from resnet_core.trust import CHECKS, QUICK, trust
from resnet_core.trust_records import (
    Completeness,
    Deletion,
    Infidelity,
    Likeness,
    Randomisation,
    RandomLogit,
    Sensitivity,
    TrustRecord,
)
from resnet_core.verdicts import (
    JUDGES,
    judge_completeness,
    judge_deletion,
    judge_infidelity,
    judge_random_logit,
    judge_randomisation,
    judge_sensitivity,
    verdicts,
)
from resnet_core.weights import load
from tests.attributions import CHEAP, TINY, pictures
from tests.fingerprints import fingerprint

FEW: dict[str, Any] = {"steps": 4, "random_maps": 2, "squares": 6, "samples": 2}


@pytest.fixture
def tiny() -> ResNet:
    return build(TINY, seed=0).eval()


def maps(model: ResNet, batch: Tensor, method: str = "saliency", target: int = 1) -> AttributionRecord:
    return attribute(model, batch, target, method, **CHEAP.get(method, {}))


def numbers(found: TrustRecord) -> list[Any]:
    """Every number in a record, to be compared."""
    kept: list[Any] = [found.completeness, found.diagnosis, found.sensitivity, found.skipped]
    for part in (found.randomisation, found.deletion, found.infidelity):
        kept += [value.to_dict() for value in vars(part or found).values() if isinstance(value, pd.DataFrame)]
    kept += [None if found.random_logit is None else found.random_logit.map.tolist()]
    return [repr(each) for each in kept]


# --- what is asked for


def test_every_check_has_a_field_and_a_judge() -> None:
    names = {field.name for field in fields(TrustRecord)}
    assert set(CHECKS) <= names
    assert list(CHECKS) == list(JUDGES)
    assert QUICK == ("diagnosis", "completeness")
    for check in CHECKS.values():
        assert check.idea.endswith((".", "?"))
        assert check.paper[-4:].isdigit()


def test_the_quick_checks_are_the_default_and_run_no_network(tiny: ResNet) -> None:
    batch = pictures(1, 32, 32)
    record = maps(tiny, batch, "integrated_gradients")
    tiny.conv1.weight = torch.nn.Parameter(torch.zeros(1))  # nothing could pass
    found = trust(tiny, batch, record)
    assert found.diagnosis is not None
    assert found.completeness is not None
    assert list(found.seconds) == list(QUICK)
    assert found.randomisation is found.random_logit is found.deletion is found.infidelity is found.sensitivity is None
    assert found.skipped == {}


@pytest.mark.parametrize("check", CHECKS)
def test_one_check_alone(tiny: ResNet, check: str) -> None:
    batch = pictures(1, 32, 32)
    few = {name: value for name, value in FEW.items() if name in {option.name for option in CHECKS[check].options}}
    found = trust(tiny, batch, maps(tiny, batch, "integrated_gradients"), check, **few)
    assert {name for name in CHECKS if getattr(found, name) is not None} == {check}
    assert list(verdicts(found)) == [check]
    assert found.options == {check: {option.name: option.default for option in CHECKS[check].options} | few}
    assert (found.method, found.target, found.seed) == ("integrated_gradients", 1, 0)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_can_be_checked(tiny: ResNet, method: str) -> None:
    batch = pictures(1, 32, 32)
    found = trust(tiny, batch, maps(tiny, batch, method), CHECKS, **{**FEW, "random_maps": 1, "samples": 1})
    assert set(verdicts(found)) == set(CHECKS)
    assert ("completeness" in found.skipped) == (not METHODS[method].completeness)
    assert set(found.skipped) <= {"completeness"}


def test_completeness_is_the_difference_of_the_two_logits() -> None:
    model = load("resnet20", weights="cifar10", device="cpu")
    batch = pictures(1, 32, 32)
    record = attribute(model, batch, 3, "integrated_gradients", steps=64, baseline="mean")
    found = trust(model, batch, record).completeness
    assert found is not None
    with torch.no_grad():
        difference = float(model(batch)[0, 3] - model(0 * batch)[0, 3])
    assert found.difference == pytest.approx(difference, abs=1e-4)
    assert float(record.map.sum()) == pytest.approx(difference + found.delta, abs=1e-4)
    assert found.share == pytest.approx(abs(found.delta / difference), rel=1e-3)
    assert judge_completeness(found).state == "good"


@pytest.mark.parametrize("value", [0.0, 1.0, float("nan")])
def test_a_map_without_order_is_not_checked_further(tiny: ResNet, value: float) -> None:
    batch = pictures(1, 32, 32)
    record = maps(tiny, batch)
    found = trust(tiny, batch, replace(record, map=torch.full_like(record.map, value)), CHECKS, **FEW)
    assert found.diagnosis is not None
    assert found.diagnosis.kind in ("blank", "constant", "not finite")
    assert set(found.skipped) == set(CHECKS) - {"diagnosis"}
    assert {verdict.state for name, verdict in verdicts(found).items() if name != "diagnosis"} == {"unknown"}


def test_a_network_of_one_class_has_no_other() -> None:
    model = build(TINY, num_classes=1, seed=0)
    batch = pictures(1, 32, 32)
    found = trust(model, batch, maps(model, batch, target=0), ("random_logit",))
    assert found.random_logit is None
    assert "no other to compare with" in found.skipped["random_logit"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"checks": ("diagnosis", "faith")}, r"The check is 'faith', but must be one of 'diagnosis', 'completeness', "),
        (
            {"checks": "deletion", "units": "blocks"},
            r"An option of deletion is 'units', .* 'fill', 'random_maps', 'steps'",
        ),
        ({"checks": "deletion", "fill": "red"}, r"The option fill is 'red', but must be one of 'blur', 'mean', "),
        ({"checks": "deletion", "steps": 1}, r"The option steps is 1, but must be a whole number from 2 to 100"),
        ({"checks": "sensitivity", "radius": -1.0}, r"The option radius is -1\.0, but must be a number from 0\.0"),
        ({"seed": -1}, r"The seed is -1, but must be a whole number from 0 to 2147483647"),
        ({"seed": 1.5}, r"The seed is 1\.5, but"),
        ({"seed": True}, r"The seed is True, but"),
        ({"batch": pictures(2, 32, 32)}, r"The batch is \(2, 3, 32, 32\) and the map \(1, 32, 32\), but one picture"),
        ({"batch": pictures(1, 16, 32)}, r"The batch is \(1, 3, 16, 32\) and the map \(1, 32, 32\)"),
    ],
)
def test_wrong_calls_are_named_with_what_is_allowed(tiny: ResNet, more: dict[str, Any], message: str) -> None:
    batch = pictures(1, 32, 32)
    with pytest.raises(ResNetCoreError, match=message):
        trust(**{"model": tiny, "batch": batch, "record": maps(tiny, batch), **more})


def test_records_of_another_network_or_method_are_refused(tiny: ResNet) -> None:
    batch = pictures(1, 32, 32)
    record = maps(tiny, batch, target=9)
    with pytest.raises(ResNetCoreError, match=r"about class 9, but this network has the classes 0 to 4"):
        trust(build(TINY, num_classes=5, seed=0), batch, record)
    with pytest.raises(ResNetCoreError, match=r"The record's method is 'lrp', but must be one of 'saliency'"):
        trust(tiny, batch, replace(record, method="lrp"))


# --- how it behaves


@pytest.mark.parametrize("shortcut", ["A", "none"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_all_checks_inside_inference_mode_and_in_either_precision(shortcut: Any, dtype: torch.dtype) -> None:
    model = build(TINY, shortcut=shortcut, seed=0).to(dtype)
    batch = pictures(1, 32, 32)
    expected = trust(model, batch, maps(model, batch), CHECKS, **FEW)
    with torch.inference_mode():
        inside = trust(model, pictures(1, 32, 32), maps(model, batch), CHECKS, **FEW)
    assert numbers(inside) == numbers(expected)
    assert inside.randomisation is not None
    assert inside.randomisation.maps.dtype == dtype
    assert not inside.randomisation.maps.is_inference()


def test_a_bottom_heavy_network_at_another_size() -> None:
    model = build("resnet18", num_classes=4, seed=0).eval()
    batch = pictures(1, 64, 64)
    found = trust(model, batch, maps(model, batch, "grad_cam"), CHECKS, **{**FEW, "random_maps": 1, "samples": 1})
    assert found.randomisation is not None
    assert list(found.randomisation.table["unit"]) == ["fc", "layer4", "layer3", "layer2", "layer1", "stem"]


def test_the_seed_alone_decides_and_no_global_generator_is_touched(tiny: ResNet) -> None:
    batch = pictures(1, 32, 32)
    record = maps(tiny, batch)
    states = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()  # type: ignore[index, union-attr]
    first = trust(tiny, batch, record, CHECKS, **FEW)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert np.random.get_state()[1].tolist() == states[1]  # type: ignore[index, union-attr]
    assert random.getstate() == states[2]
    torch.manual_seed(99)
    np.random.seed(99)
    assert numbers(trust(tiny, batch, record, CHECKS, **FEW)) == numbers(first)
    other = trust(tiny, batch, record, CHECKS, seed=1, **FEW)
    differing = [mine != theirs for mine, theirs in zip(numbers(other), numbers(first), strict=True)]
    assert sum(differing) == len(differing) - 3  # completeness, diagnosis and what is skipped know no dice


class Stop(Exception):
    """Raised by a test's progress to cancel the work."""


@pytest.mark.parametrize("share", [None, 0.0, 0.2, 0.5, 0.8, 1.0])
def test_nothing_is_left_on_the_model_the_batch_or_the_record(share: float | None) -> None:
    model = build(TINY, seed=0)  # in train mode, where a stray pass would move the statistics
    batch = pictures(1, 32, 32)
    record = maps(model, batch)
    before, pixels, heat = fingerprint(model), batch.clone(), record.map.clone()

    def cancel(done: int, total: int) -> None:
        if share is not None and done >= share * total:
            raise Stop("nobody waits any more")

    if share is None:
        trust(model, batch, record, CHECKS, progress=cancel, **FEW)
    else:
        with pytest.raises(Stop, match="nobody"):
            trust(model, batch, record, CHECKS, progress=cancel, **FEW)
    assert fingerprint(model) == before
    assert torch.equal(batch, pixels)
    assert torch.equal(record.map, heat)
    assert torch.is_grad_enabled()


def test_progress_rises_and_ends_once(tiny: ResNet) -> None:
    batch = pictures(1, 32, 32)
    seen: list[tuple[int, int]] = []
    trust(tiny, batch, maps(tiny, batch), CHECKS, progress=lambda *report: seen.append(report), **FEW)
    shares = [done / total for done, total in seen]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert [share for share in shares if share == 1] == [1]
    assert max(later - earlier for earlier, later in zip(shares, shares[1:], strict=False)) < 0.1
    assert len(seen) > 100


def test_parts_of_progress_by_hand() -> None:
    seen: list[tuple[int, int]] = []
    part = part_of(lambda done, total: seen.append((done, total)), 3, 1, 4)
    assert part is not None
    for done in (0, 1, 2):
        part(done, 2)
    assert seen == [(7500, 10_000), (8750, 10_000), (10_000, 10_000)]
    last = without_the_end(part)
    assert last is not None
    last(2, 2)
    assert seen[-1] == (8750, 10_000)
    assert part_of(None, 0, 1, 1) is None
    assert without_the_end(None) is None


def test_eight_threads_on_one_model_get_what_each_gets_alone(tiny: ResNet) -> None:
    batches = [pictures(1, 32, 32, seed) for seed in range(2)]
    records = [maps(tiny, batch) for batch in batches]
    pairs = list(zip(batches, records, strict=True))
    alone = [numbers(trust(tiny, *pair, CHECKS, **FEW)) for pair in pairs]
    before, start = fingerprint(tiny), Barrier(8)

    def work(pair: tuple[Tensor, AttributionRecord]) -> list[Any]:
        start.wait(timeout=20)
        return numbers(trust(tiny, *pair, CHECKS, **FEW))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, pairs * 4)) == alone * 4
    assert fingerprint(tiny) == before


# --- verdicts


def steps(*correlations: float, chance: float = 0.1, trained: bool = True) -> Randomisation:
    table = pd.DataFrame({"unit": "x", "rank_correlation": correlations, "note": "It is blank."})
    return Randomisation(table, torch.zeros(len(correlations), 1, 1), chance, trained)


def games(down: tuple[float, list[float]], up: tuple[float, list[float]], start: float = 0.9) -> Deletion:
    rows = [
        (curve, order, draw, area, 10 * area)
        for curve, (own, random_areas) in (("deletion", down), ("insertion", up))
        for draw, (order, area) in enumerate([("map", own), *(("random", area) for area in random_areas)])
    ]
    areas = pd.DataFrame(rows, columns=["curve", "order", "draw", "probability", "logit"])
    table = pd.DataFrame({"curve": ["deletion"], "order": ["map"], "share": [0.0], "probability": [start]})
    return Deletion(table, areas, "blur")


def test_verdict_on_randomisation() -> None:
    bad = judge_randomisation(steps(0.9, 0.8, 0.6))
    assert (bad.value, bad.state) == ("0.70", "doubtful")
    assert "is 0.70 on average and 0.60 at the end" in bad.sentence
    assert bad.sentence.endswith("This method hardly looks at what the network has learned.")
    assert judge_randomisation(steps(1.0, 0.2, -0.4)).value == "−0.10"
    assert judge_randomisation(steps(1.0, 0.2, -0.4)).state == "good"
    assert judge_randomisation(steps(1.0, 0.5, 0.5, chance=0.6)).state == "unknown"  # coarse maps reach that by chance
    assert judge_randomisation(steps(1.0, 0.5, 0.5, chance=0.29)).state == "doubtful"
    assert judge_randomisation(steps(1.0, 0.5, 0.5, trained=False)).state == "unknown"
    blank = judge_randomisation(steps(1.0, float("nan"), float("nan")))
    assert blank.state == "unknown"
    assert blank.sentence.endswith("cannot be compared. It is blank.")


def test_verdict_on_another_class() -> None:
    def found(correlation: float, note: str = "") -> RandomLogit:
        return RandomLogit(3, "cat", torch.zeros(1, 1), Likeness(0.5, correlation, 0.5, note))

    assert judge_random_logit(found(0.95)).state == "doubtful"
    assert judge_random_logit(found(-0.3)).sentence.startswith(
        "Rank correlation with the map of another class, cat: −0.30"
    )
    assert judge_random_logit(found(0.79)).state == "good"
    assert judge_random_logit(found(float("nan"), "Blank.")).sentence == "The map of cat cannot be compared. Blank."


def test_verdict_on_deletion() -> None:
    good = judge_deletion(games((0.2, [0.4, 0.5]), (0.8, [0.6, 0.4])))
    assert (good.value, good.state) == ("0.20 / 0.80", "good")
    assert (
        "lowers the probability faster than 2 of 2 random maps as smooth as it do (area 0.20 against 0.45"
        in good.sentence
    )
    assert "raises it faster than 2 of 2 (area 0.80 against 0.50)" in good.sentence
    assert judge_deletion(games((0.45, [0.4, 0.6]), (0.8, [0.6, 0.4]))).state == "unknown"  # beats one of two
    assert judge_deletion(games((0.2, [0.4, 0.5]), (0.3, [0.6, 0.4]))).state == "doubtful"
    assert judge_deletion(games((0.6, [0.4, 0.5]), (0.8, [0.6, 0.4]))).state == "doubtful"
    faint = judge_deletion(games((0.2, [0.4, 0.5]), (0.8, [0.6, 0.4]), start=0.01))
    assert faint.value == "2.00 / 8.00"
    assert "lowers the logit" in faint.sentence


def test_verdicts_on_completeness_infidelity_and_sensitivity() -> None:
    assert judge_completeness(Completeness(0.1, 5.0, 0.02)).value == "2.0%"
    assert judge_completeness(Completeness(-0.5, 5.0, 0.1)).state == "doubtful"
    assert judge_completeness(Completeness(0.0, 0.0, float("nan"))).state == "unknown"
    infidelity = Infidelity(1.0, 0.5, explained=0.64, flat=0.31, squares=pd.DataFrame(), fill="blur")
    assert judge_infidelity(infidelity).state == "good"
    assert "foretells 64% of" in judge_infidelity(infidelity).sentence
    assert judge_infidelity(replace(infidelity, flat=0.7)).state == "doubtful"
    sensitivity = Sensitivity(0.38, (0.38, 0.2), radius=0.02, grey_levels=1.17)
    assert judge_sensitivity(sensitivity).sentence == (
        "Noise of at most 1.2 of 255 grey levels in every pixel moves the map by up to 38% of its own size."
    )
    assert judge_sensitivity(replace(sensitivity, value=0.9)).state == "doubtful"
    assert judge_sensitivity(replace(sensitivity, value=float("nan"))).state == "unknown"
