"""How large is the gradient at every layer? For every variant, plain or residual, before or after some SGD steps.

He et al. (2015), section 4.1: "neither forward nor backward signals vanish" in plain nets with batch norm. Here it can
be measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional

from resnet_core.errors import ResNetCoreError
from resnet_core.exact import exact
from resnet_core.gradients._reading import Reading, main_path, read_gradients
from resnet_core.gradients._throwaway import enough_memory, throwaway, training_batch
from resnet_core.nets.chain import cut, follow
from resnet_core.nets.class_numbers import labels_of
from resnet_core.nets.model import ResNet
from resnet_core.nets.options import Build, options_of
from resnet_core.pool.single_thread import single_thread
from resnet_core.progress import Progress, counter, not_yet
from resnet_core.variants import Variant, variant_of


@exact()
@single_thread()
def gradient_flow(
    variant: str | Variant,
    batch: Tensor,
    labels: Tensor,
    how: Build | None = None,
    *,
    seed: int = 0,
    weights: ResNet | None = None,
    steps: int = 0,
    lr: float = 0.1,
    dtype: torch.dtype | None = None,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
    **options: Any,
) -> pd.DataFrame:
    """The gradient of the mean cross-entropy of `batch` (N, 3, H, W) and `labels` (N,) at every conv, in train mode.

    The network is made for this call and thrown away: random weights from `seed`, built as `how` says (`options` are
    single fields of `Build`; 10 classes unless `num_classes` says otherwise), or a copy of `weights`, a network of the
    same variant, which is not changed. Before the gradient is read, the network takes `steps` plain SGD steps of rate
    `lr` on the batch. `dtype` None is torch.float64 where the device supports it: in deep plain nets the last digit of
    the numbers decides the first digit of a gradient, and what vanishes in float32 need not be 0. For the same reason
    the work is done on one thread of the CPU, so that the numbers do not depend on how many there are. `progress`
    counts the parts of the network (stem, blocks, head) that each pass goes through, forward and backward.

    One row a conv on the main path, in forward order (projections are left out):

    - conv, block, stage: names such as layer1.0.conv2, layer1.0, layer1; block and stage of the first conv are stem
    - depth: 1 for the first conv, 2 for the next ...
    - kind: stem, or first, middle or last conv of its block
    - grad_norm, weight_norm: L2 norm |g| of the gradient of the conv's weights, and |w| of the weights
    - relative_update: lr |g| / |w|, the length of the next SGD step over that of the weights
    - grad_norm_at_unit_weight: |g| |w|. Where batch norm follows a conv, longer weights have a smaller gradient, and
      what leaves the batch norm is nearly the same: |g| alone says little, and |g| |w| is about what it would be at
      |w| = 1; within a few times in the deepest plain nets, which multiply every difference
    - activation_std: standard deviation of what the conv puts out, before batch norm, over all N x C x H x W values
    - input_grad_norm: L2 norm of the loss gradient at the input of the block, (N, C, H, W); NaN for the stem
    - zeros: share of the entries of g that are exactly 0

    `.attrs["losses"]` lists the loss before each step and the one at which the gradient is read. If one of them is not
    finite the network has diverged: `.attrs["diverged_at"]` is the number of steps taken by then (else None), the list
    ends there, and everything measured is NaN.

    Raises `ResNetCoreError` for a network that `build` refuses, weights of another network, a batch that cannot be
    normalised, labels that do not fit, steps or lr outside their range, and a GPU without enough memory.
    """
    check_descent(steps, lr)
    with torch.inference_mode(False), torch.enable_grad(), enough_memory(variant, device):
        model = throwaway(
            variant,
            options_of(how, options),
            seed=seed,
            weights=weights,
            dtype=dtype,
            device=device,
            progress=not_yet(progress, pieces(variant_of(variant), steps)),
        )
        batch = training_batch(model, batch)
        labels = labels_of(labels, model.num_classes, len(batch)).to(batch.device)
        advance = counter(progress, pieces(model.variant, steps))
        losses = _descend(model, batch, labels, steps, lr, advance)
        if losses and not math.isfinite(losses[-1]):
            readings = [Reading()] * len(main_path(model))
        else:
            loss, readings = read_gradients(model, batch, labels, lr, advance)
            losses.append(loss)
    table = pd.DataFrame(
        [
            {"conv": conv.name, "block": conv.block, "stage": conv.stage, "depth": depth, "kind": conv.kind}
            | asdict(reading)
            for depth, (conv, reading) in enumerate(zip(main_path(model), readings, strict=True), start=1)
        ]
    )
    diverged = not math.isfinite(losses[-1])
    if diverged and progress is not None:
        progress(pieces(model.variant, steps), pieces(model.variant, steps))  # nothing more to do
    table.attrs = {"losses": losses, "diverged_at": len(losses) - 1 if diverged else None}
    return table


def pieces(variant: str | Variant, steps: int) -> int:
    """The total of `progress`: stem, blocks and head, forward and backward, and the end of each pass."""
    parts = 1 + sum(variant_of(variant).blocks) + 1
    return (steps + 1) * (2 * parts + 1)


def _descend(
    model: ResNet, batch: Tensor, labels: Tensor, steps: int, lr: float, advance: Callable[[], None]
) -> list[float]:
    """Take SGD steps on all parameters; the loss before each one. Ends early at a loss that is not finite."""
    before, behind = cut(model, "stem")
    parameters = list(model.parameters())
    losses: list[float] = []
    for _ in range(steps):
        loss = functional.cross_entropy(follow([*before, *behind], batch, advance), labels)
        losses.append(loss.item())
        if not math.isfinite(losses[-1]):
            break
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.sub_(gradient, alpha=lr)
        advance()
    return losses


def check_descent(steps: int, lr: float) -> None:
    """Raise `ResNetCoreError` unless these are a number of SGD steps and a learning rate."""
    if not isinstance(steps, int) or steps < 0:
        raise ResNetCoreError(f"steps is {steps!r}, but must be a whole number of SGD steps, 0 or more.")
    if not (math.isfinite(lr) and lr > 0):
        raise ResNetCoreError(f"lr is {lr!r}, but a learning rate is a finite number above 0.")
