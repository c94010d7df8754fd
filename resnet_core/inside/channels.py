"""Channels of a feature map: statistics of each, and what each adds to the logit of a class."""

from __future__ import annotations

import pandas as pd
import torch
from torch import Tensor

from resnet_core.errors import ResNetCoreError
from resnet_core.exact import exact
from resnet_core.nets.chain import cut, follow
from resnet_core.nets.class_numbers import targets_of
from resnet_core.nets.model import ResNet
from resnet_core.nets.passes import check_batch
from resnet_core.nets.private_view import gradient_free_view
from resnet_core.progress import Progress, counter


def channel_statistics(maps: Tensor) -> pd.DataFrame:
    """One row a channel of the feature maps of one picture (C, H, W), over its H x W values.

    Columns: channel, its number; mean; variance (divided by H x W, not by one less); minimum; maximum; zeros, the share
    of values that are exactly 0; finite, False if the channel holds NaN or infinity. Raises `ResNetCoreError` for
    another shape.
    """
    if maps.ndim != 3 or 0 in maps.shape:
        raise ResNetCoreError(f"The maps are {tuple(maps.shape)}, but must be those of one picture: (C, H, W).")
    values = maps.detach().flatten(1).cpu().double()  # (C, H, W) -> (C, H x W)
    return pd.DataFrame(
        {
            "channel": range(len(values)),
            "mean": values.mean(1).numpy(),
            "variance": values.var(1, correction=0).numpy(),
            "minimum": values.amin(1).numpy(),
            "maximum": values.amax(1).numpy(),
            "zeros": (values == 0).double().mean(1).numpy(),
            "finite": values.isfinite().all(1).numpy(),
        }
    )


@exact()
def contributions(model: ResNet, batch: Tensor, place: str, target: int, *, progress: Progress | None = None) -> Tensor:
    """What each channel of the output of `place` adds to the logit of class `target`, for each picture: (N, C).

    Gradient x activation, summed over positions: the first-order estimate of what the logit would lose without the
    channel. At the last block it is exact, since only the average pool and the linear layer follow: there the
    contributions of a picture sum to its logit less the bias of `fc`. `place` is "stem" or a block such as "layer3.0".
    Eval mode, on a private view; `progress` counts the stem, the blocks and the head, forward and backward. Raises
    `ResNetCoreError` for another batch, place or class.
    """
    batch = check_batch(model, batch)
    target = int(targets_of(target, model.num_classes, 1))
    with torch.inference_mode(False):
        before, behind = cut(gradient_free_view(model), place)
        advance = counter(progress, len(before) + 2 * len(behind) + 1)
        with torch.no_grad():
            maps = follow(before, batch, advance)
        with torch.enable_grad():
            logits = follow(behind, maps.requires_grad_(), advance)
            (gradient,) = torch.autograd.grad(logits[:, target].sum(), maps)  # pictures of a batch do not mix
        advance()
        return (gradient * maps.detach()).sum((2, 3)).cpu()  # (N, C, h, w) -> (N, C)
