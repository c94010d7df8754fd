"""Grad-CAM at every place of a block, guided Grad-CAM and layer conductance, against Captum and by hand."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from resnet_core.attribution.maps import attribute
from resnet_core.inside.recording import capture
from resnet_core.nets.model import ResNet, build
from resnet_core.variants import Shortcut
from tests.attributions import NARROW, TINY, assert_close, pictures


def logits_from(model: ResNet, name: str, y: Tensor) -> Tensor:
    """The rest of the forward pass behind the block called `name`."""
    blocks = dict(model.named_blocks())
    names = list(blocks)
    for later in names[names.index(name) + 1 :]:
        y = blocks[later](y)
    return model.head(y)


def cam(maps: Tensor, logits: Tensor, target: list[int]) -> Tensor:
    """The paper's formula before its ReLU: maps weighted by their mean gradients, summed."""
    (gradients,) = torch.autograd.grad(sum(logits[picture, index] for picture, index in enumerate(target)), maps)
    return (gradients.mean((2, 3), keepdim=True) * maps.detach()).sum(1, keepdim=True)


@pytest.mark.parametrize("layer", ["layer1", "layer2.0", "layer3.1", "layer4"])
def test_grad_cam_equals_captum_on_torchvisions_network(resnet18: ResNet, torchvisions: nn.Module, layer: str) -> None:
    from captum.attr import LayerAttribution, LayerGradCam

    batch = pictures(2, 64, 96)
    reference = LayerGradCam(torchvisions, torchvisions.get_submodule(layer)).attribute(
        batch.clone().requires_grad_(), target=torch.tensor([8, 9]), relu_attributions=True
    )
    record = attribute(resnet18, batch, [8, 9], "grad_cam", layer=layer)
    assert reference.max() > 0
    assert_close(record.raw, reference)
    stretched = LayerAttribution.interpolate(reference.detach(), (64, 96), interpolate_mode="bilinear")
    assert_close(record.map[:, None], stretched)


@pytest.mark.parametrize("layer", ["layer1.0", "layer2.0", "layer3.1"])
@pytest.mark.parametrize("point", ["output", "sum", "residual"])
@pytest.mark.parametrize("kind", ["residual", "plain", "bottlenecks", "no batch norm"])
def test_grad_cam_by_the_papers_formula_at_every_place_of_a_block(layer: str, point: str, kind: str) -> None:
    networks: dict[str, ResNet] = {
        "residual": build(TINY, seed=0),
        "plain": build(TINY, seed=0, shortcut="none"),
        "bottlenecks": build(NARROW, seed=0),
        "no batch norm": build(TINY, seed=0, norm="none"),
    }
    model = networks[kind].eval().double()
    if kind == "bottlenecks":
        layer = f"{layer.split('.')[0]}.0"
    batch = pictures(2, 32, 32).double()
    block = capture(model, batch)[layer]
    maps = {"output": block.y, "sum": block.sum, "residual": block.residual}[point].clone().requires_grad_()
    y = maps if point == "output" else maps.relu()
    if point == "residual" and block.shortcut is not None:
        y = (maps + block.shortcut).relu()
    by_hand = cam(maps, logits_from(model, layer, y), [3, 4])
    off = attribute(model, batch, [3, 4], "grad_cam", layer=layer, point=point, relu="off")
    assert_close(off.raw, by_hand)
    assert off.signed
    on = attribute(model, batch, [3, 4], "grad_cam", layer=layer, point=point)
    assert torch.equal(on.raw, off.raw.clamp(min=0))


@pytest.mark.parametrize("shortcut", ["A", "none"])
def test_the_sums_map_is_the_residuals_and_the_shortcuts(shortcut: Shortcut) -> None:
    model = build(TINY, seed=0, shortcut=shortcut).eval().double()
    batch = pictures(1, 32, 32).double()
    at_sum, at_residual = (
        attribute(model, batch, 3, "grad_cam", layer="layer3.1", point=point, relu="off").raw
        for point in ("sum", "residual")
    )
    block = capture(model, batch)["layer3.1"]
    total = block.sum.clone().requires_grad_()
    (gradients,) = torch.autograd.grad(model.head(total.relu())[0, 3], total)
    of_shortcut = torch.zeros_like(at_sum)
    if block.shortcut is not None:
        of_shortcut = (gradients.mean((2, 3), keepdim=True) * block.shortcut).sum(1, keepdim=True)
        assert of_shortcut.abs().max() > 0.01 * at_sum.abs().max()
    assert_close(at_sum - at_residual, of_shortcut if of_shortcut.any() else 0 * at_sum)


