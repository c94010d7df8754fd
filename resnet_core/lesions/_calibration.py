"""Answers of networks whose blocks are used otherwise, and the statistics of their batch norm, measured again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from resnet_core.errors import ResNetCoreError
from resnet_core.lesions._together import Together, together
from resnet_core.lesions._wiring import Wired
from resnet_core.nets.model import ResNet
from resnet_core.nets.passes import check_batch
from resnet_core.nets.private_view import private_view
from resnet_core.progress import Progress, counter

AT_ONCE = 2**16  # pixels in one pass, so that progress is told often: 64 pictures of 32 x 32, 1 of 224 x 224


def answers_together(
    networks: Sequence[Wired], batch: Tensor, pictures: Tensor | None, progress: Progress | None
) -> Iterator[tuple[slice, Tensor]]:
    """Some pictures of `batch`, and their logits (networks, pictures, classes) on the CPU, until all were given.

    Where there are `pictures`, batch norm of each network is measured again on them. `progress` counts uses of blocks.
    """
    tree, parts = together(networks), torch.split(batch, at_once(batch))
    passes = len(parts) + (0 if pictures is None else len(calibration_parts(pictures)))
    advance = counter(progress, passes * sum(1 for _ in tree.root.uses()))
    first = 0
    with torch.no_grad():
        if pictures is not None:
            tree = recalibrated(tree, pictures, advance)
        for part in parts:
            yield slice(first, first + len(part)), tree.answers(part, advance).cpu()
            first += len(part)


def recalibrated(networks: Together, pictures: Tensor, advance: Callable[[], None]) -> Together:
    """`networks` with the mean and variance of every batch norm measured again on `pictures` (M, 3, H, W).

    Every use of a block gets statistics of its own. A variance is the mean of those of the `calibration_parts`. Up to
    their first difference two networks have the same statistics, so what they share stays shared.
    """
    view = private_view(networks.view)
    root = networks.root.mapped(lambda use: replace(use, block=private_view(use.block)))
    found = Together(view, root)
    norms = [
        module
        for part in (view, *(use.block for use in root.uses()))
        for module in part.modules()
        if isinstance(module, nn.BatchNorm2d)
    ]
    for norm in norms:
        norm._buffers = {name: None if value is None else value.clone() for name, value in norm._buffers.items()}
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all parts
        norm.train()
    for part in calibration_parts(pictures):
        found.answers(part, advance)
    for norm in norms:
        norm.eval()
    return found


def at_once(batch: Tensor) -> int:
    """How many of the pictures (N, 3, H, W) go through a network together, so that progress is told often."""
    return max(1, AT_ONCE // (batch.shape[-2] * batch.shape[-1]))


def calibration_parts(pictures: Tensor) -> tuple[Tensor, ...]:
    """`pictures` in parts of nearly one size, none of them a single picture."""
    return pictures.tensor_split(max(1, len(pictures) // max(2, at_once(pictures))))


def check_calibration(model: ResNet, pictures: Tensor | None) -> Tensor | None:
    """The pictures on the model's device, or None. Raises `ResNetCoreError` if nothing can be measured on them."""
    if pictures is None:
        return None
    if not any(isinstance(module, nn.BatchNorm2d) for module in model.modules()):
        raise ResNetCoreError(f"{model.title} has no batch norm, so there are no statistics to measure again.")
    pictures = check_batch(model, pictures)
    if len(pictures) < 2:
        raise ResNetCoreError("recalibrate holds one picture, but statistics need at least two.")
    return pictures
