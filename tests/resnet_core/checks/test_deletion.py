"""Deletion and insertion on a network that is linear in its pixels, where the curves are known beforehand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from resnet_core.attribution.maps import attribute
from resnet_core.checks._deletion import deletion, logits_without, order_of, pictures
from resnet_core.checks._fillings import Fillings
from resnet_core.checks._games_judge import judge_deletion
from resnet_core.checks._table import CHECKS
from resnet_core.checks.records import Case, Deletion
from resnet_core.inside.answers import preprocess, transform_of
from resnet_core.nets.loading import load
from resnet_core.nets.model import ResNet, build
from resnet_core.pictures.masks import FILLS, filled
from resnet_core.pictures.samples import SAMPLES
from tests.attributions import TINY
from tests.linear_net import linear_net, photo

OPTIONS: dict[str, Any] = {"steps": 8, "fill": "mean", "random_maps": 3}  # so few never settle


def found_for(model: ResNet, batch: Tensor, target: int | None = 8, **more: Any) -> Deletion:
    record = attribute(model, batch, target, "input_x_gradient")
    return deletion(Case(model, batch, record, seed=0), {**OPTIONS, **more}, None)


@pytest.mark.parametrize("steps", [8, 7])  # 12 x 10 pixels: with and without a rest
def test_a_linear_networks_curves_are_the_sums_of_its_map(steps: int) -> None:
    model, batch = linear_net(), photo()
    heat = attribute(model, batch, 8, "input_x_gradient").map[0].numpy()
    contributions = np.sort(heat.ravel())[::-1]
    with torch.no_grad():
        whole, empty = float(model(batch)[0, 8]), float(model(0 * batch)[0, 8])
    table = found_for(model, batch, steps=steps).table
    for curve in ("deletion", "insertion"):
        line = table[(table["curve"] == curve) & (table["order"] == "map")]
        np.testing.assert_allclose(line["share"], np.arange(steps + 1) / steps)
        first = [contributions[: round(share * heat.size)].sum() for share in line["share"]]
        expected = whole - np.array(first) if curve == "deletion" else empty + np.array(first)
        np.testing.assert_allclose(line["logit"], expected, atol=1e-9)


def test_both_games_begin_where_the_other_ends() -> None:
    table = found_for(linear_net(), photo()).table.set_index(["curve", "order", "share"])["logit"]
    for order in ("map", "random"):
        assert table["deletion", order, 0.0] == table["insertion", order, 1.0]
        assert table["deletion", order, 1.0] == table["insertion", order, 0.0]


def test_areas_are_trapezoids_and_the_random_line_is_the_mean_of_its_draws() -> None:
    found = found_for(linear_net(), photo())
    for (curve, order), line in found.table.groupby(["curve", "order"]):
        own = found.areas[(found.areas["curve"] == curve) & (found.areas["order"] == order)]
        assert len(own) == (1 if order == "map" else 3)
        values = line["probability"].to_numpy()
        by_hand = (values[0] / 2 + values[1:-1].sum() + values[-1] / 2) / OPTIONS["steps"]
        assert own["probability"].mean() == pytest.approx(by_hand)
        assert (line["low"] <= line["probability"]).all()
        assert (line["probability"] <= line["high"]).all()
        assert (line["low"] < line["high"]).any() == (order == "random")


def test_the_map_of_a_linear_network_beats_every_random_one() -> None:
    areas = found_for(linear_net(), photo()).areas
    down, up = (areas[areas["curve"] == curve].set_index("order")["logit"] for curve in ("deletion", "insertion"))
    assert down["map"] < down["random"].min()
    assert up["map"] > up["random"].max()


def test_pixels_go_from_the_largest_value_and_equal_ones_not_in_reading_order() -> None:
    heat = np.array([[0.0, -1.0, 0.0], [5.0, 0.0, 2.0]])
    order = order_of(heat, seed=0)
    assert order[1, 0] == 0
    assert order[1, 2] == 1
    assert order[0, 1] == 5  # negative ones last
    assert sorted(order[heat == 0].tolist()) == [2, 3, 4]
    wide = order_of(np.zeros((20, 20)), seed=0)
    first_half = np.argwhere(wide < 200)
    assert 7 < first_half[:, 0].mean() < 12  # reading order would give 4.5
    assert not np.array_equal(wide, order_of(np.zeros((20, 20)), seed=1))


def test_the_fill_stands_where_pixels_are_gone_in_passes_of_any_size() -> None:
    model = build(TINY, seed=0).eval()
    batch = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    gone = np.random.default_rng(0).random((34, 32, 32)) < 0.5  # more than one pass takes
    fill = filled(batch, "blur", transform_of(model))
    found = logits_without(model, batch, fill, gone)
    for index in (0, 31, 33):
        picture = torch.where(torch.from_numpy(gone[index]), fill, batch)
        with torch.no_grad():
            torch.testing.assert_close(found[index], model(picture)[0].double(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("tied", "fields"), [(False, 1), (True, 8)])
def test_the_number_of_passes_is_what_it_says(tied: bool, fields: int) -> None:
    model = build(TINY, seed=0).eval()
    batch = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    record = attribute(model, batch, 1, "saliency")
    if tied:  # blocks of one value each
        coarse = record.map[:, ::fields, ::fields].repeat_interleave(fields, 1).repeat_interleave(fields, 2)
        record = replace(record, map=coarse)
    case = Case(model, batch, record, seed=0)
    seen: list[tuple[int, int]] = []
    found = deletion(case, OPTIONS, lambda done, total: seen.append((done, total)))
    if judge_deletion(found).state == "undecided":
        assert seen[-1] == (4 * pictures(8, 3, tied=tied),) * 2  # blocks
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    played = found.areas.groupby(["curve", "order"]).size()
    assert played["deletion", "map"] == (played["deletion", "random"] if tied else 1)
    assert CHECKS["deletion"].passes(case, OPTIONS) == (pictures(8, 3, tied=tied), 0)


def test_the_chart_counts_what_the_areas_say() -> None:
    found = found_for(linear_net(), photo())
    for curve in ("deletion", "insertion"):
        areas = found.areas[found.areas["curve"] == curve].set_index("order")[found.judged]
        better = areas["random"] > areas["map"] if curve == "deletion" else areas["random"] < areas["map"]
        rows = found.table[found.table["curve"] == curve]
        assert set(rows["beaten"]) == {int(better.sum())}
        assert set(rows["draws"]) == {3}


def test_equal_values_are_ordered_anew_for_every_random_map() -> None:
    """The order of Grad-CAM's zeros was drawn once, by the seed."""
    model, batch = linear_net(), photo()
    record = attribute(model, batch, 8, "input_x_gradient")
    half = replace(record, map=record.map.clamp(min=float(record.map.median())))
    found = deletion(Case(model, batch, half, seed=0), OPTIONS, None)
    own = found.areas[(found.areas["curve"] == "deletion") & (found.areas["order"] == "map")]["logit"]
    assert len(own) == own.nunique() == 3


