"""How often a network errs without one block, and without several.

Veit et al. (2016), sections 4.1 and 4.2, Figures 3 to 5a.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from torch import Tensor

from resnet_core.errors import ResNetCoreError
from resnet_core.exact import exact
from resnet_core.lesions._blocks import keeps_shape, removable
from resnet_core.lesions._calibration import check_calibration
from resnet_core.lesions._errors import SAMPLES, check_counts, compared, wrong_rewired, wrong_sharing
from resnet_core.nets.blocks import Block
from resnet_core.nets.class_numbers import labels_of
from resnet_core.nets.model import ResNet
from resnet_core.nets.passes import check_batch
from resnet_core.pool.interface import Pool
from resnet_core.progress import Progress


@exact()
def lesion_study(
    model: ResNet,
    batch: Tensor,
    labels: Tensor,
    *,
    deletions: int = 1,
    samples: int | None = None,
    seed: int = 0,
    recalibrate: Tensor | None = None,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """How often `model` errs on `batch` (N, 3, H, W) with `labels` (N,) without some of its blocks, as `lesion` does.

    With one deletion and no `samples` every block is removed once, except plain blocks that change the shape, which
    cannot go. Otherwise `samples` (None: 20) different sets of so many blocks are drawn by `seed` among those that keep
    the shape of x; all sets if there are no more than that. `recalibrate` are pictures on which the batch norm of every
    network is measured again, also of the whole one that it is compared with.

    One row a network, without the whole one:

    - deleted, blocks: the names of the blocks without which it is, with a space between them, and their number
    - errors: the share of pictures that it gets wrong
    - change: that share less the whole network's
    - margin: half the width of a 95 % interval around `change`, from the pictures that only one of both gets wrong
      (Agresti and Min 2005). It covers the choice of pictures, not that of blocks nor of the run of training
    - pictures: N

    `.attrs` holds "errors" of the whole network, and "weights", which says "random weights" where nothing was learnt.
    `pool` is where slices of the pictures are computed, or, recalibrated, some of the networks; None is the cores of
    this machine. Every number is bit for bit the same. `progress` counts evaluations of blocks. Raises
    `ResNetCoreError` as `lesion` and `pool` do, and for more deletions than there are blocks to draw from.
    """
    check_counts(deletions=deletions, samples=samples)
    blocks = dict(model.named_blocks())
    sets = [()] + _sets(blocks, deletions, samples, seed)
    names = list(blocks)
    kept = np.array([[name not in gone for name in names] for gone in sets], dtype=bool).reshape(len(sets), len(names))
    batch = check_batch(model, batch)
    labels = labels_of(labels, model.num_classes, len(batch))
    pictures = check_calibration(model, recalibrate)
    if pictures is None:
        wrong = wrong_sharing(model, batch, labels, kept, progress, pool)
    else:
        how = [{"remove": gone} for gone in sets]
        wrong = wrong_rewired(model, batch, labels, how, kept, pictures, progress, pool)
    found = pd.DataFrame({"deleted": [" ".join(gone) for gone in sets[1:]], "blocks": [len(gone) for gone in sets[1:]]})
    return compared(found, wrong, model)


def _sets(blocks: Mapping[str, Block], deletions: int, samples: int | None, seed: int) -> list[tuple[str, ...]]:
    """The blocks that go, in forward order, for each network of a study."""
    if deletions == 1 and samples is None:
        return [(name,) for name, block in blocks.items() if removable(block)]
    names = [name for name, block in blocks.items() if keeps_shape(block)]
    if deletions > len(names):
        raise ResNetCoreError(
            f"deletions is {deletions}, but the network has only {len(names)} blocks that keep the shape of x."
        )
    wanted = SAMPLES if samples is None else samples
    if math.comb(len(names), deletions) <= wanted:
        return list(combinations(names, deletions))
    generator = np.random.default_rng(seed)
    found: dict[tuple[str, ...], None] = {}
    while len(found) < wanted:
        drawn = np.sort(generator.choice(len(names), deletions, replace=False))
        found[tuple(names[place] for place in drawn)] = None
    return list(found)
