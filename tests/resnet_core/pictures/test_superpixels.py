"""Superpixels: every pixel in one, numbers without gaps, connected, along the edges of the picture."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from skimage.measure import label

from resnet_core.errors import ResNetCoreError
from resnet_core.pictures.images import IMAGENET_TRANSFORM, to_tensor
from resnet_core.pictures.samples import SAMPLES
from resnet_core.pictures.segments import superpixels


def two_halves(size: int = 48) -> torch.Tensor:
    pixels = torch.full((1, 3, size, size), 30, dtype=torch.uint8)
    pixels[..., : size // 2] = 220
    return pixels


@pytest.mark.parametrize("count", [12, 48, 100])
def test_a_photo_falls_into_about_as_many_connected_numbered_parts(count: int) -> None:
    photo = to_tensor(IMAGENET_TRANSFORM.view(SAMPLES["golf-ball"].load()))[None]
    cut = superpixels(photo, count)
    assert cut.shape == (1, 224, 224)
    found = int(cut.max()) + 1
    assert 0.5 * count <= found <= 1.5 * count
    assert cut.unique().tolist() == list(range(found))
    assert label(cut[0].numpy(), connectivity=1, background=-1).max() == found
    assert torch.equal(cut, superpixels(photo, count))


def test_no_part_lies_on_both_sides_of_a_sharp_edge() -> None:
    cut = superpixels(two_halves(), 16)[0]
    left, right = set(cut[:, :22].flatten().tolist()), set(cut[:, 26:].flatten().tolist())
    assert left.isdisjoint(right)


def test_pictures_of_a_batch_are_cut_alone() -> None:
    batch = torch.cat([two_halves(), two_halves().transpose(2, 3)])
    both = superpixels(batch, 16)
    assert torch.equal(both[0], superpixels(batch[:1], 16)[0])
    assert torch.equal(both[1], superpixels(batch[1:], 16)[0])


def test_a_picture_of_one_colour_falls_into_even_tiles() -> None:
    cut = superpixels(torch.zeros(1, 3, 32, 32, dtype=torch.uint8), 16)
    assert cut.max() >= 8
    assert int(cut.flatten().bincount().max()) < 32 * 32 / 4


@pytest.mark.parametrize(
    ("pixels", "count", "message"),
    [
        (two_halves(), 1, r"count is 1, but must be from 2 to 256\."),
        (two_halves(), 257, r"count is 257, but must be from 2 to 256\."),
        (
            two_halves().float(),
            9,
            r"The pictures are \(1, 3, 48, 48\) torch\.float32, but must be \(N, 3, H, W\) uint8",
        ),
        (two_halves()[0], 9, r"The pictures are \(3, 48, 48\)"),
    ],
)
def test_what_cannot_be_cut_is_said(pixels: Any, count: int, message: str) -> None:
    with pytest.raises(ResNetCoreError, match=message):
        superpixels(pixels, count)
