"""Gradients on their way from the answer back to the picture: all paths of one length together, or single paths."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from resnet_core.lesions._paths import Passed
from resnet_core.lesions._subsets import step_size

Path = frozenset[int]  # the blocks, by number, in which a path takes F(x)


def by_length(net: Passed, targets: Tensor, advance: Callable[[int], None]) -> Tensor:
    """The gradient of the target's logit, summed over the paths of each length: (lengths, N, 3, H, W), on the CPU."""
    carried, count = net.at_last(targets), len(targets)  # (lengths x N, C, h, w), those of the fewest branches first
    for fork in reversed(net.forks):
        longer = 0 if fork.shortcut is None else count  # in a plain block, no path stays as long as it was
        after, first = fork.nothing((len(carried) + longer) // count), 0
        for some in torch.split(carried, count * max(1, step_size(carried.device) // carried[:count].numel())):
            masked = fork.relu.back(some)
            after[first + longer : first + longer + len(some)] += fork.residual.back(masked)
            if fork.shortcut is not None:
                after[first : first + len(some)] += fork.shortcut.back(masked)
            first += len(some)
            advance(len(some) // count)
        carried = after
    found = []
    for some in torch.split(carried, count):
        found.append(net.stem.back(some).cpu())
        advance(0)  # at 224 pixels a stem takes as long as a block
    return torch.stack(found)


def along(net: Passed, targets: Tensor, paths: list[Path], advance: Callable[[int], None]) -> Tensor:
    """The gradient of the target's logit over each of some paths alone: (paths, N, 3, H, W)."""
    gradients, count = torch.cat([net.at_last(targets)] * len(paths)), len(targets)
    for place, fork in reversed([*enumerate(net.forks)]):
        masked = torch.split(fork.relu.back(gradients), count)
        through = {number for number, path in enumerate(paths) if fork.shortcut is None or place in path}
        after: dict[int, Tensor] = {}
        for way, which in ((fork.residual, sorted(through)), (fork.shortcut, sorted({*range(len(paths))} - through))):
            if way is not None and which:
                back = way.back(torch.cat([masked[number] for number in which]))
                after |= zip(which, torch.split(back, count), strict=True)
        gradients = torch.cat([after[number] for number in range(len(paths))])
        advance(len(paths))
    return net.stem.back(gradients).reshape(-1, *net.stem.start.shape)