def test_a_stage_is_its_last_block(resnet18: ResNet) -> None:
    batch = pictures(1, 64, 64)
    for method in ("grad_cam", "guided_grad_cam"):
        stage, block = (attribute(resnet18, batch, 3, method, layer=layer) for layer in ("layer3", "layer3.1"))
        assert torch.equal(stage.map, block.map)


def test_grad_cam_takes_the_last_stages_output_and_the_relu_unless_told(small: ResNet, resnet18: ResNet) -> None:
    usual = {"point": "output", "relu": "on"}
    assert attribute(small, pictures(1, 32, 32), 0, "grad_cam").options == {"layer": "layer3", **usual}
    assert attribute(resnet18, pictures(1, 64, 64), 0, "grad_cam").options == {"layer": "layer4", **usual}


def test_grad_cam_is_blank_where_everything_speaks_against_the_class(small: ResNet) -> None:
    with torch.no_grad():
        small.fc.weight[3] = -small.fc.weight[3].abs()  # the maps themselves are never negative
    batch = pictures(1, 32, 32)
    assert not attribute(small, batch, 3, "grad_cam").map.any()
    assert attribute(small, batch, 3, "grad_cam", relu="off").map.max() < 0


@pytest.mark.parametrize("method", ["grad_cam", "layer_conductance"])
def test_nothing_is_recorded_below_the_layer(resnet18: ResNet, method: str) -> None:
    saved: list[torch.Size] = []

    def pack(tensor: Tensor) -> Tensor:
        saved.append(tensor.shape)
        return tensor

    steps: dict[str, Any] = {"steps": 8} if method == "layer_conductance" else {}
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        attribute(resnet18, pictures(1, 64, 64), 0, method, **steps)
        assert len(saved) < 10
        attribute(resnet18, pictures(1, 64, 64), 0, "saliency")
        assert len(saved) > 60


def test_guided_grad_cam_equals_captum_on_torchvisions_network(resnet18: ResNet, torchvisions: nn.Module) -> None:
    from captum.attr import GuidedGradCam

    batch = pictures(2, 64, 64)
    with pytest.warns(UserWarning, match="Setting backward hooks on ReLU activations"):
        reference = GuidedGradCam(torchvisions, torchvisions.layer3).attribute(
            batch.clone().requires_grad_(), target=torch.tensor([8, 9]), interpolate_mode="bilinear"
        )
    record = attribute(resnet18, batch, [8, 9], "guided_grad_cam", layer="layer3")
    assert_close(record.raw, reference)
    assert_close(record.map, reference.sum(1))


@pytest.mark.parametrize("layer", ["layer1.0", "layer3"])
def test_layer_conductance_equals_captum(layer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from captum.attr import LayerConductance

    from resnet_core.attribution.methods import method

    model = build(TINY, seed=0).eval().double()
    monkeypatch.setattr(method, "PICTURES_AT_ONCE", 4)  # 11 points take three passes here and one in Captum
    batch = pictures(2, 32, 32).double()
    theirs = copy.deepcopy(model)
    raw, delta = LayerConductance(theirs, theirs.get_submodule(layer)).attribute(
        batch, baselines=0.0, target=torch.tensor([3, 4]), n_steps=10, return_convergence_delta=True
    )
    record = attribute(model, batch, [3, 4], "layer_conductance", layer=layer, steps=10, baseline="mean")
    assert_close(record.raw, raw)
    assert record.delta is not None
    assert_close(record.delta, delta)


def test_layer_conductance_is_stretched_from_the_sum_over_channels(small: ResNet) -> None:
    record = attribute(small, pictures(1, 32, 32), 3, "layer_conductance", steps=8)
    assert record.raw.shape == (1, 64, 8, 8)
    expected = nn.functional.interpolate(record.raw.sum(1, keepdim=True), (32, 32), mode="bilinear")[:, 0]
    assert_close(record.map, expected)
