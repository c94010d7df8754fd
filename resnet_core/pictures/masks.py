"""Parts of a picture removed: what replaces them is a choice that changes every answer."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from resnet_core.errors import ResNetCoreError, one_of
from resnet_core.exact import exact
from resnet_core.pictures.images import Transform

Fill = Literal["blur", "mean", "black", "white"]
FILLS: tuple[Fill, ...] = get_args(Fill)
BLUR = 0.1  # standard deviation of the blur, as a share of the picture's shorter side: shapes vanish, colours stay


@exact()
def filled(batch: Tensor, fill: Fill, transform: Transform) -> Tensor:
    """The pixels that replace removed ones of `batch` (N, 3, H, W), normalised; the same shape.

    "blur": the picture itself, blurred until no shape is left. "mean": the training pictures' mean colour, 0 once
    normalised. "black" and "white". Raises `ResNetCoreError` for another word.
    """
    if fill == "blur":
        return _blurred(batch, BLUR * min(batch.shape[2:]))
    if fill == "mean":
        return torch.zeros_like(batch)
    if fill not in FILLS:
        raise one_of("The fill", fill, FILLS)
    level = 0 if fill == "black" else 255
    plain = transform.normalise(torch.full((1, 3, 1, 1), level, dtype=torch.uint8, device=batch.device))
    return plain.to(batch).expand_as(batch)


def first_pixels(values: NDArray[np.floating], share: float) -> NDArray[np.bool_]:
    """A mask (H, W) of about `share` of the pixels, at least one: those with the largest `values` (H, W).

    Equal ones go together, since nothing ranks one before another: the mask may be larger or smaller than `share`.
    """
    last = np.sort(values, axis=None)[-max(1, round(share * values.size))]
    with_last: NDArray[np.bool_] = values >= last
    without: NDArray[np.bool_] = values > last
    nearer = without.any() and share - without.mean() < with_last.mean() - share
    return without if nearer else with_last


def masked(batch: Tensor, gone: Tensor, fill: Fill, transform: Transform) -> Tensor:
    """`batch` (N, 3, H, W) with the pixels where `gone` (N, H, W) is true replaced by `filled`'s.

    Raises `ResNetCoreError` for a mask of another shape or kind.
    """
    if gone.dtype != torch.bool or gone.shape != (len(batch), *batch.shape[2:]):
        raise ResNetCoreError(
            f"The mask is {tuple(gone.shape)} {gone.dtype}, but must be {(len(batch), *batch.shape[2:])} torch.bool."
        )
    return torch.where(gone[:, None].to(batch.device), filled(batch, fill, transform), batch)


def _blurred(batch: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of (N, 3, H, W), first down the columns, then along the rows; borders repeat the last pixel."""
    reach = max(1, round(3 * sigma))
    at = torch.arange(-reach, reach + 1, device=batch.device, dtype=batch.dtype)
    weights = torch.exp(-(at**2) / (2 * sigma**2))
    weights = (weights / weights.sum()).view(1, 1, -1, 1).repeat(batch.shape[1], 1, 1, 1)
    for kernel, padding in ((weights, (0, 0, reach, reach)), (weights.mT, (reach, reach, 0, 0))):
        wide = functional.pad(batch, padding, mode="replicate")
        batch = functional.conv2d(wide, kernel.contiguous(), groups=batch.shape[1])
    return batch


def rectangle(height: int, width: int, *, left: float, right: float, top: float, bottom: float) -> NDArray[np.bool_]:
    """A rectangle as a mask (H, W); its edges in per cent of the width and the height, from the upper left corner.

    Edges are rounded to the nearest border between pixels; the mask is empty if right <= left or bottom <= top.
    """
    mask = np.zeros((height, width), dtype=bool)
    rows = slice(_pixel(top, height), _pixel(bottom, height))
    mask[rows, _pixel(left, width) : _pixel(right, width)] = True
    return mask


def _pixel(percentage: float, length: int) -> int:
    """The nearest border between pixels; halves are rounded away from 0."""
    return int(min(max(percentage, 0), 100) * length / 100 + 0.5)
