"""A residual network with n blocks is 2^n networks, one for each set of blocks that are kept: all of them, or a sample.

Each block's Shapley value (1953) is what it adds on average, over all orders in which the blocks can be put back; the
values add up to the difference between the whole network and the empty one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_core.exact import exact
from resnet_core.lesions._blocks import removable
from resnet_core.lesions._calibration import answers_together, check_calibration
from resnet_core.lesions._errors import SAMPLES, check_counts
from resnet_core.lesions._margins import mean_margin
from resnet_core.lesions._pieces import Slice, in_order, parted, sizes_of, slices, uses
from resnet_core.lesions._subsets import Kept, logits_of_each
from resnet_core.lesions._wiring import wire
from resnet_core.nets.class_numbers import labels_of
from resnet_core.nets.model import ResNet
from resnet_core.nets.passes import check_batch
from resnet_core.nets.private_view import private_view
from resnet_core.pool.interface import Pool
from resnet_core.progress import Progress

MOST_BLOCKS = 12  # of which all sets are tried: 4,096 networks


@dataclass(frozen=True, eq=False)
class Subnetworks:
    """Networks that keep some of a network's blocks.

    table: one row a network, kept (bool, one column a block, named as it), blocks (how many are kept), probability
    (mean over the batch, of the label), error (share of the batch that it gets wrong). The first row keeps no block,
    the last one all. shapley: by block, of that probability; the values add up to the last row's less the first's.
    margin: half the width of each value's 95 % interval (of few orders too narrow), 0 where all networks are in the
    table. orders: from how many random orders of the blocks the networks and the values are, None for all networks.
    """

    table: pd.DataFrame
    shapley: pd.Series[float]
    margin: pd.Series[float]
    orders: int | None


@exact()
def subnetworks(
    model: ResNet,
    batch: Tensor,
    labels: Tensor,
    *,
    samples: int | None = None,
    seed: int = 0,
    recalibrate: Tensor | None = None,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> Subnetworks:
    """Every network that keeps some of the blocks of `model`, on `batch` (N, 3, H, W) with `labels` (N,).

    Blocks are left out as `lesion` does; plain blocks that change the shape cannot go and have no column. Of up to 12
    blocks all 2^n networks are tried, which share what they have in common: 2^n - 1 evaluations of F(x). Of more, or
    where `samples` is given, `samples` (None: 20) random orders are drawn by `seed`, and the networks are those met
    while the blocks are put back in that order; each network of so many blocks is as likely as any other (Castro,
    Gómez and Tejada 2009). `recalibrate` are pictures (M, 3, H, W) on which the batch norm of every network is measured
    again. `pool` is where slices of the pictures are computed, or, recalibrated, some networks; None is the cores
    of this machine. Every number is bit for bit the same. `progress` counts evaluations of blocks. Raises
    `ResNetCoreError` for another batch or labels, no samples, or nothing to be measured again, and as `pool` does.
    """
    check_counts(samples=samples)
    batch = check_batch(model, batch)
    labels = labels_of(labels, model.num_classes, len(batch))
    names = [name for name, block in model.named_blocks() if removable(block)]
    orders = None if samples is None and len(names) <= MOST_BLOCKS else _orders(len(names), samples or SAMPLES, seed)
    sets = every_set(len(names)) if orders is None else _met(orders)
    pictures = check_calibration(model, recalibrate)
    probability, error = answers_of_sets(model, batch, labels, names, sets, pictures, progress, pool)
    table = pd.DataFrame(sets, columns=names)
    table["blocks"], table["probability"], table["error"] = sets.sum(1), probability, error
    if orders is None:
        values, margins = shapley_values(sets, probability), np.zeros(len(names))
    else:
        values, margins = _sampled_values(orders, sets, probability)
    index = pd.Index(names, name="block")
    return Subnetworks(
        table,
        pd.Series(values, index, name="shapley"),
        pd.Series(margins, index, name="margin"),
        None if orders is None else len(orders),
    )


def every_set(count: int) -> Kept:
    """All sets of so many blocks, (2^count, count): none kept first, all last."""
    return (np.arange(2**count)[:, None] >> np.arange(count)[::-1] & 1).astype(bool)


def shapley_values(sets: Kept, worth: NDArray[np.float64]) -> NDArray[np.float64]:
    """The Shapley value of each block, from what each of all the sets is worth."""
    count = sets.shape[1]
    sizes = sets.sum(1)
    weight = np.array([1 / (count * math.comb(count - 1, size)) for size in range(count)])  # of a set without the block
    values = []
    for block in range(count):
        has = sets[:, block]
        values.append(weight[sizes[has] - 1] @ worth[has] - weight[sizes[~has]] @ worth[~has])
    return np.array(values)


def _orders(count: int, samples: int, seed: int) -> NDArray[np.int_]:
    """Random orders of the blocks: (samples, count)."""
    generator = np.random.default_rng(seed)
    return np.stack([generator.permutation(count) for _ in range(samples)])


def _prefixes(orders: NDArray[np.int_]) -> Kept:
    """The sets met in each order, from the empty one to the whole: (orders, count + 1, count)."""
    place = np.argsort(orders, axis=1)  # when each block is put back
    return place[:, None, :] < np.arange(orders.shape[1] + 1)[None, :, None]


def _met(orders: NDArray[np.int_]) -> Kept:
    """Each set that is met, once, by its number of blocks."""
    found = np.unique(_prefixes(orders).reshape(-1, orders.shape[1]), axis=0)
    return found[np.argsort(found.sum(1), kind="stable")]


def _sampled_values(
    orders: NDArray[np.int_], sets: Kept, worth: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean of what each block adds in each order, and half the width of Student's 95 % interval."""
    known = {each.tobytes(): value for each, value in zip(sets, worth, strict=True)}
    along = np.array([[known[each.tobytes()] for each in prefixes] for prefixes in _prefixes(orders)])
    added = np.empty(orders.shape)
    np.put_along_axis(added, orders, np.diff(along, axis=1), axis=1)
    return added.mean(0), mean_margin(added)


