"""Each lesion against the same network, made by hand."""

from __future__ import annotations

import copy
from itertools import combinations
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import resnet_core as rc
from resnet_core.errors import ResNetCoreError
from resnet_core.nets.blocks import Block
from resnet_core.nets.model import ResNet
from tests.resnet_core.lesions.nets import FOUR, NAMES, NARROW, batch, net

RESIDUAL: list[dict[str, Any]] = [{}, {"shortcut": "B"}, {"shortcut": "C"}]


@torch.no_grad()
def by_hand(model: ResNet, x: Tensor, names: list[str]) -> Tensor:
    """The parts of the network in a row, whole blocks of these names only."""
    blocks = dict(model.named_blocks())
    parts = [model.conv1, model.bn1, model.relu, model.maxpool, *(blocks[name] for name in names)]
    return nn.Sequential(*parts, model.avgpool, nn.Flatten(), model.fc)(x)


def silenced(model: ResNet, names: tuple[str, ...]) -> ResNet:
    """A copy in which F(x) of these blocks is exactly 0, by the last batch norm's gamma and beta."""
    twin = copy.deepcopy(model)
    for name, block in twin.named_blocks():
        if name in names:
            nn.init.zeros_(block.last_norm.weight)
            nn.init.zeros_(block.last_norm.bias)
    return twin


@pytest.mark.parametrize("options", RESIDUAL)
def test_every_set_of_blocks_gone_is_the_network_with_their_last_norm_at_zero(options: dict[str, Any]) -> None:
    model, x = net(**options), batch()
    for count in range(5):
        for gone in combinations(NAMES, count):
            with torch.no_grad():
                expected = silenced(model, gone)(x)
            assert torch.equal(rc.lesion(model, x, remove=gone), expected), gone


@pytest.mark.parametrize("variant", ["resnet20", "resnet18", NARROW])
def test_also_in_the_papers_networks(variant: Any) -> None:
    model, x = net(variant), batch(2, 32)
    gone = ("layer2.0", "layer1.0", "layer3.0")
    with torch.no_grad():
        assert torch.equal(rc.lesion(model, x, remove=gone), silenced(model, gone)(x))


@pytest.mark.parametrize("options", [{}, {"norm": "none"}, {"shortcut": "none"}])
def test_a_block_that_keeps_its_shape_is_passed_over(options: dict[str, Any]) -> None:
    model, x = net(**options), batch()
    expected = by_hand(model, x, ["layer1.0", "layer2.0"])
    assert torch.equal(rc.lesion(model, x, remove=["layer1.1", "layer2.1"]), expected)
    assert torch.equal(rc.lesion(model, x, remove="layer1.1"), by_hand(model, x, [NAMES[0], *NAMES[2:]]))


def test_f_of_a_removed_block_is_not_computed() -> None:
    model = net()
    model.layer1[1].bn2 = nn.Identity()
    model.layer1[1].residual = None  # type: ignore[assignment]
    assert rc.lesion(model, batch(), remove=["layer1.1"]).isfinite().all()


def test_a_plain_block_that_changes_the_shape_says_why_it_stays() -> None:
    with pytest.raises(ResNetCoreError, match="layer2.0 cannot be removed: it is a plain block that makes 8"):
        rc.lesion(net(shortcut="none"), batch(), remove=["layer2.0"])


@pytest.mark.parametrize("options", [*RESIDUAL, {"shortcut": "none"}])
def test_without_a_lesion_it_is_the_network_itself(options: dict[str, Any]) -> None:
    model, x = net(**options), batch()
    with torch.no_grad():
        assert torch.equal(rc.lesion(model, x), model(x))


@torch.no_grad()
def with_residuals(model: ResNet, x: Tensor, change: Any) -> Tensor:
    """The forward pass by its equation, with `change(name, F(x))` for F(x)."""
    flow = model.stem(x)
    for name, block in model.named_blocks():
        assert isinstance(block, Block)
        residual = change(name, block.residual(flow))
        flow = (residual if block.plain else residual + block.shortcut(flow)).relu()
    return model.head(flow)


