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

from resnet_core.attribution.maps import METHODS, attribute
from resnet_core.attribution.records import AttributionRecord
from resnet_core.checks.judges import judge_completeness
from resnet_core.checks.records import Case, Completeness, TrustRecord
from resnet_core.checks.run import CHECKS, QUICK, trust
from resnet_core.checks.verdicts import verdicts
from resnet_core.errors import ResNetCoreError
from resnet_core.nets.loading import load
from resnet_core.nets.model import ResNet, build
from resnet_core.progress import part_of, without_the_end
from tests.attributions import CHEAP, TINY, pictures
from tests.bench_attributions import pictures_through
from tests.fingerprints import fingerprint

FEW: dict[str, Any] = {"draws": 1, "classes": 1, "steps": 4, "random_maps": 2, "squares": 6, "samples": 2}


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


def test_every_check_has_a_field_of_the_record() -> None:
    names = {field.name for field in fields(TrustRecord)}
    assert set(CHECKS) <= names
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
    if found.completeness is not None:
        assert found.completeness.on_average is METHODS[method].on_average


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_costs_at_most_what_it_says(tiny: ResNet, check: str) -> None:
    batch = pictures(1, 32, 32)
    record = maps(tiny, batch, "integrated_gradients" if check == "completeness" else "saliency")
    options = {option.name: option.resolve({}, tiny.variant) for option in CHECKS[check].options}
    most = CHECKS[check].passes(Case(tiny, batch, record, 0), options).forward
    seen = pictures_through(lambda: trust(tiny, batch, record, check))
    assert seen <= most
    assert (seen == 0) == (most == 0)


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
        ({"checks": "deletion", "fill": "red"}, r"The option fill is 'red', but must be one of 'neutral', 'blur', "),
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
    assert (
        sum(differing) == len(differing) - 4
    )  # completeness, diagnosis, what is skipped and fillings use no random numbers


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
    assert (
        max(later - earlier for earlier, later in zip(shares, shares[1:], strict=False)) < 0.2
    )  # a check that settles early jumps
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


# --- verdicts of whole records; those of each check are in test_judges.py


def test_what_random_weights_leave_is_not_judged() -> None:
    """Untrained integrated gradients read "All 2 checks that tell speak for this map"; another draw said "doubtful"."""
    model = build("resnet20", seed=0).eval()
    batch = pictures(1, 32, 32)
    record = attribute(model, batch, 1, "integrated_gradients", steps=64)
    found = trust(model, batch, record, (*QUICK, "sensitivity", "random_logit"))
    assert not found.trained
    states = {check: verdict.state for check, verdict in verdicts(found).items()}
    assert states.pop("diagnosis") == "good"  # that it can be read is true
    assert set(states.values()) == {"unknown"}
    failed = replace(found, completeness=Completeness(-0.5, 5.0, 0.1))
    assert verdicts(replace(failed, trained=True))["completeness"].state == "doubtful"
    assert verdicts(failed)["completeness"].state == "unknown"
    praised = verdicts(replace(found, trained=True))
    assert praised["completeness"].state == "good"
    assert verdicts(found)["completeness"].sentence.startswith(praised["completeness"].sentence)


def test_verdict_on_completeness() -> None:
    assert judge_completeness(Completeness(0.1, 5.0, 0.02)).value == "2%"
    assert judge_completeness(Completeness(-0.5, 5.0, 0.1)).state == "doubtful"
    assert judge_completeness(Completeness(0.0, 0.0, float("nan"))).state == "unknown"
    for share in (0.02, 0.27):  # by the seed: neither good nor doubtful
        drawn = judge_completeness(Completeness(share, 1.0, share, on_average=True))
        assert (drawn.state, drawn.value) == ("undecided", f"{share:.0%}, one draw")
        assert "another seed by another share" in drawn.sentence
    assert [method.id for method in METHODS.values() if method.on_average] == ["gradient_shap"]  # test_path_methods.py
