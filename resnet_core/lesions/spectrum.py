"""The gradient of an answer with respect to the picture, by how many residual branches it comes through.

With y = relu(F(x) + shortcut(x)) in n blocks there are 2^n paths from the picture to the answer, and the gradient is
the sum over all of them. Veit et al. (2016), section 5, sampled single paths. Here the paths of each length are summed
exactly: n + 1 gradients go back together, and at each block the one of k branches goes on through the shortcut, and
through F as a part of the one of k + 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_core.errors import ResNetCoreError, one_of
from resnet_core.exact import NO_DOUBLE, exact
from resnet_core.lesions._backward import Path, along, by_length
from resnet_core.lesions._calibration import at_once
from resnet_core.lesions._errors import check_counts
from resnet_core.lesions._margins import mean_margin
from resnet_core.lesions._paths import passed
from resnet_core.nets.class_numbers import targets_of
from resnet_core.nets.model import ResNet
from resnet_core.nets.passes import check_batch
from resnet_core.nets.private_view import gradient_free_view
from resnet_core.progress import Progress, counter_of_many

DTYPES = (torch.float32, torch.float64)
TOGETHER = 16  # single paths at once


@dataclass(frozen=True, eq=False)
class PathSpectrum:
    """A gradient, split by the length of the paths that it comes through.

    table: one row a length, with the columns of `path_spectrum`. gradients: (lengths, N, 3, H, W), of the target's
    logit with respect to the batch, one a row of the table; their sum is the gradient.
    """

    table: pd.DataFrame
    gradients: Tensor


@exact()
def path_spectrum(
    model: ResNet,
    batch: Tensor,
    target: int | Tensor,
    *,
    samples: int | None = None,
    seed: int = 0,
    dtype: torch.dtype | None = None,
    progress: Progress | None = None,
) -> PathSpectrum:
    """The gradient of the logit of `target` (one class, or one a picture) with respect to `batch` (N, 3, H, W).

    Eval mode. Columns of the table:

    - length: k, the number of residual branches F that a path goes through, 0 to n. A shortcut, also a projection, adds
      none. A plain net has one path, of length n: one row
    - paths: how many there are, "n over k"
    - norm: L2 norm of the sum of the gradients over these paths, mean over the pictures
    - share: that norm over the sum of this column

    With `samples`, so many different paths of each length are drawn by `seed` (all, where there are no more):

    - sampled: how many were drawn
    - path_norm: mean L2 norm of the gradient over one path
    - estimate: paths x path_norm, as Veit et al. (2016) estimate what paths of this length carry. It ignores that the
      gradients of paths partly cancel, so it is never less than norm, if all paths are drawn. A small sample misses
      the few paths that carry most, and then estimate and margin are too small
    - margin: half the width of a 95 % interval around the estimate, from the spread of the paths; 0 where all are drawn

    `dtype` is the precision of the work, None that of the network. `progress` counts blocks, once for each gradient
    that goes back through them. Raises `ResNetCoreError` for another batch, target or dtype.
    """
    check_counts(samples=samples)
    with torch.inference_mode(False), torch.enable_grad():
        view = _in_precision(gradient_free_view(model), dtype)
        batch = check_batch(view, batch)
        targets = targets_of(target, model.num_classes, len(batch)).to(batch.device)
        plain = [block.plain for _, block in view.named_blocks()]
        drawn = {} if samples is None else _drawn(plain, samples, seed)
        few = max(1, at_once(batch) // max(1, len(plain)))  # pictures, of each of which many gradients are in memory
        parts = list(zip(torch.split(batch, few), torch.split(targets, few), strict=True))
        advance = counter_of_many(progress, len(parts) * _pieces(plain, sum(map(len, drawn.values()))))
        found, sums = [], {length: np.zeros(len(paths)) for length, paths in drawn.items()}
        for part, wanted in parts:
            net = passed(view, part, advance)
            found.append(by_length(net, wanted, advance))
            for length, paths in drawn.items():
                sums[length] += np.concatenate(
                    [
                        _norms(along(net, wanted, paths[first : first + TOGETHER], advance)).sum(1).numpy()
                        for first in range(0, len(paths), TOGETHER)
                    ]
                )
    gradients = torch.cat(found, 1)
    table = _table(sum(plain), _norms(gradients).mean(1))
    if samples is not None:
        _add_paths(table, [sums[length] / len(batch) for length in table["length"]])
    return PathSpectrum(table, gradients)


def _in_precision(view: ResNet, dtype: torch.dtype | None) -> ResNet:
    """The private `view` in another precision; the model that it was made from keeps its own."""
    if dtype is None:
        return view
    if dtype not in DTYPES:
        raise one_of("dtype", dtype, DTYPES)
    device = view.fc.weight.device.type
    if dtype == torch.float64 and device in NO_DOUBLE:
        raise ResNetCoreError(f"The device {device!r} does not support torch.float64; use dtype=torch.float32.")
    return view.to(dtype)


def _drawn(plain: list[bool], samples: int, seed: int) -> dict[int, list[Path]]:
    """Different paths of each length, so many or all."""
    free = [place for place, without in enumerate(plain) if not without]
    generator = np.random.default_rng(seed)
    found: dict[int, list[Path]] = {}
    for branches in range(len(free) + 1):
        paths: dict[Path, None] = {}
        if math.comb(len(free), branches) <= samples:
            paths = dict.fromkeys(map(frozenset, combinations(free, branches)))
        while len(paths) < min(samples, math.comb(len(free), branches)):
            paths[frozenset(generator.choice(free, branches, replace=False).tolist())] = None
        found[sum(plain) + branches] = list(paths)
    return found


def _pieces(plain: list[bool], paths: int) -> int:
    """The total of `progress` for one part of the batch: forward, the gradients by length, and single paths."""
    carried, pieces = 1, len(plain)
    for without in reversed(plain):
        pieces += carried
        carried += not without
    return pieces + paths * len(plain)


def _norms(gradients: Tensor) -> Tensor:
    """L2 norms over the values of each picture, on the CPU: (..., N, 3, H, W) -> (..., N)."""
    norms: Tensor = torch.linalg.vector_norm(gradients.cpu().double(), dim=(-3, -2, -1))
    return norms


def _table(plain: int, norm: Tensor) -> pd.DataFrame:
    """The table without single paths; `norm` (lengths,) begins with the fewest branches, those of plain blocks."""
    lengths, free = range(plain, plain + len(norm)), len(norm) - 1
    return pd.DataFrame(
        {
            "length": lengths,
            "paths": [float(math.comb(free, length - plain)) for length in lengths],
            "norm": norm.numpy(),
            "share": (norm / norm.sum()).numpy(),
        }
    )


def _add_paths(table: pd.DataFrame, norms: list[NDArray[np.float64]]) -> None:
    """Add the columns that are from single paths of each length."""
    table["sampled"] = [len(each) for each in norms]
    table["path_norm"] = [each.mean() for each in norms]
    table["estimate"] = table["paths"] * table["path_norm"]
    table["margin"] = [
        count * float(mean_margin(each, count)) for count, each in zip(table["paths"], norms, strict=True)
    ]
