"""What a network reads of a picture: torchvision's own transforms are the oracle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torchvision.models import ResNet18_Weights, ResNet50_Weights
from torchvision.transforms.functional import pil_to_tensor

from resnet_core.errors import ImageError, ResNetCoreError
from resnet_core.pictures.images import CIFAR_TRANSFORM, IMAGENET_TRANSFORM, Transform, to_tensor

V2_TRANSFORM = replace(IMAGENET_TRANSFORM, resize=232)
PRESETS = {
    "V1": (IMAGENET_TRANSFORM, ResNet18_Weights.IMAGENET1K_V1.transforms()),
    "V2": (V2_TRANSFORM, ResNet50_Weights.IMAGENET1K_V2.transforms()),
}
SIZES = [(1, 1), (1, 2), (2, 1), (3, 50), (224, 224), (256, 256), (500, 375), (375, 500), (257, 400), (640, 427)]
SIZES += [(231, 233), (2048, 1365), (1, 60), (60, 1), (37, 733), (141, 781), (1279, 31)]
LONG = [(4, 400), (400, 4), (7, 600)]  # their middle alone is resized


def noise(width: int, height: int) -> Image.Image:
    rng = np.random.default_rng(width * height)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


def ours(transform: Transform, image: Image.Image) -> Tensor:
    return transform.normalise(to_tensor(transform.view(image))[None])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PRESETS)
def test_a_batch_is_exactly_torchvisions(name: str, size: tuple[int, int]) -> None:
    transform, preset = PRESETS[name]
    image = noise(*size)
    assert torch.equal(ours(transform, image), preset(image)[None])


@pytest.mark.parametrize("size", LONG)
@pytest.mark.parametrize("name", PRESETS)
def test_a_batch_of_a_very_long_picture_is_torchvisions_but_for_rounding(name: str, size: tuple[int, int]) -> None:
    transform, preset = PRESETS[name]
    image = noise(*size)
    levels = (ours(transform, image) - preset(image)[None]).abs() * torch.tensor(transform.std).view(1, 3, 1, 1) * 255
    assert levels.max() <= 2.01
    assert levels.mean() < 0.5


@pytest.mark.parametrize("turned", [False, True])
def test_the_longest_picture_is_seen_without_being_resized_whole(turned: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """One pixel by 5,000: whole, it would be 256 x 1,280,000. Bilinear means linear between pixels' centres."""
    asked: list[tuple[int, int]] = []
    resize = Image.Image.resize

    def watched(image: Image.Image, size: tuple[int, int], *args: object, **options: object) -> Image.Image:
        asked.append(size)
        return resize(image, size, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Image.Image, "resize", watched)
    column = np.random.default_rng(0).integers(0, 256, (5000, 1, 3), dtype=np.uint8)
    image = Image.fromarray(column.swapaxes(0, 1) if turned else column)
    view = np.asarray(IMAGENET_TRANSFORM.view(image)).astype(float)
    top = (1_280_000 - 224) / 2
    centres = (top + np.arange(224) + 0.5) * 5000 / 1_280_000 - 0.5
    expected = np.stack([np.interp(centres, np.arange(5000), column[:, 0, channel]) for channel in range(3)], 1)
    assert view.shape == (224, 224, 3)
    assert np.abs((view.swapaxes(0, 1) if turned else view) - expected[:, None]).max() <= 2
    assert asked == [(224, 224)]


@pytest.mark.parametrize("transform", [IMAGENET_TRANSFORM, V2_TRANSFORM, CIFAR_TRANSFORM])
def test_restore_undoes_normalise_for_every_level(transform: Transform) -> None:
    levels = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).expand(1, 3, 16, 16)
    assert torch.equal(transform.restore(transform.normalise(levels)), levels)
    assert torch.equal(transform.restore(transform.normalise(levels).double()), levels)


def test_normalise_is_the_arithmetic_it_says() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 5), dtype=np.uint8)
    mean, std = np.array([0.4914, 0.4822, 0.4465]), np.array([0.2470, 0.2435, 0.2616])
    expected = (pixels / 255 - mean[:, None, None]) / std[:, None, None]
    batch = CIFAR_TRANSFORM.normalise(torch.from_numpy(pixels))
    assert batch.dtype == torch.float32
    assert np.abs(batch.numpy() - expected).max() < 1e-6


def test_restore_clips_what_no_screen_can_show() -> None:
    extremes = torch.tensor([-100.0, 100.0]).view(1, 1, 1, 2).expand(1, 3, 1, 2)
    assert IMAGENET_TRANSFORM.restore(extremes)[0, 0, 0].tolist() == [0, 255]


@pytest.mark.parametrize("size", [(1, 1), (7, 1), (1, 7), (33, 20)])
def test_a_picture_becomes_torchvisions_tensor(size: tuple[int, int]) -> None:
    image = noise(*size)
    pixels = to_tensor(image)
    assert torch.equal(pixels, pil_to_tensor(image))


def test_a_tensor_does_not_share_the_pictures_memory() -> None:
    image = noise(3, 3)
    before = image.copy()
    to_tensor(image).zero_()
    assert image == before


@pytest.mark.parametrize("mode", ["L", "RGBA", "P"])
def test_only_rgb_becomes_a_tensor(mode: str) -> None:
    with pytest.raises(ImageError, match=f"mode is {mode}, but a network reads RGB: use `open_image` first"):
        to_tensor(noise(3, 3).convert(mode))


@pytest.mark.parametrize(("resize", "crop"), [(224, 225), (0, 0), (32, -1)])
def test_a_crop_must_fit_the_resized_picture(resize: int, crop: int) -> None:
    with pytest.raises(ResNetCoreError, match=f"crop is {crop}, but must be from 1 to resize, which is {resize}"):
        Transform(resize, crop, (0, 0, 0), (1, 1, 1))


@pytest.mark.parametrize("make", [IMAGENET_TRANSFORM.view, CIFAR_TRANSFORM.view])
def test_a_view_leaves_the_picture_as_it_is(make: Callable[[Image.Image], Image.Image]) -> None:
    image = noise(50, 40)
    before = image.copy()
    make(image)
    assert image == before
