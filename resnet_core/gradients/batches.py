"""Small batches to measure gradients on: crops of the sample photos, of the visitor's photo, or noise."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from resnet_core.gradients._throwaway import CLASSES
from resnet_core.pictures.images import TRANSFORMS, to_tensor
from resnet_core.pictures.samples import SAMPLES
from resnet_core.variants import Family

COUNT = 16  # pictures
PHOTOS = ("golf-ball", "cat", "coffee", "rocket", "astronaut")  # others would change every number of the page
SIZES: dict[Family, int] = {"cifar": 32, "imagenet": 64}  # pixels: small, so that a class need not wait


def noise(family: Family) -> tuple[Tensor, Tensor]:
    """Standard normal pixels (16, 3, S, S) with the labels 0 to 9 in turn."""
    side = SIZES[family]
    generator = torch.Generator().manual_seed(0)
    return torch.randn(COUNT, 3, side, side, generator=generator), labels()


def crops_of(photos: list[Image.Image], family: Family) -> tuple[Tensor, Tensor]:
    """Sixteen random crops of `photos`, normalised for the family's networks, with the labels in turn.

    The labels mean nothing: what is measured is how a loss at the end reaches the layers before it.
    """
    side = SIZES[family]
    draw = np.random.default_rng(0)
    pixels = torch.stack([to_tensor(_crop(photos[i % len(photos)], side, draw)) for i in range(COUNT)])
    return TRANSFORMS[family].normalise(pixels), labels()


def sample_crops(family: Family) -> tuple[Tensor, Tensor]:
    """`crops_of` five of the sample photos."""
    return crops_of([SAMPLES[name].load() for name in PHOTOS], family)


def labels() -> Tensor:
    """Class numbers (16,), each of the ten in turn."""
    return torch.arange(COUNT) % CLASSES


def _crop(photo: Image.Image, side: int, draw: np.random.Generator) -> Image.Image:
    """A square of between a third and all of the shorter side, mirrored or not, brought to `side` pixels."""
    edge = int(min(photo.size) * draw.uniform(1 / 3, 1)) or 1
    left, top = (int(draw.integers(0, length - edge + 1)) for length in photo.size)
    crop = photo.crop((left, top, left + edge, top + edge)).resize((side, side), Image.Resampling.BILINEAR)
    return crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if draw.random() < 0.5 else crop
