"""Taking parts of a picture away: what stands there instead, and that nothing else changes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from scipy.ndimage import gaussian_filter

from resnet_core.errors import ResNetCoreError
from resnet_core.pictures.images import IMAGENET_TRANSFORM
from resnet_core.pictures.masks import BLUR, filled, masked

BATCH = torch.randn(2, 3, 40, 60, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("fill", "level"), [("black", 0), ("white", 255)])
def test_a_plain_fill_is_that_colour_on_the_screen(fill: Any, level: int) -> None:
    assert (IMAGENET_TRANSFORM.restore(filled(BATCH, fill, IMAGENET_TRANSFORM)) == level).all()


def test_the_mean_is_zero_once_normalised() -> None:
    assert (filled(BATCH, "mean", IMAGENET_TRANSFORM) == 0).all()


def test_the_blur_is_scipys_gaussian() -> None:
    ours = filled(BATCH.double(), "blur", IMAGENET_TRANSFORM)
    sigma = BLUR * 40
    reference = gaussian_filter(BATCH.double().numpy(), (0, 0, sigma, sigma), mode="nearest", truncate=3.0)
    torch.testing.assert_close(ours, torch.from_numpy(reference), rtol=0, atol=1e-9)


def test_only_what_is_gone_changes() -> None:
    gone = torch.zeros(2, 40, 60, dtype=torch.bool)
    gone[0, 3:9, 5:7] = True
    out = masked(BATCH, gone, "black", IMAGENET_TRANSFORM)
    assert torch.equal(out[1], BATCH[1])
    assert torch.equal(out[0][:, ~gone[0]], BATCH[0][:, ~gone[0]])
    assert torch.equal(out[0][:, gone[0]], filled(BATCH, "black", IMAGENET_TRANSFORM)[0][:, gone[0]])
    everything = masked(BATCH, torch.ones_like(gone), "blur", IMAGENET_TRANSFORM)
    assert torch.equal(everything, filled(BATCH, "blur", IMAGENET_TRANSFORM))


def test_wrong_masks_and_fills_are_named() -> None:
    with pytest.raises(
        ResNetCoreError, match=r"The mask is \(2, 40, 60\) torch\.float32, but must be \(2, 40, 60\) tor"
    ):
        masked(BATCH, torch.zeros(2, 40, 60), "mean", IMAGENET_TRANSFORM)
    with pytest.raises(ResNetCoreError, match=r"The mask is \(2, 3, 40, 60\)"):
        masked(BATCH, torch.zeros(2, 3, 40, 60, dtype=torch.bool), "mean", IMAGENET_TRANSFORM)
    with pytest.raises(
        ResNetCoreError, match=r"The fill is 'red', but must be one of 'blur', 'mean', 'black', 'white'"
    ):
        filled(BATCH, "red", IMAGENET_TRANSFORM)  # type: ignore[arg-type]
