"""A picture cut into superpixels: connected regions of like colour, so that people and methods can switch parts off."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from resnet_core.errors import ResNetCoreError

LOW, HIGH = 2, 256  # the allowed counts
COMPACTNESS = 10.0  # SLIC's balance between colour and distance, in its own units (Lab colours)


def superpixels(pixels: Tensor, count: int = 48) -> Tensor:
    """Cut each picture of `pixels` (N, 3, H, W) uint8 into about `count` superpixels, numbered from 0: (N, H, W) int64.

    SLIC (Achanta et al. 2012) in Lab colours; the same picture always gives the same cut. Numbers have no gaps;
    how many there are depends on the picture, and a tiny one has at most one per pixel. Raises
    `ResNetCoreError` for a count outside 2 to 256 or for another shape or kind of picture.
    """
    from skimage.segmentation import slic

    if pixels.ndim != 4 or pixels.shape[1] != 3 or pixels.dtype != torch.uint8:
        raise ResNetCoreError(f"The pictures are {tuple(pixels.shape)} {pixels.dtype}, but must be (N, 3, H, W) uint8.")
    if not LOW <= count <= HIGH:
        raise ResNetCoreError(f"count is {count}, but must be from {LOW} to {HIGH}.")
    cuts = []
    for picture in pixels.permute(0, 2, 3, 1).cpu().numpy():  # (H, W, 3)
        found = slic(picture, n_segments=count, compactness=COMPACTNESS, sigma=1, start_label=0, channel_axis=-1)
        cuts.append(np.unique(found, return_inverse=True)[1].reshape(found.shape))
    return torch.from_numpy(np.stack(cuts)).long().to(pixels.device)
