"""Every kind of unreadable map, made on purpose, with the cause that the diagnosis should find."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from resnet_core.attribution.maps import attribute
from resnet_core.attribution.records import AttributionRecord
from resnet_core.checks._diagnosis import diagnosis
from resnet_core.checks.records import Case, Diagnosis
from resnet_core.inside.answers import transform_of
from resnet_core.nets.model import ResNet, build
from resnet_core.pictures.masks import filled


@pytest.fixture
def model() -> ResNet:
    return build("resnet20", seed=0).eval()


def picture() -> Tensor:
    return torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def diagnosed(model: ResNet, batch: Tensor, method: str, target: int = 1, **options: Any) -> Diagnosis:
    return diagnosis(Case(model, batch, attribute(model, batch, target, method, **options), seed=0))


def of_values(model: ResNet, heat: Tensor) -> Diagnosis:
    record = attribute(model, picture(), 1, "saliency")
    return diagnosis(Case(model, picture(), AttributionRecord(**{**vars(record), "map": heat[None]}), seed=0))


@pytest.mark.parametrize("method", ["saliency", "input_x_gradient", "grad_cam", "integrated_gradients"])
def test_ordinary_maps_are_sound(model: ResNet, method: str) -> None:
    assert diagnosed(model, picture(), method) == Diagnosis("sound", None)


def test_a_sound_map_costs_no_pass(model: ResNet) -> None:
    record = attribute(model, picture(), 1, "saliency")
    model.layer3[1] = nn.Identity()  # type: ignore[index, operator]
    model.conv1.register_forward_pre_hook(lambda *_: pytest.fail("the network was run"))
    assert diagnosis(Case(model, picture(), record, seed=0)).kind == "sound"


@pytest.mark.parametrize("where", [{"layer": "layer3"}, {"layer": "layer2.1", "point": "output"}])
def test_grad_cam_of_a_class_that_everything_argues_against(model: ResNet, where: dict[str, str]) -> None:
    record = attribute(model, picture(), 1, "grad_cam", **where, relu="off")  # type: ignore[arg-type]
    with torch.no_grad():  # a head whose gradient weighs every active map negatively
        model.fc.weight[1] = -1.0
        for block in (model.layer3[0], model.layer3[1], model.layer3[2]):  # type: ignore[index]
            block.bn2.weight.zero_()
    found = diagnosed(model, picture(), "grad_cam", **where)
    assert record.map.any()
    assert found.kind == "blank"
    assert found.sentence is not None
    assert f"every gradient-weighted sum of feature maps at {where['layer']} is negative or 0 (from -" in found.sentence
    assert "argues against class 1." in found.sentence


def test_a_head_without_weights(model: ResNet) -> None:
    with torch.no_grad():
        model.fc.weight[1] = 0.0
    for method in ("saliency", "grad_cam", "integrated_gradients"):
        found = diagnosed(model, picture(), method)
        assert found.kind == "blank"
        assert "the head's weights for class 1 are all 0" in str(found.sentence)


def test_a_dead_block(model: ResNet) -> None:
    with torch.no_grad():
        model.layer2[0].bn2.bias.fill_(-1e6)  # type: ignore[index, operator]
    found = diagnosed(model, picture(), "saliency")
    assert "the output of layer2.0 is 0 everywhere" in str(found.sentence)


def test_a_gradient_that_is_lost_on_the_way_back(model: ResNet) -> None:
    with torch.no_grad():
        model.conv1.weight.zero_()
        model.bn1.bias.fill_(1.0)  # type: ignore[union-attr, operator]
    assert "the logit's gradient is exactly 0 in every pixel" in str(diagnosed(model, picture(), "saliency").sentence)


@pytest.mark.parametrize("colour", ["black", "white", "mean"])
def test_a_photo_of_the_baselines_colour(model: ResNet, colour: Any) -> None:
    plain = filled(picture(), colour, transform_of(model)).contiguous()
    found = diagnosed(model, plain, "integrated_gradients", baseline=colour)
    assert found.kind == "blank"
    assert f"the same as the {colour} one that it is compared with (option baseline)" in str(found.sentence)
    other = "black" if colour == "white" else "white"
    assert diagnosed(model, plain, "integrated_gradients", baseline=other).kind != "blank"


def test_a_photo_of_the_mean_colour_times_the_gradient(model: ResNet) -> None:
    with torch.no_grad():
        model.bn1.bias.fill_(1.0)  # type: ignore[union-attr, operator]  # so that something gets through
    found = diagnosed(model, torch.zeros(1, 3, 32, 32), "input_x_gradient")
    assert "the picture is exactly the mean colour" in str(found.sentence)


def test_a_blank_map_without_a_cause_in_the_network(model: ResNet) -> None:
    found = of_values(model, torch.zeros(32, 32))
    assert found.kind == "blank"
    assert "the logit does react to the picture" in str(found.sentence)


def test_broken_weights(model: ResNet) -> None:
    with torch.no_grad():
        model.layer2[1].conv1.weight[0, 0, 0, 0] = float("nan")  # type: ignore[index]
    found = diagnosed(model, picture(), "input_x_gradient")
    assert found.kind == "not finite"
    assert f"1 of the network's {len(model.state_dict())} tensors of weights hold NaN or infinity, first " in str(
        found.sentence
    )
    assert "first layer2.1.conv1.weight." in str(found.sentence)


def test_a_broken_photo(model: ResNet) -> None:
    batch = picture()
    batch[0, 1, 2, 3] = float("inf")
    found = diagnosed(model, batch, "input_x_gradient")
    assert found.kind == "not finite"
    assert "1 values of the picture itself are NaN or infinite" in str(found.sentence)


def test_numbers_that_outgrow_float32(model: ResNet) -> None:
    with torch.no_grad():
        model.layer1[0].bn2.weight.fill_(1e30)  # type: ignore[index, operator]
        model.layer1[2].bn2.weight.fill_(1e30)  # type: ignore[index, operator]
    found = diagnosed(model, picture(), "input_x_gradient")
    assert found.kind == "not finite"
    assert "grow beyond what it can hold, first in layer1.2" in str(found.sentence)


def test_a_map_that_breaks_by_itself(model: ResNet) -> None:
    heat = torch.rand(32, 32)
    heat[3, :5] = float("nan")
    found = of_values(model, heat)
    assert str(found.sentence).startswith("5 of 1,024 values of this map are not finite numbers: the weights, the pict")


def test_constant_concentrated_and_saturated_maps(model: ResNet) -> None:
    assert of_values(model, torch.full((32, 32), 0.25)) == Diagnosis(
        "constant", "Every pixel of this map has the same value, 0.25: it prefers no pixel to another."
    )
    heat = torch.full((32, 32), 0.01)
    heat[4, 4] = -30.0
    assert "One pixel holds 75% of this map" in str(of_values(model, heat).sentence)
    heat[4, 4:8] = torch.tensor([9.0, 8.0, -7.0, 6.0])
    assert str(of_values(model, heat).sentence).startswith("5 of 1,024 pixels hold 75% of this map")
    heat = torch.rand(32, 32)
    heat[:20] = 1.0
    assert of_values(model, heat).kind == "saturated"
    assert "62% of the pixels share the largest value" in str(of_values(model, heat).sentence)
    heat[:20, :16] = -1.0
    assert of_values(model, heat).kind == "saturated"
    assert of_values(model, torch.rand(32, 32)).kind == "sound"