def test_games_end_when_the_verdict_is_settled_or_the_draws_are_spent() -> None:
    model, batch = linear_net(), photo()
    record = attribute(model, batch, 8, "input_x_gradient")
    options = {**OPTIONS, "random_maps": 24}
    good = deletion(Case(model, batch, record, seed=0), options, None)
    assert judge_deletion(good).state == "good"
    assert good.table["draws"].max() == 12
    turned = deletion(Case(model, batch, replace(record, map=-record.map), seed=0), options, None)
    assert judge_deletion(turned).state == "doubtful"
    assert turned.table["draws"].max() == 6


def test_what_a_filling_leaves_of_the_class_is_what_the_network_says_to_it() -> None:
    """A drawn golf ball rises from 68 to 82 % where every superpixel is replaced by the blurred photo."""
    model = load("resnet18", weights="imagenette", device="cpu")
    batch = preprocess(SAMPLES["golf-ball"].load(), model)
    found = found_for(model, batch, steps=2, fill="blur", random_maps=1, target=None)
    with torch.no_grad():
        blurred = model(filled(batch, "blur", transform_of(model))).softmax(1)[0]
    target = int(model(batch).argmax())
    alone = found.alone.set_index("fill")["probability"]
    assert alone["blur"] == pytest.approx(float(blurred[target]), abs=1e-4)
    start = found.table[(found.table["curve"] == "deletion") & (found.table["share"] == 0)]["probability"].iloc[0]
    assert alone["blur"] > start
    verdict = judge_deletion(found)
    assert verdict.state == "unknown"
    assert f"the probability is still {alone['blur']:.2f}, against {start:.2f}" in verdict.sentence


@pytest.mark.parametrize("seed", range(3))
def test_another_seed_turns_no_verdict_round(seed: int) -> None:
    """With five random maps these pairs changed between good, doubtful and "cannot tell"."""
    model = load("resnet20", weights="cifar10", device="cpu")
    pairs = (
        ("cat", "grad_cam", "undecided"),
        ("coffee", "saliency", "undecided"),
        ("astronaut", "input_x_gradient", "good"),
    )
    for sample, method, state in pairs:
        batch = preprocess(SAMPLES[sample].load(), model)
        case = Case(model, batch, attribute(model, batch, method=method), seed)
        found = deletion(case, {"steps": 10, "fill": "neutral", "random_maps": 24}, None)
        assert judge_deletion(found).state == state


def test_neutral_is_the_first_filling_that_leaves_room() -> None:
    model = load("resnet20", weights="cifar10", device="cpu")
    batch = preprocess(SAMPLES["cat"].load(), model)
    case = Case(model, batch, attribute(model, batch, method="saliency"), 0)
    found = Fillings.of(model, case)
    alone = found.table(case.target).set_index("fill")["probability"]
    whole = float(found.whole.softmax(1)[0, case.target])
    assert alone["blur"] > whole / 2 > alone["mean"]
    assert found.chosen("neutral", case.target) == "mean"
    assert [found.chosen(fill, case.target) for fill in FILLS] == list(FILLS)
