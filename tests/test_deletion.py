"""Deletion and insertion on a network that is linear in its pixels, where the curves are known beforehand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from resnet_core.attribution import attribute
from resnet_core.deletion import deletion, logits_without, pictures, places
from resnet_core.masking import filled
from resnet_core.model import ResNet, build
from resnet_core.predict import transform_of
from resnet_core.trust_records import Case, Deletion
from tests.attributions import TINY
from tests.linear_net import linear_net, photo

OPTIONS: dict[str, Any] = {"steps": 8, "fill": "mean", "random_maps": 3}


def found_for(model: ResNet, batch: Tensor, **more: Any) -> Deletion:
    record = attribute(model, batch, 4, "input_x_gradient")
    return deletion(Case(model, batch, record, seed=0), {**OPTIONS, **more}, None)


@pytest.mark.parametrize("steps", [8, 7])  # 12 x 10 pixels: with and without a rest
def test_a_linear_networks_curves_are_the_sums_of_its_map(steps: int) -> None:
    model, batch = linear_net(), photo()
    heat = attribute(model, batch, 4, "input_x_gradient").map[0].numpy()
    contributions = np.sort(heat.ravel())[::-1]
    with torch.no_grad():
        whole, empty = float(model(batch)[0, 4]), float(model(0 * batch)[0, 4])
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
    place = places(heat, seed=0)
    assert place[1, 0] == 0
    assert place[1, 2] == 1
    assert place[0, 1] == 5  # negative ones last
    assert sorted(place[heat == 0].tolist()) == [2, 3, 4]
    wide = places(np.zeros((20, 20)), seed=0)
    first_half = np.argwhere(wide < 200)
    assert 7 < first_half[:, 0].mean() < 12  # reading order would give 4.5
    assert not np.array_equal(wide, places(np.zeros((20, 20)), seed=1))


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


def test_the_number_of_passes_is_what_it_says() -> None:
    model = build(TINY, seed=0).eval()
    seen: list[tuple[int, int]] = []
    model_record = attribute(model, torch.randn(1, 3, 32, 32), 1, "saliency")
    case = Case(model, torch.randn(1, 3, 32, 32), model_record, seed=0)
    deletion(case, OPTIONS, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (4 * pictures(8, 3), 4 * pictures(8, 3))  # blocks
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
