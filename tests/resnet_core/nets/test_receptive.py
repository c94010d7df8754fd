"""Receptive fields: the box against gradients that nothing can stop, the measured field against autograd by hand."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor, nn

from resnet_core.errors import ResNetCoreError
from resnet_core.nets.description import describe
from resnet_core.nets.model import ResNet, build
from resnet_core.nets.receptive_field import Box, effective_field, receptive_box
from tests.fingerprints import fingerprint


def pictures(count: int, size: int, seed: int = 0) -> Tensor:
    return torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(seed))


# --- the theoretical field


def open_everywhere(name: str, version: str, shortcut: str | None) -> ResNet:
    """A network through which every path carries a positive gradient: no weight cancels, no ReLU closes.

    Its max pool averages: a max lets one value of nine through, and which one is up to the picture.
    """
    model = build(name, version=version, shortcut=shortcut, norm="none", seed=0).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            # an average over the inputs: neither overflow nor underflow, however deep
            parameter.fill_(1 / parameter[0].numel() if parameter.ndim > 1 else 0)
    if isinstance(model.maxpool, nn.MaxPool2d):
        model.maxpool = nn.AvgPool2d(3, stride=2, padding=1)
    return model


def places(name: str) -> list[str]:
    return ["stem", *describe(name).blocks["name"]]


@pytest.mark.parametrize(
    ("name", "version", "shortcut", "size"),
    [
        ("resnet18", "v1.5", None, 61),
        ("resnet18", "v1.5", "none", 64),
        ("resnet20", "v1.5", None, 31),
        ("resnet20", "v1.5", "C", 64),
        ("resnet50", "v1.5", None, 64),
        ("resnet50", "v1", None, 61),
    ],
)
def test_the_box_is_exactly_what_a_gradient_can_reach(name: str, version: str, shortcut: str | None, size: int) -> None:
    model = open_everywhere(name, version, shortcut)
    description = describe(name, size, version=version, shortcut=shortcut)
    picture = torch.ones(1, 3, size, size, dtype=torch.float64)
    outputs = {"stem": description.stages["output"].iloc[0], **description.blocks.set_index("name")["output"]}
    for place in places(name):
        last = outputs[place][1] - 1
        for row, column in {(0, last), (last // 2, last // 2), (last, last // 3)}:
            box = receptive_box(description, place, row, column)
            inside = torch.zeros(size, size, dtype=torch.bool)
            inside[box.top : box.bottom, box.left : box.right] = True
            assert torch.equal(effective_field(model, picture, place, row, column) > 0, inside), (place, row, column)


@pytest.mark.parametrize("name", ["resnet18", "resnet20", "resnet50"])
def test_no_gradient_of_a_random_network_leaves_the_box(name: str) -> None:
    model, description = build(name, seed=1), describe(name, 97)
    picture = pictures(1, 97)
    for place, row, column in (("stem", 0, 9), ("layer1.1", 11, 0), ("layer2.0", 5, 12)):
        box = receptive_box(description, place, row, column)
        assert box.bottom < 97 or box.right < 97
        field = effective_field(model, picture, place, row, column)
        assert field.max() > 0
        field[box.top : box.bottom, box.left : box.right] = 0
        assert field.max() == 0


def test_boxes_by_hand() -> None:
    d = describe("resnet20", 32)
    # stem: one 3x3 conv
    assert receptive_box(d, "stem", 5, 7) == Box(top=4, left=6, bottom=7, right=9, clipped=False)
    assert receptive_box(d, "stem", 0, 31) == Box(top=0, left=30, bottom=2, right=32, clipped=True)
    # layer1.0: three 3x3 convs reach three pixels; exactly as far as the border is not clipped
    assert receptive_box(d, "layer1.0", 3, 28) == Box(top=0, left=25, bottom=7, right=32, clipped=False)
    assert receptive_box(d, "layer1.0", 2, 28) == Box(top=0, left=25, bottom=6, right=32, clipped=True)
    assert receptive_box(d, "layer1.0", 3, 29) == Box(top=0, left=26, bottom=7, right=32, clipped=True)
    # layer2.0: 15 + 2 for its strided conv, + 4 for the next, whose neighbours lie two pixels apart
    assert receptive_box(d, "layer2.0", 8, 8) == Box(top=6, left=6, bottom=27, right=27, clipped=False)
    # ResNet-18's stem: 7x7 by 2, then 3x3 by 2: eleven pixels, four apart
    assert receptive_box(describe("resnet18"), "stem", 2, 54) == Box(top=3, left=211, bottom=14, right=222)


def test_the_last_unit_of_a_deep_network_sees_the_whole_picture() -> None:
    box = receptive_box(describe("resnet50"), "layer4.2", 3, 3)
    assert box == Box(top=0, left=0, bottom=224, right=224, clipped=True)


# --- the measured field


@pytest.mark.parametrize("channel", [None, 0, 28])
def test_equals_a_gradient_taken_by_hand(small: ResNet, channel: int | None) -> None:
    batch = pictures(2, 32)
    x = batch[:1].clone().requires_grad_()
    maps = small.layer2[0](small.layer1(small.stem(x)))
    unit = maps[0, :, 3, 5].sum() if channel is None else maps[0, channel, 3, 5]
    (gradient,) = torch.autograd.grad(unit, x)
    by_hand = gradient[0, 0].abs() + gradient[0, 1].abs() + gradient[0, 2].abs()
    field = effective_field(small, batch, "layer2.0", 3, 5, channel=channel)
    torch.testing.assert_close(field, by_hand)
    assert field.max() > 0


def test_a_picture_may_be_wider_than_high(small: ResNet) -> None:
    field = effective_field(small, torch.randn(1, 3, 16, 40), "stem", 2, 38)
    rows, columns = field.nonzero().unbind(1)
    assert field.shape == (16, 40)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (1, 3, 37, 39)


def test_eval_mode_is_used_whatever_the_models_mode(small: ResNet) -> None:
    quiet = effective_field(small, pictures(1, 32), "layer3.0", 4, 4)
    assert torch.equal(effective_field(small.train(), pictures(1, 32), "layer3.0", 4, 4), quiet)


# --- nothing is left behind


class Stop(BaseException):
    """A cancellation."""


def cancel_at(piece: int) -> Callable[[int, int], None]:
    def progress(done: int, _total: int) -> None:
        if done >= piece:
            raise Stop("nobody waits any more")

    return progress


@pytest.mark.parametrize("requires_grad", [True, False])
@pytest.mark.parametrize("piece", [1, 10, 15, 21, None])  # forward, its end, backward, the end
def test_nothing_is_left_behind(small: ResNet, requires_grad: bool, piece: int | None) -> None:
    small.train().requires_grad_(requires_grad).layer1[0].eval()
    batch = pictures(1, 32).requires_grad_()
    before = fingerprint(small)
    if piece is None:
        assert not effective_field(small, batch, "layer3.2", 4, 4).requires_grad
    else:
        with pytest.raises(Stop, match="nobody waits any more"):
            effective_field(small, batch, "layer3.2", 4, 4, progress=cancel_at(piece))
    assert fingerprint(small) == before
    assert batch.grad is None


def test_works_without_gradients_and_in_inference_mode(small: ResNet) -> None:
    batch = pictures(1, 32)
    expected = effective_field(small, batch, "layer2.0", 3, 5)
    with torch.no_grad():
        assert torch.equal(effective_field(small, batch, "layer2.0", 3, 5), expected)
    with torch.inference_mode():
        inside = effective_field(small, batch, "layer2.0", 3, 5)
        batch_made_there = batch.clone()
        made_there = build("resnet20", seed=0).eval()
    assert torch.equal(inside, expected)
    assert not inside.is_inference()
    assert torch.equal(effective_field(made_there, batch, "layer2.0", 3, 5), expected)
    assert torch.equal(effective_field(small, batch_made_there, "layer2.0", 3, 5), expected)


def test_eight_threads_on_one_model_get_what_each_gets_alone(small: ResNet) -> None:
    def field(index: int) -> Tensor:
        return effective_field(small, pictures(1, 32, seed=index), "layer2.1", index, 3)

    alone = [field(index) for index in range(8)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(field, list(range(8)) * 3))
    assert all(torch.equal(together[index], alone[index % 8]) for index in range(24))


def test_progress_counts_forward_and_backward_to_the_end(small: ResNet) -> None:
    seen: list[tuple[int, int]] = []
    effective_field(small, pictures(1, 32), "layer1.1", 0, 0, progress=lambda *report: seen.append(report))
    assert seen == [(done, 7) for done in range(1, 8)]  # the stem and two blocks, back again, and the end


# --- errors


@pytest.mark.parametrize("place", ["layer9.0", "layer1", "head", ""])
def test_an_unknown_place_is_named_with_those_that_are_there(small: ResNet, place: str) -> None:
    message = f"The place is '{place}', but must be one of 'stem', 'layer1.0', .*'layer3.2'"
    with pytest.raises(ResNetCoreError, match=message):
        receptive_box(describe("resnet20"), place, 0, 0)
    with pytest.raises(ResNetCoreError, match=message):
        effective_field(small, pictures(1, 32), place, 0, 0)


@pytest.mark.parametrize(("row", "column"), [(16, 0), (0, 16), (-1, 0), (0, -1)])
def test_a_position_outside_is_named_with_what_is_allowed(small: ResNet, row: int, column: int) -> None:
    message = f"row {row}, column {column}, but the output of layer2.0 has rows 0 to 15 and columns 0 to 15"
    with pytest.raises(ResNetCoreError, match=message):
        receptive_box(describe("resnet20"), "layer2.0", row, column)
    with pytest.raises(ResNetCoreError, match=message):
        effective_field(small, pictures(1, 32), "layer2.0", row, column)


@pytest.mark.parametrize("channel", [-1, 32])
def test_a_channel_outside_is_named_with_what_is_allowed(small: ResNet, channel: int) -> None:
    with pytest.raises(ResNetCoreError, match=f"The channel is {channel}, but must be from 0 to 31 at layer2.0"):
        effective_field(small, pictures(1, 32), "layer2.0", 0, 0, channel=channel)
