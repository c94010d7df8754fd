"""Gradient flow of many networks and seeds, on all cores, with the numbers that each network gives alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pandas as pd
from torch import Tensor

from resnet_core.errors import ResNetCoreError
from resnet_core.gradients.flow import check_descent, gradient_flow, pieces
from resnet_core.nets.model import resolve_device
from resnet_core.pool.interface import Pool
from resnet_core.pool.local import LocalPool
from resnet_core.progress import Progress
from resnet_core.variants import Shortcut, Variant, variant_of


@dataclass(frozen=True)
class SweepNetwork:
    """One network of a sweep."""

    variant: Variant
    shortcut: Shortcut
    seed: int

    @property
    def title(self) -> str:
        """`plain-20`, `ResNet-20`, or `ResNet-20 (B)` where the shortcut is not the family's own."""
        title = self.variant.titled(self.shortcut)
        return title if self.shortcut in ("none", self.variant.shortcut) else f"{title} ({self.shortcut})"


def gradient_sweep(
    variants: Iterable[str | Variant],
    seeds: Iterable[int],
    *,
    shortcuts: Iterable[Shortcut | None] = (None, "none"),
    batch: Tensor,
    labels: Tensor,
    workers: int | None = None,
    pool: Pool | None = None,
    progress: Progress | None = None,
    on_result: Callable[[pd.DataFrame], object] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """`gradient_flow` of every variant with every shortcut (None: the family's own) and seed, in this order.

    Columns: net (`ResNet-20`, `plain-20`, or `ResNet-20 (B)` for another shortcut than the family's own), variant,
    shortcut, seed, then those of `gradient_flow`, which takes `options`. `.attrs["runs"]` lists losses and diverged_at
    of each network with these four.

    `pool` is where the networks are measured. None is this machine: each of `workers` threads measures one after
    another, by default as many as there are cores, or one on a GPU. As `gradient_flow` computes on one thread of
    PyTorch, every value is bit for bit that of a lone call.

    `on_result` gets the table of each network as it comes, with its own `.attrs` as `gradient_flow` sets them, and
    `progress` the work done of all of them, at least every 200 ms; both are called on the caller's thread. An exception
    raised in either, or an error in one network, ends all workers at their next block before it is passed on. Raises
    `ResNetCoreError` as `gradient_flow` does, for nothing to do or fewer than one worker, and as `pool` does.
    """
    nets = _nets(variants, shortcuts, seeds)
    if not nets:
        raise ResNetCoreError("A sweep needs at least one variant, one shortcut and one seed.")
    if workers is None and resolve_device(options.get("device", "cpu")).type != "cpu":
        workers = 1
    if workers is not None and workers < 1:
        raise ResNetCoreError(f"workers is {workers}, but at least 1 is needed.")
    steps = options.get("steps", 0)
    check_descent(steps, options.get("lr", 0.1))
    found: dict[SweepNetwork, pd.DataFrame] = {}

    sizes = [pieces(net.variant, steps) for net in nets]
    pool = LocalPool(workers) if pool is None else pool
    shared = batch, labels, options
    with closing(pool.run(_table, nets, shared=shared, sizes=sizes, progress=progress)) as results:
        for net, future in results:
            found[net] = future.result()
            if on_result is not None:
                on_result(found[net])
    return _joined([(net, found[net]) for net in nets])


def _nets(
    variants: Iterable[str | Variant], shortcuts: Iterable[Shortcut | None], seeds: Iterable[int]
) -> list[SweepNetwork]:
    """Every combination once, though a shortcut may be named twice: None and the family's own."""
    shortcuts, seeds = list(shortcuts), list(seeds)
    nets = [
        SweepNetwork(variant, variant.shortcut if shortcut is None else shortcut, seed)
        for variant in map(variant_of, variants)
        for shortcut in shortcuts
        for seed in seeds
    ]
    return list(dict.fromkeys(nets))


def _table(net: SweepNetwork, batch: Tensor, labels: Tensor, options: dict[str, Any], report: Progress) -> pd.DataFrame:
    """One network's gradient flow, with its name in front."""
    flow = gradient_flow(net.variant, batch, labels, shortcut=net.shortcut, seed=net.seed, progress=report, **options)
    for position, (column, value) in enumerate(_identity(net).items()):
        flow.insert(position, column, value)
    return flow


def _identity(net: SweepNetwork) -> dict[str, str | int]:
    return {"net": net.title, "variant": net.variant.name, "shortcut": net.shortcut, "seed": net.seed}


def _joined(results: list[tuple[SweepNetwork, pd.DataFrame]]) -> pd.DataFrame:
    table = pd.concat([flow for _, flow in results], ignore_index=True)
    table.attrs = {"runs": [{**_identity(net), **flow.attrs} for net, flow in results]}
    return table
