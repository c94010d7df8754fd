"""Many networks that keep different blocks of one, with what they have in common computed once.

Networks that keep and lack the same first blocks have the same features there. All 2^n together so take 2^n - 1
evaluations of F instead of n 2^(n-1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_core.lesions._blocks import without
from resnet_core.lesions._calibration import at_once
from resnet_core.nets.blocks import Block
from resnet_core.nets.model import ResNet
from resnet_core.progress import Progress, counter_of_many

Kept = NDArray[np.bool_]  # (networks, blocks): which blocks a network keeps
MOST = 2**18  # values of a feature map in one step on a CPU, which its cache holds
GPU = 64  # times as many on others, which work on them together


def step_size(device: torch.device) -> int:
    """How many values of a feature map are best worked on at once."""
    return MOST if device.type == "cpu" else GPU * MOST


def evaluations(kept: Kept) -> int:
    """How many evaluations of F(x) all the networks take together."""
    return sum(len(np.unique(kept[kept[:, place], : place + 1], axis=0)) for place in range(kept.shape[1]))


def logits_of_each(
    view: ResNet, batch: Tensor, kept: Kept, progress: Progress | None
) -> Iterator[tuple[NDArray[np.int_], slice, Tensor]]:
    """Some networks, some pictures, and their logits (networks, pictures, classes) on the CPU, until all were given.

    `view` is in eval mode. The blocks of `kept` are its own in forward order. `progress` counts evaluations of F(x),
    each once a part of the batch.
    """
    parts = torch.split(batch, at_once(batch))
    advance = counter_of_many(progress, evaluations(kept) * len(parts))
    first = 0
    for part in parts:
        here = slice(first, first + len(part))
        for networks, logits in _descend(view, view.stem(part), kept, advance):
            yield networks, here, logits
        first += len(part)


def _descend(
    view: ResNet, x: Tensor, kept: Kept, advance: Callable[[int], None]
) -> Iterator[tuple[NDArray[np.int_], Tensor]]:
    """Networks and their logits (networks, N, classes), depth first through the tree of networks.

    A node is some prefixes of one length, their features one after the other: `x` (prefixes x N, C, H, W), and for each
    the networks that begin so. Too large a node is halved, so that at most two nodes a block are in memory.
    """
    blocks = [block for _, block in view.named_blocks()]
    count, most = len(x), step_size(x.device)
    waiting: list[tuple[int, Tensor, list[NDArray[np.int_]]]] = [(0, x, [np.arange(len(kept))])]
    while waiting:
        place, x, groups = waiting.pop()
        if len(groups) > 1 and x.numel() > most:
            half = len(groups) // 2
            waiting.append((place, x[half * count :], groups[half:]))
            waiting.append((place, x[: half * count], groups[:half]))
        elif place < len(blocks):
            y, groups, evaluated = _branch(blocks[place], x, groups, kept[:, place])
            waiting.append((place + 1, y, groups))
            advance(evaluated)
        else:
            logits = view.head(x).reshape(len(groups), count, -1).cpu()
            which = np.concatenate(groups)
            yield which, logits.repeat_interleave(torch.tensor([len(group) for group in groups]), 0)


def _branch(
    block: Block, x: Tensor, groups: list[NDArray[np.int_]], keeps: NDArray[np.bool_]
) -> tuple[Tensor, list[NDArray[np.int_]], int]:
    """One block further: every group in those that keep it and those that do not; how often F(x) was computed."""
    count = len(x) // len(groups)
    kept = [place for place, group in enumerate(groups) if keeps[group].any()]
    lacking = [place for place, group in enumerate(groups) if not keeps[group].all()]
    found = []
    if kept:
        found.append(block(_rows(x, kept, count)))
    if lacking:
        found.append(without(block, _rows(x, lacking, count)))
    after = [groups[place][keeps[groups[place]]] for place in kept]
    after += [groups[place][~keeps[groups[place]]] for place in lacking]
    return torch.cat(found) if len(found) > 1 else found[0], after, len(kept)


def _rows(x: Tensor, places: list[int], count: int) -> Tensor:
    """The features of the prefixes at `places`, of so many pictures each."""
    if len(places) * count == len(x):
        return x
    return torch.cat([x[place * count : (place + 1) * count] for place in places])