@pytest.mark.parametrize("options", [{}, {"shortcut": "none"}])
def test_scale_multiplies_f(options: dict[str, Any]) -> None:
    model, x = net(**options), batch()
    assert torch.equal(rc.lesion(model, x, scale=0.5), with_residuals(model, x, lambda _name, f: 0.5 * f))
    some = {"layer1.1": 0.0, "layer2.0": -1.5}
    expected = with_residuals(model, x, lambda name, f: some.get(name, 1) * f)
    assert torch.equal(rc.lesion(model, x, scale=some), expected)
    for factor in some:
        assert not torch.equal(rc.lesion(model, x, scale={factor: some[factor]}), expected)


def test_a_scale_of_zero_is_the_block_removed() -> None:
    model, x = net(), batch()
    assert torch.equal(rc.lesion(model, x, scale={"layer2.0": 0}), rc.lesion(model, x, remove=["layer2.0"]))


@pytest.mark.parametrize("options", [{}, {"shortcut": "none"}])
def test_the_mean_over_the_batch_stands_for_f(options: dict[str, Any]) -> None:
    model, x = net(**options), batch()

    def mean(name: str, f: Tensor) -> Tensor:
        return f.mean(0, keepdim=True).expand_as(f) if name == "layer2.0" else f

    found = rc.lesion(model, x, remove=["layer2.0"], replace="mean")
    assert torch.equal(found, with_residuals(model, x, mean))


def test_another_pictures_f_stands_for_f() -> None:
    model, x = net(), batch(2)

    def other(name: str, f: Tensor) -> Tensor:
        return f.flip(0) if name == "layer2.1" else f

    found = rc.lesion(model, x, remove=["layer2.1"], replace="resample")
    assert torch.equal(found, with_residuals(model, x, other))


def test_nobody_gets_its_own_f_and_the_seed_decides_whose() -> None:
    model = net()
    x, last = batch(6), "layer2.1"

    def drawn(seed: int) -> Tensor:
        return rc.lesion(model, x, remove=[last], replace="resample", seed=seed)

    with torch.no_grad():
        own = model(x)
    assert all(not torch.isclose(drawn(seed), own).all(1).any() for seed in range(8))
    assert torch.equal(drawn(3), drawn(3))
    assert len({drawn(seed).numpy().tobytes() for seed in range(8)}) > 1


def test_blocks_change_places() -> None:
    model, x = net("resnet20"), batch(2, 32)
    names = [name for name, _ in model.named_blocks()]
    turned = [*names[:3][::-1], names[3], names[5], names[4], *names[6:]]
    expected = by_hand(model, x, turned)
    assert torch.equal(rc.lesion(model, x, order=turned), expected)
    assert torch.equal(rc.lesion(model, x, order=["layer1.2", "layer1.0", "layer2.2", "layer2.1"]), expected)


@pytest.mark.parametrize("scaled", [False, True])
def test_the_last_block_is_unrolled(scaled: bool) -> None:
    model, x = net(), batch()
    with torch.no_grad():
        flow = model.layer2[0](model.layer1(model.stem(x)))
        for _ in range(3):
            f = model.layer2[1].residual(flow)
            flow = ((1 / 3) * f + flow if scaled else f + flow).relu()
        expected = model.head(flow)
    assert torch.equal(rc.lesion(model, x, unroll=(3, scaled)), expected)


def in_train_mode(model: ResNet, x: Tensor, momentum: float | None = 1.0) -> ResNet:
    """A copy whose statistics are those of `x`, measured by PyTorch itself."""
    twin = copy.deepcopy(model).train()
    for module in twin.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = momentum
    with torch.no_grad():
        twin(x)
    return twin.eval()


@pytest.mark.parametrize("options", [{}, {"shortcut": "B"}, {"shortcut": "none"}])
def test_statistics_are_measured_again(options: dict[str, Any]) -> None:
    model, x, calm = net(**options), batch(), batch(8, seed=5) * 2 + 1
    with torch.no_grad():
        assert torch.equal(rc.lesion(model, x, recalibrate=calm), in_train_mode(model, calm)(x))