def answers_of_sets(
    model: ResNet,
    batch: Tensor,
    labels: Tensor,
    names: list[str],
    sets: Kept,
    pictures: Tensor | None,
    progress: Progress | None,
    pool: Pool | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean probability of the label and the share of errors, of the networks that keep these of the blocks `names`.

    `batch`, `labels`, and the `pictures` on which batch norm is measured again, are as `subnetworks` checks them.
    """
    everything = [name for name, _ in model.named_blocks()]
    kept = np.ones((len(sets), len(everything)), dtype=bool)
    kept[:, [everything.index(name) for name in names]] = sets
    if pictures is not None:
        tasks = [np.stack(part) for part in parted(list(kept), uses(kept, batch, pictures), pool)]
        shared = model, batch, labels, pictures
        sizes = [uses(part, batch, pictures) for part in tasks]
        sums = np.concatenate(in_order(_recalibrated, tasks, shared, sizes, progress, pool), axis=1)
    else:
        slices_ = slices(batch, labels, kept, pool)
        sums = np.zeros((2, len(sets)))
        for parts in in_order(_sums, slices_, (model, kept), sizes_of(slices_, kept), progress, pool):
            for part in parts:  # one after the other, as sums depend on the order
                sums += part
    probability, errors = sums / len(batch)
    return probability, errors


def _sums(task: Slice, model: ResNet, kept: Kept, report: Progress) -> list[NDArray[np.float64]]:
    """For each part of the pictures: the sum of the label's probability, and the errors, of each network, (2, n)."""
    batch, labels = task
    found: dict[int, NDArray[np.float64]] = {}
    with exact(), torch.no_grad():
        for networks, pictures, logits in logits_of_each(private_view(model).eval(), batch, kept, report):
            sums = found.setdefault(pictures.start, np.zeros((2, len(kept))))
            sums[:, networks] = _summed(logits, labels[pictures])
    return list(found.values())


def _recalibrated(
    kept: Kept, model: ResNet, batch: Tensor, labels: Tensor, pictures: Tensor, report: Progress
) -> NDArray[np.float64]:
    """The sum of the label's probability, and the errors, of each network measured again, (2, n)."""
    names = np.array([name for name, _ in model.named_blocks()])
    wired = [wire(model, len(batch), remove=[str(name) for name in names[~one]]) for one in kept]
    sums = np.zeros((2, len(kept)))
    with exact():
        for here, logits in answers_together(wired, batch, pictures, report):
            sums += _summed(logits, labels[here])
    return sums


def _summed(logits: Tensor, labels: Tensor) -> NDArray[np.float64]:
    """Over pictures, the sum of the label's probability, and the errors: (networks, pictures, classes) -> (2, n)."""
    true = labels.expand(len(logits), -1)
    of_label = logits.double().softmax(-1).gather(-1, true[..., None])[..., 0]  # (networks, pictures)
    return np.stack([of_label.sum(1).numpy(), (logits.argmax(-1) != true).sum(1).numpy()])
