"""The randomisation tests: the known result about guided backprop and gradients, and that each step is what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from resnet_core.attribution.comparison import rank_correlation
from resnet_core.attribution.maps import attribute
from resnet_core.checks._random_maps import random_maps
from resnet_core.checks._randomisation import UNITS, cascade_order, neighbour_correlation, random_logit, randomisation
from resnet_core.checks.chance import level_of_chance
from resnet_core.checks.draws import fresh_seed
from resnet_core.checks.judges import judge_random_logit, judge_randomisation
from resnet_core.checks.records import Case, Randomisation
from resnet_core.inside.answers import preprocess
from resnet_core.nets.loading import load
from resnet_core.nets.model import ResNet, build
from resnet_core.pictures.samples import SAMPLES
from tests.fingerprints import fingerprint

STAGES: dict[str, Any] = {"units": "stages", "draws": 12}
ONE: dict[str, Any] = {"units": "stages", "draws": 1}
CLASSES: dict[str, Any] = {"classes": 12}


@pytest.fixture(scope="module")
def trained() -> ResNet:
    return load("resnet20", weights="cifar10", device="cpu")


def picture() -> Tensor:
    return torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def case_of(model: ResNet, batch: Tensor, method: str, target: int | None = None, seed: int = 0) -> Case:
    return Case(model, batch, attribute(model, batch, target, method), seed)


def cascade(model: ResNet, method: str, sample: str, seed: int = 0) -> tuple[Case, Randomisation]:
    case = case_of(model, preprocess(SAMPLES[sample].load(), model), method, seed=seed)
    return case, randomisation(case, STAGES, None)


@pytest.mark.parametrize(("sample", "seed"), [("cat", 0), ("golf-ball", 1)])
def test_guided_backprop_fails_and_gradients_pass(trained: ResNet, sample: str, seed: int) -> None:
    """Adebayo et al. 2018, figures 2 to 4: guided backprop hardly changes when the higher layers become random."""
    _, guided = cascade(trained, "guided_backprop", sample, seed)
    assert judge_randomisation(guided).state == "doubtful"
    assert "does not depend on what the network has learned" in judge_randomisation(guided).sentence
    for method in ("saliency", "input_x_gradient"):
        case, found = cascade(trained, method, sample, seed)
        assert judge_randomisation(found).state == "good"
        assert found.kept < guided.kept - 0.1
        assert (found.table["ssim"] < guided.table["ssim"] + 0.1).all()
        assert judge_random_logit(random_logit(case, CLASSES, None)).state == "good"
    last_stage = guided.table.set_index("unit").loc["layer3"]
    assert last_stage["ssim"] > 0.5
    assert last_stage["rank_correlation"] > 0.6


def test_guided_backprop_is_much_the_same_for_another_class(trained: ResNet) -> None:
    case, _ = cascade(trained, "guided_backprop", "cat")
    assert judge_random_logit(random_logit(case, CLASSES, None)).state == "doubtful"


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("shortcut", ["A", "none"])
def test_each_step_is_the_map_of_the_network_with_those_parts_exchanged(units: str, shortcut: Any) -> None:
    model = build("resnet20", shortcut=shortcut, seed=0).double().eval()  # where no rounding moves a ReLU's kink
    with torch.no_grad():
        for name, buffer in model.named_buffers():
            if "running_var" in name:
                buffer.mul_(1.2)
    case = case_of(model, picture(), "input_x_gradient", 4, seed=7)
    found = randomisation(case, {"units": units, "draws": 1}, None)
    fresh = build("resnet20", shortcut=shortcut, seed=fresh_seed(7, 0)).state_dict()
    mixed = build("resnet20", shortcut=shortcut).double().eval()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    order = cascade_order(model, units)
    assert list(found.table["unit"]) == order
    assert (order[0], order[-1]) == ("fc", "stem")
    assert found.maps.shape == (len(order), 32, 32)
    for step, unit in enumerate(order):
        exchanged = ("conv1.", "bn1.") if unit == "stem" else (f"{unit}.",)
        state |= {name: value for name, value in fresh.items() if name.startswith(exchanged)}
        mixed.load_state_dict(state)
        expected = attribute(mixed, case.photo, 4, "input_x_gradient").map[0]
        torch.testing.assert_close(found.maps[step], expected, rtol=0, atol=1e-9 * float(expected.abs().max()))
        row = found.table.iloc[step]
        pair = (case.record.map[0].numpy(), found.maps[step].numpy())
        assert row["rank_correlation"] == rank_correlation(*pair)
        assert row["abs_rank_correlation"] == rank_correlation(*map(np.abs, pair))
    assert all(torch.equal(state[name], fresh[name]) for name in fresh)  # nothing of the network is left


def test_the_network_itself_stays_as_it_is() -> None:
    model = build("resnet20", seed=0)
    before = fingerprint(model)
    randomisation(case_of(model, picture(), "saliency"), {"units": "blocks", "draws": 2}, None)
    assert fingerprint(model) == before


def test_a_network_built_from_the_same_seed_is_not_replaced_by_itself() -> None:
    found = randomisation(case_of(build("resnet20", seed=0), picture(), "saliency", seed=0), STAGES, None)
    assert found.final < 0.9
    assert not found.trained
    assert judge_randomisation(found).state == "unknown"


def test_a_random_network_whose_map_is_blank_has_no_correlation_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build("resnet20", seed=0).eval()
    case = case_of(model, picture(), "grad_cam", 4)

    def headless(*args: Any, **more: Any) -> ResNet:
        fresh = build(*args, **more)
        with torch.no_grad():
            fresh.fc.weight.zero_()
        return fresh

    monkeypatch.setattr("resnet_core.checks._randomisation.build", headless)
    found = randomisation(case, STAGES, None)
    assert found.table["rank_correlation"].isna().all()
    assert set(found.table["note"]) == {"The map has one value everywhere, so its pixels have no order."}
    assert np.isnan(found.kept)
    assert np.isnan(found.final)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("method", ["saliency", "guided_backprop", "grad_cam"])
def test_another_seed_turns_no_verdict_round(trained: ResNet, method: str, seed: int) -> None:
    """Each of these pairs changed between good, doubtful and "cannot tell" from one network drawn to the next."""
    case, found = cascade(trained, method, "rocket", seed)
    expected = {"saliency": {"good"}, "guided_backprop": {"doubtful", "undecided"}, "grad_cam": {"good", "undecided"}}
    assert judge_randomisation(found).state in expected[method]
    assert judge_random_logit(random_logit(case, CLASSES, None)).state != (
        "good" if method == "guided_backprop" else "doubtful"
    )


def test_every_draw_is_kept_and_the_table_is_their_mean(trained: ResNet) -> None:
    _, found = cascade(trained, "saliency", "cat")
    count = found.draws["draw"].nunique()
    assert count in (3, 6, 12)
    assert len(found.draws) == count * len(found.table)
    for _, row in found.table.iterrows():
        values = found.draws[found.draws["unit"] == row["unit"]]["rank_correlation"]
        assert row["rank_correlation"] == pytest.approx(values.mean())
        assert (row["low"], row["high"]) == (values.min(), values.max())
        assert row["low"] < row["high"]
    assert found.kept == pytest.approx(np.mean(found.kept_by_draw))
    one = randomisation(case_of(trained, preprocess(SAMPLES["cat"].load(), trained), "saliency"), ONE, None)
    assert torch.equal(found.maps, one.maps)  # of the first draw


def test_the_other_classes_are_others_each_once_and_the_map_is_attributes(trained: ResNet) -> None:
    first = set()
    for seed in range(8):
        case = case_of(trained, picture(), "saliency", 9, seed)
        found = random_logit(case, CLASSES, None)
        first.add(found.target)
        targets = found.others["target"].tolist()
        assert targets[0] == found.target
        assert len(set(targets)) == len(targets) in (3, 5, 9)
        assert set(targets) <= set(range(9))
        assert torch.equal(found.map, attribute(trained, picture(), found.target, "saliency").map[0])
        assert found.others["rank_correlation"][0] == found.likeness.rank_correlation
        assert found.classes == 9
    assert len(first) >= 3
    assert found.class_name == trained.weights.classes[found.target]  # type: ignore[union-attr]


def test_chance_is_higher_for_smoother_maps() -> None:
    generator = np.random.default_rng(0)
    rough = generator.standard_normal((32, 32))
    smooth = np.kron(generator.standard_normal((4, 4)), np.ones((8, 8)))
    seen: list[tuple[int, int]] = []
    # Two independent orders of n pixels correlate within 1.96 / sqrt(n - 1) in 19 of 20 cases; here both maps are
    # strong at the same frequencies. Powers of white noise are exponential, their mean square is twice
    # their squared mean.
    level = level_of_chance(rough, 0, lambda done, total: seen.append((done, total)))
    assert level.value == pytest.approx(1.96 * (2 / 1023) ** 0.5, rel=0.1)
    assert level_of_chance(smooth).value > 2 * level.value
    assert seen[-1][0] == seen[-1][1] == len(seen)


def test_chance_is_a_quantile_of_rank_correlations_and_the_same_from_seed_to_seed() -> None:
    """With 40 random maps it was 0.45 to 0.63 for the same map."""
    smooth = np.kron(np.random.default_rng(0).standard_normal((2, 2)), np.ones((16, 16)))
    found = [level_of_chance(smooth, seed) for seed in range(4)]
    brute = [abs(rank_correlation(smooth, random)) for random in random_maps(smooth, 1000, 0)]
    assert found[0].value == pytest.approx(np.quantile(brute, 0.95))
    assert np.ptp([each.value for each in found]) < 0.05
    assert all(abs(each.value - found[0].value) < each.margin + found[0].margin for each in found)


def test_neighbours_tell_coarse_from_grainy() -> None:
    generator = np.random.default_rng(0)
    rough = generator.standard_normal((32, 32))
    assert abs(neighbour_correlation(rough)) < 0.1
    assert neighbour_correlation(np.add.outer(np.arange(32.0), np.arange(32.0))) > 0.99
    by_hand = np.corrcoef([*rough[:-1].ravel(), *rough[:, :-1].ravel()], [*rough[1:].ravel(), *rough[:, 1:].ravel()])
    assert neighbour_correlation(rough) == pytest.approx(by_hand[0, 1], abs=1e-3)
