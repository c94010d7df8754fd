"""How often a network errs when its blocks change places (Veit et al. 2016, section 4.3 and Figure 5b)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from torch import Tensor

from resnet_core.errors import ResNetCoreError
from resnet_core.exact import exact
from resnet_core.lesions._blocks import interchangeable
from resnet_core.lesions._calibration import check_calibration
from resnet_core.lesions._errors import SAMPLES, check_counts, compared, wrong_rewired
from resnet_core.nets.blocks import Block
from resnet_core.nets.class_numbers import labels_of
from resnet_core.nets.model import ResNet
from resnet_core.nets.passes import check_batch
from resnet_core.pool.interface import Pool
from resnet_core.progress import Progress


@exact()
def shuffle_study(
    model: ResNet,
    batch: Tensor,
    labels: Tensor,
    *,
    swaps: int = 1,
    samples: int = SAMPLES,
    seed: int = 0,
    recalibrate: Tensor | None = None,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """How often `model` errs when so many pairs of its blocks change places, drawn `samples` times by `seed`.

    Each swap is of two blocks of one stage and one shape (Veit et al. 2016, Figure 5b). Columns: order (the names of
    all blocks as they work, with a space between them), swaps, tau (Kendall's rank correlation with the order as built:
    1 for none changed), then errors, change, margin and pictures as in `lesion_study`, and its `.attrs`. `pool` is
    where some of the networks are computed; None is the cores of this machine. `progress` counts uses of blocks. Raises
    `ResNetCoreError` as `lesion` and `pool` do, and if no two blocks can change places.
    """
    check_counts(swaps=swaps, samples=samples)
    blocks = dict(model.named_blocks())
    orders = [tuple(blocks), *_orders(blocks, swaps, samples, seed)]
    batch = check_batch(model, batch)
    labels = labels_of(labels, model.num_classes, len(batch))
    pictures = check_calibration(model, recalibrate)
    used = np.array([[orders[0].index(name) for name in order] for order in orders])
    how = [{"order": order} for order in orders]
    wrong = wrong_rewired(model, batch, labels, how, used, pictures, progress, pool)
    found = pd.DataFrame({"order": [" ".join(order) for order in orders[1:]], "swaps": swaps})
    found["tau"] = [_kendall(order.tolist()) for order in used[1:]]
    return compared(found, wrong, model)


def _kendall(order: list[int]) -> float:
    """Kendall's tau between `order`, a permutation of 0, 1, 2, ..., and these numbers in order."""
    pairs = list(combinations(order, 2))
    return sum(1 if first < second else -1 for first, second in pairs) / len(pairs)


def _orders(blocks: Mapping[str, Block], swaps: int, samples: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Orders of all blocks after so many random swaps of two that can change places."""
    names = list(blocks)
    pairs = [
        (one, other)
        for one, other in combinations(range(len(names)), 2)
        if interchangeable(names[one], blocks[names[one]], names[other], blocks[names[other]])
    ]
    if not pairs:
        raise ResNetCoreError("The network has no two blocks of one stage and one shape that could change places.")
    generator = np.random.default_rng(seed)
    for _ in range(samples):
        order = list(names)
        for one, other in (pairs[pick] for pick in generator.integers(len(pairs), size=swaps)):
            order[one], order[other] = order[other], order[one]
        yield tuple(order)
