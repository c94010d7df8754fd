"""The head of a network, read after every block of its last stage: how the answer grows from block to block.

Jastrzebski et al. (2018), "Residual Connections Encourage Iterative Inference", sections 4.1 and 4.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional

from resnet_core.exact import exact
from resnet_core.inside.answers import class_names
from resnet_core.lesions._blocks import joined
from resnet_core.nets.blocks import Block
from resnet_core.nets.class_numbers import targets_of
from resnet_core.nets.model import ResNet
from resnet_core.nets.passes import check_batch
from resnet_core.nets.private_view import gradient_free_view
from resnet_core.progress import Progress, counter


@exact()
def readouts(
    model: ResNet, batch: Tensor, target: int | Tensor | None = None, *, progress: Progress | None = None
) -> pd.DataFrame:
    """What the head of `model` answers to the output of each block of the last stage, for `batch` (N, 3, H, W).

    Earlier stages have other channels than the head reads, so they have no read-out. Eval mode. One row a block and
    picture, the blocks in forward order:

    - block, picture
    - index, class, probability, logit: the first answer of this read-out. In the last block's rows they are the
      network's own, bit for bit
    - target, target_probability: the class asked for (None: the network's own answer), and its probability here
    - cosine: between F(x) and the direction in which x has to go for the loss to fall most steeply, which is less the
      gradient of the network's cross-entropy for the target with respect to x. NaN where x and F(x) differ in shape, in
      a plain block, and for a gradient of 0
    - ratio: |F(x)| / |shortcut(x)|, the L2 norms over the picture; at an identity |F(x)| / |x|. NaN in a plain block

    `progress` counts blocks, forward and, in the last stage, backward. Raises `ResNetCoreError` for another batch or
    target.
    """
    batch = check_batch(model, batch)
    wanted = None if target is None else targets_of(target, model.num_classes, len(batch)).to(batch.device)
    with torch.inference_mode(False), torch.enable_grad():
        view = gradient_free_view(model)
        blocks = list(view.named_blocks())
        last = [(name, block) for name, block in blocks if _stage(name) == _stage(blocks[-1][0])]
        advance = counter(progress, len(blocks) + len(last))
        x = view.stem(batch)
        for _, block in blocks[: len(blocks) - len(last)]:
            x = block(x)
            advance()
        steps: list[_Step] = []
        x = x.detach().requires_grad_()
        for name, block in last:
            steps.append(_step(name, block, x, advance))
            x = steps[-1].y
        logits = view.head(x)
        wanted = logits.argmax(1) if wanted is None else wanted
        downhill = torch.autograd.grad(logits, [step.x for step in steps], _downhill(logits, wanted))
        answers = [view.head(step.y).detach().float().cpu() for step in steps]
    tables = [
        _rows(step, direction, answer, wanted.cpu(), class_names(model))
        for step, direction, answer in zip(steps, downhill, answers, strict=True)
    ]
    return pd.concat(tables, ignore_index=True)


@dataclass(frozen=True, eq=False)
class _Step:
    """A block of the last stage, and what it read and put out."""

    name: str
    block: Block
    x: Tensor
    residual: Tensor
    y: Tensor


def _stage(name: str) -> str:
    return name.split(".")[0]


def _step(name: str, block: Block, x: Tensor, advance: Callable[[], None]) -> _Step:
    residual = block.residual(x)
    advance()
    x.register_hook(lambda _gradient: advance())  # type: ignore[no-untyped-call]
    return _Step(name, block, x, residual, joined(block, x, residual))


def _downhill(logits: Tensor, targets: Tensor) -> Tensor:
    """Where the logits (N, classes) have to go for the cross-entropy to fall, up to a factor for each picture.

    Its gradient is p - 1 at the target and p elsewhere; divided by 1 - p of the target this is -1, and the softmax over
    the other classes. Of a network that is sure of its answer, single precision would round the gradient itself to 0.
    """
    target = functional.one_hot(targets, logits.shape[1]).to(logits)
    return target - logits.detach().masked_fill(target.bool(), -math.inf).softmax(1)


def _rows(step: _Step, downhill: Tensor, logits: Tensor, targets: Tensor, names: tuple[str, ...]) -> pd.DataFrame:
    """The rows of one block; `downhill` (N, C, h, w) is where x has to go, `logits` (N, classes) what the head says."""
    pictures = torch.arange(len(logits))
    probabilities = logits.double().softmax(1)
    first = logits.topk(1).indices[:, 0]
    residual = _flat(step.residual)
    nothing = torch.full(residual.shape[:1], math.nan, dtype=torch.float64)
    comparable = not step.block.plain and step.x.shape == step.residual.shape
    return pd.DataFrame(
        {
            "block": step.name,
            "picture": pictures.numpy(),
            "index": first.numpy(),
            "class": [names[index] for index in first.tolist()],
            "probability": probabilities[pictures, first].numpy(),
            "logit": logits[pictures, first].double().numpy(),
            "target": targets.numpy(),
            "target_probability": probabilities[pictures, targets].numpy(),
            "cosine": (_cosine(residual, _flat(downhill)) if comparable else nothing).numpy(),
            "ratio": (nothing if step.block.plain else _ratio(residual, _flat(step.block.shortcut(step.x)))).numpy(),
        }
    )


def _flat(maps: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, values), in double precision on the CPU."""
    return maps.detach().cpu().double().flatten(1)


def _cosine(one: Tensor, other: Tensor) -> Tensor:
    """The cosine of the angle between two rows each: (N,); NaN where one is 0."""
    lengths: Tensor = one.norm(dim=1) * other.norm(dim=1)
    return (one * other).sum(1) / lengths


def _ratio(one: Tensor, other: Tensor) -> Tensor:
    """|one| / |other| of two rows each: (N,); NaN where the other is 0."""
    below = other.norm(dim=1)
    return torch.where(below > 0, one.norm(dim=1) / below, math.nan)