def test_statistics_are_those_of_the_network_with_the_lesion() -> None:
    model, x, calm = net(), batch(), batch(8, seed=5) * 2 + 1
    twin = silenced(model, ("layer2.0",))
    with torch.no_grad():
        assert torch.equal(rc.lesion(model, x, remove="layer2.0", recalibrate=calm), in_train_mode(twin, calm)(x))


def test_each_use_of_an_unrolled_block_has_statistics_of_its_own() -> None:
    model, x, calm = net(), batch(), batch(8, seed=5) * 2 + 1
    twin = copy.deepcopy(model)
    twin.layer2.append(copy.deepcopy(twin.layer2[1]))
    with torch.no_grad():
        expected = in_train_mode(twin, calm)(x)
    assert torch.equal(rc.lesion(model, x, unroll=(2, False), recalibrate=calm), expected)


def test_many_pictures_to_calibrate_on_go_through_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    model, x, calm = net(), batch(), batch(9, seed=5)
    whole = rc.lesion(model, x, recalibrate=calm)
    monkeypatch.setattr("resnet_core.lesions._calibration.AT_ONCE", 2 * 16 * 16)
    seen: list[tuple[int, int]] = []
    parts = rc.lesion(model, x, recalibrate=calm, progress=lambda *report: seen.append(report))
    assert seen == [(done, 4 * 4 + 4) for done in range(1, 21)]  # 9 pictures in 4 parts of 2 or 3
    assert (parts - whole).abs().max() < 0.3 * whole.abs().max()  # other parts, nearly the same statistics
    assert not torch.equal(parts, whole)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"remove": ["layer9.0"]}, "A block to be removed is 'layer9.0', but must be one of 'layer1.0', 'layer1.1'"),
        ({"replace": "noise"}, "replace is 'noise', but must be one of 'zero', 'mean', 'resample'"),
        ({"order": ["layer1.0", "stem"]}, "A block of the order is 'stem', but must be one of"),
        ({"order": ["layer1.0", "layer1.0"]}, "The order names layer1.0 twice"),
        (
            {"order": ["layer2.1", "layer2.0"]},
            "The order puts layer2.1 in the place of layer2.0, but only blocks of one stage and one shape can change "
            "places: layer2.1 makes 8 channels of 8 at stride 1, layer2.0 makes 8 channels of 4 at stride 2",
        ),
        ({"order": ["layer1.1", "layer2.1", "layer1.0"]}, "The order puts layer2.1 in the place of layer1.1"),
        ({"scale": float("nan")}, "The scale is nan, but F"),
        ({"scale": {"fc": 2}}, "A block to be scaled is 'fc', but must be one of"),
        ({"unroll": 3}, r"unroll is 3, but must be \(how often, scaled or not\)"),
        ({"unroll": (0, True)}, "unroll repeats the last block 0 times"),
        ({"unroll": (2, True), "remove": ["layer2.1"]}, "The last block, layer2.1, is removed"),
        ({"recalibrate": batch(1)}, "recalibrate holds one picture, but statistics need at least two"),
        ({"recalibrate": torch.zeros(2, 1, 8, 8)}, r"The batch is \(2, 1, 8, 8\)"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ResNetCoreError, match=message):
        rc.lesion(net(), batch(), **options)


def test_other_pictures_are_needed_where_they_stand_for_f() -> None:
    with pytest.raises(ResNetCoreError, match="replace='mean' needs other pictures, but the batch holds only 1"):
        rc.lesion(net(), batch(1), remove=["layer1.0"], replace="mean")


def test_without_batch_norm_nothing_can_be_measured_again() -> None:
    with pytest.raises(ResNetCoreError, match="ResNet-10 has no batch norm, so there are no statistics"):
        rc.lesion(net(norm="none"), batch(), recalibrate=batch())


def test_a_last_block_of_another_shape_cannot_be_unrolled() -> None:
    with pytest.raises(ResNetCoreError, match="layer3.0, makes 16 channels of 8 at stride 2, so it cannot read"):
        rc.lesion(net(NARROW), batch(2, 32), unroll=(2, False))


def test_progress_counts_blocks() -> None:
    seen: list[tuple[int, int]] = []
    rc.lesion(net(FOUR), batch(), remove=["layer1.0"], progress=lambda *report: seen.append(report))
    assert seen == [(done, 4) for done in range(1, 5)]
