"""Which pictures many networks get wrong, and how that compares with the whole network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_core.errors import ResNetCoreError
from resnet_core.exact import exact
from resnet_core.lesions._calibration import answers_together
from resnet_core.lesions._margins import paired_margin
from resnet_core.lesions._pieces import Slice, in_order, parted, sizes_of, slices, uses
from resnet_core.lesions._subsets import Kept, logits_of_each
from resnet_core.lesions._wiring import wire
from resnet_core.nets.model import ResNet
from resnet_core.nets.private_view import private_view
from resnet_core.pool.interface import Pool
from resnet_core.progress import Progress

SAMPLES = 20  # random draws, if nobody says how many
Wrong = NDArray[np.bool_]  # (networks, pictures): which pictures a network gets wrong


def check_counts(**counts: int | None) -> None:
    """Raise `ResNetCoreError` unless each is a whole number above 0, or left out."""
    for what, count in counts.items():
        if count is not None and (not isinstance(count, int) or count < 1):
            raise ResNetCoreError(f"{what} is {count!r}, but must be a whole number, 1 or more.")


def wrong_sharing(
    model: ResNet, batch: Tensor, labels: Tensor, kept: Kept, progress: Progress | None, pool: Pool | None
) -> Wrong:
    """Networks that differ only in the blocks that they keep, computed together; a slice of the pictures in each piece
    of work."""
    tasks = slices(batch, labels, kept, pool)
    found = in_order(_wrong_of, tasks, (model, kept), sizes_of(tasks, kept), progress, pool)
    return np.concatenate(found, axis=1)


def _wrong_of(task: Slice, model: ResNet, kept: Kept, report: Progress) -> Wrong:
    batch, labels = task
    wrong = np.zeros((len(kept), len(batch)), dtype=bool)
    with exact(), torch.no_grad():
        for networks, pictures, logits in logits_of_each(private_view(model).eval(), batch, kept, report):
            wrong[networks, pictures] = (logits.argmax(-1) != labels[pictures]).numpy()
    return wrong


def wrong_rewired(
    model: ResNet,
    batch: Tensor,
    labels: Tensor,
    how: Sequence[dict[str, Any]],
    used: NDArray[np.int64],
    pictures: Tensor | None,
    progress: Progress | None,
    pool: Pool | None,
) -> Wrong:
    """Networks wired as each of `how` says, with statistics of their own if there are `pictures` to measure them on.

    Some of the networks in each piece of work. Those alike in the first columns of `used` (networks, uses of blocks)
    share their beginnings.
    """
    parts = parted(range(len(how)), uses(used, batch, pictures), pool)
    sizes = [uses(used[list(part)], batch, pictures) for part in parts]
    tasks = [[how[number] for number in part] for part in parts]
    return np.concatenate(in_order(_wrong_wired, tasks, (model, batch, labels, pictures), sizes, progress, pool))


def _wrong_wired(
    how: Sequence[dict[str, Any]],
    model: ResNet,
    batch: Tensor,
    labels: Tensor,
    pictures: Tensor | None,
    report: Progress,
) -> Wrong:
    wired = [wire(model, len(batch), **each) for each in how]
    with exact():
        answers = answers_together(wired, batch, pictures, report)
        return (torch.cat([logits.argmax(-1) for _, logits in answers], 1) != labels).numpy()


def compared(found: pd.DataFrame, wrong: Wrong, model: ResNet) -> pd.DataFrame:
    """`found` with the errors of its networks; the first row of `wrong` is the whole network's."""
    whole = wrong[0]
    found["errors"] = wrong[1:].mean(1)
    found["change"] = found["errors"] - whole.mean()
    found["margin"] = [paired_margin(each, whole) for each in wrong[1:]]
    found["pictures"] = whole.size
    weights = "random weights" if model.weights is None else model.weights.id
    found.attrs = {"errors": float(whole.mean()), "weights": weights}
    return found
