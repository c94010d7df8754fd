"""Do neighbouring inputs have similar gradients, or does the gradient look like noise?

Balduzzi et al. (2017), "The Shattered Gradients Problem: If resnets are the answer, then what is the question?",
section 2: along a path of inputs, the gradient of a deep plain net is white noise, that of a residual net is not.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import torch
from torch import Tensor

from resnet_core.errors import ResNetCoreError
from resnet_core.exact import exact
from resnet_core.gradients._throwaway import enough_memory, throwaway, training_batch
from resnet_core.nets.chain import cut, follow
from resnet_core.nets.model import ResNet
from resnet_core.nets.options import Build, options_of
from resnet_core.pool.single_thread import single_thread
from resnet_core.progress import Progress, counter, not_yet
from resnet_core.variants import Variant, variant_of


@exact()
@single_thread()
def shattering(
    variant: str | Variant,
    ends: Tensor,
    how: Build | None = None,
    *,
    points: int = 64,
    lags: int = 15,
    seed: int = 0,
    weights: ResNet | None = None,
    dtype: torch.dtype | None = None,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
    **options: Any,
) -> pd.DataFrame:
    """The correlation of input gradients of inputs `lag` steps apart on a straight path: columns lag, correlation.

    The path has `points` inputs, evenly spaced from the first to the second picture of `ends` (2, 3, H, W). They pass
    the network together, in train mode, so batch norm normalises over all of them. The gradient is that of the first
    logit, summed over the path, at each input. The correlation at a lag is the mean cosine between the gradients of
    all points - lag pairs so far apart: 1 for the same direction, about 0 for unrelated ones, NaN where a gradient is
    exactly 0. Rows are the lags 0 to `lags`; those of the paper's figures reach 15.

    The network is made as in `gradient_flow`. `progress` counts stem, blocks and head, forward and backward. Raises
    `ResNetCoreError` for other ends, points or lags, and for a network that cannot be made.
    """
    if not 1 <= lags < points:
        raise ResNetCoreError(f"lags is {lags} and points {points}, but 1 <= lags < points must hold.")
    with torch.inference_mode(False), torch.enable_grad(), enough_memory(variant, device):
        total = 2 * (sum(variant_of(variant).blocks) + 2) + 1
        model = throwaway(
            variant,
            options_of(how, options),
            seed=seed,
            weights=weights,
            dtype=dtype,
            device=device,
            progress=not_yet(progress, total),
        )
        path = _path(training_batch(model, ends), points).requires_grad_()
        before, behind = cut(model, "stem")
        chain = [*before, *behind]
        advance = counter(progress, total)
        logits = follow(chain, path, advance)
        (gradient,) = torch.autograd.grad(logits[:, 0].sum(), path)
        advance()
    directions = gradient.cpu().double().flatten(1)  # (P, 3, H, W) -> (P, 3 x H x W)
    directions = directions / directions.norm(dim=1, keepdim=True)
    cosines = directions @ directions.T  # (P, P)
    means = [cosines.diagonal(lag).mean().item() for lag in range(lags + 1)]
    return pd.DataFrame({"lag": range(lags + 1), "correlation": means})


def _path(ends: Tensor, points: int) -> Tensor:
    """`points` inputs on a straight line: (2, C, H, W) -> (points, C, H, W)."""
    if len(ends) != 2:
        raise ResNetCoreError(f"ends holds {len(ends)} pictures, but a path goes from one to another: give two.")
    share = torch.linspace(0, 1, points, dtype=ends.dtype, device=ends.device).view(-1, 1, 1, 1)
    return ends[:1] + share * (ends[1:] - ends[:1])
