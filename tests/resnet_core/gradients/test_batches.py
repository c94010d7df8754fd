"""The small batches on which gradients are measured."""

import pytest
import torch
from PIL import Image

from resnet_core.gradients import batches
from resnet_core.pictures.images import TRANSFORMS
from resnet_core.pictures.samples import SAMPLES


@pytest.mark.parametrize(("family", "side"), [("cifar", 32), ("imagenet", 64)])
def test_crops_and_noise_have_one_shape_and_do_not_change(family: str, side: int) -> None:
    for make in (batches.noise, batches.sample_crops):
        pixels, labels = make(family)
        assert pixels.shape == (16, 3, side, side)
        assert labels.tolist() == [*range(10), *range(6)]
        assert torch.equal(pixels, make(family)[0])
        assert len(torch.unique(pixels.flatten(1), dim=0)) == 16


def test_a_photo_of_one_colour_becomes_that_colour_normalised() -> None:
    pixels, _ = batches.crops_of([Image.new("RGB", (50, 40), (255, 0, 51))], "cifar")
    transform = TRANSFORMS["cifar"]
    for channel, value in enumerate((1.0, 0.0, 0.2)):
        expected = (value - transform.mean[channel]) / transform.std[channel]
        assert torch.allclose(pixels[:, channel], torch.tensor(expected), atol=1e-5)


def test_the_batch_stays_when_a_sample_photo_is_added() -> None:
    """Its numbers stand in questions and in resnet_core/README.md: the five photos that they were measured on."""
    photos = [SAMPLES[name].load() for name in ("golf-ball", "cat", "coffee", "rocket", "astronaut")]
    assert torch.equal(batches.sample_crops("cifar")[0], batches.crops_of(photos, "cifar")[0])


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (5000, 2)])
def test_a_photo_of_any_shape_is_cropped(size: tuple[int, int]) -> None:
    pixels, _ = batches.crops_of([Image.new("RGB", size, "teal")], "imagenet")
    assert pixels.shape == (16, 3, 64, 64)
    assert pixels.isfinite().all()
