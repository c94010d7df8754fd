"""How a study of many pictures or networks is cut into pieces of work, so that no number depends on where they run."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from resnet_core.lesions._calibration import at_once, calibration_parts
from resnet_core.lesions._subsets import Kept, evaluations
from resnet_core.pool import calls
from resnet_core.pool.interface import Pool, Result, Task
from resnet_core.pool.local import LocalPool
from resnet_core.progress import Progress

Item = TypeVar("Item")
Slice = tuple[Tensor, Tensor]  # pictures (n, 3, H, W) and their labels (n,)
PIECES = 4  # for each core, so that none is idle for long at the end
ENOUGH = 500  # evaluations of F(x) in a piece of work: about a second


def slices(batch: Tensor, labels: Tensor, kept: Kept, pool: Pool | None) -> list[Slice]:
    """The pictures in slices, each of some of the parts that go through a network together.

    So every picture is computed beside the same others, whatever the number of slices.
    """
    parts = math.ceil(len(batch) / at_once(batch))
    wanted = max(1, min(PIECES * cores_of(pool), parts * evaluations(kept) // ENOUGH))
    size = at_once(batch) * math.ceil(parts / wanted)
    return [
        (batch[first : first + size].clone(), labels[first : first + size].clone())
        for first in range(0, len(batch), size)
    ]


def sizes_of(tasks: Sequence[Slice], kept: Kept) -> list[int]:
    """How many evaluations of F(x) each slice takes, each once a part of it."""
    once = evaluations(kept)
    return [once * math.ceil(len(batch) / at_once(batch)) for batch, _ in tasks]


def uses(used: NDArray[np.generic], batch: Tensor, pictures: Tensor | None) -> int:
    """How often networks use a block, for `batch` and to measure on `pictures` before.

    Those alike in the first columns of `used` (networks, uses of blocks) share their beginnings.
    """
    passes = math.ceil(len(batch) / at_once(batch)) + (0 if pictures is None else len(calibration_parts(pictures)))
    return passes * sum(len(np.unique(used[:, :place], axis=0)) for place in range(1, used.shape[1] + 1))


def parted(items: Sequence[Item], evaluated: int, pool: Pool | None) -> list[Sequence[Item]]:
    """`items`, which take so many evaluations together, in parts of nearly one size: at most one for each core."""
    size = math.ceil(len(items) / max(1, min(cores_of(pool), evaluated // ENOUGH)))
    return [items[first : first + size] for first in range(0, len(items), size)]


def cores_of(pool: Pool | None) -> int:
    """How many pieces of work run at once; None is this machine."""
    return LocalPool().cores if pool is None else pool.cores


def in_order(
    work: Callable[..., Result],
    tasks: Sequence[Task],
    shared: tuple[Any, ...],
    sizes: Sequence[int],
    progress: Progress | None,
    pool: Pool | None,
) -> list[Result]:
    """As `resnet_core.pool.calls.in_order`; `shared` begins with the network.

    Without a `pool` a GPU does one after the other.
    """
    if pool is None:
        pool = LocalPool(1 if len(tasks) == 1 or shared[0].fc.weight.device.type != "cpu" else None)
    return calls.in_order(pool, work, tasks, shared=shared, sizes=sizes, progress=progress)
