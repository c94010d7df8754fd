"""What the Gradients page keeps: the flow of gradients in each network, shattering, and sweeps over many networks.

Cached and gated like everything of `compute`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Any

import pandas as pd
import torch

import resnet_core as rc
from app.engine.cache import CancellableCondition, cached, new_cache, result_key
from app.engine.compute import model
from app.engine.cores import cores, run_on_core
from app.engine.selection import RANDOM, Flow, Net, Photo
from app.engine.waiter import Waiter, raise_if_cancelled, waiter
from app.gradients.networks import on_path
from resnet_core.gradients import batches
from resnet_core.pool.local import LocalPool
from resnet_core.variants import Family


@cached(new_cache(16))
def flow_batch(source: str, photo: Photo | None, family: Family) -> tuple[torch.Tensor, torch.Tensor]:
    """The pictures and labels on which gradients are measured."""
    if photo is not None:
        return batches.crops_of([photo.image], family)
    return batches.noise(family) if source == "noise" else batches.sample_crops(family)


def _made_as(flow: Flow) -> dict[str, Any]:
    """How the network of `flow` is made, as keywords of `rc.gradient_flow`."""
    dtype = torch.float64 if flow.double else torch.float32
    if flow.weights != RANDOM:
        return {"weights": model(Net(flow.variant, flow.weights)), "dtype": dtype}
    return {"how": flow.how, "seed": flow.seed, "dtype": dtype}


_flows = new_cache(32)
_flows_changed = CancellableCondition()


@cached(_flows, changed=_flows_changed)
def gradient_flow(flow: Flow, *, progress: rc.Progress = raise_if_cancelled) -> pd.DataFrame:
    """Gradients of every conv of one network, with its net, variant, shortcut and seed."""
    batch, labels = flow_batch(flow.source, flow.photo, rc.VARIANTS[flow.variant].family)
    work = partial(rc.gradient_flow, flow.variant, steps=flow.steps)
    table = run_on_core(f"gradients of {flow.title}", work, progress, batch=batch, labels=labels, **_made_as(flow))
    named = table.assign(net=flow.title, variant=flow.variant, shortcut=flow.shortcut, seed=flow.seed)
    named.attrs = table.attrs
    return named


@cached(new_cache(2))
def shattering(flow: Flow, *, progress: rc.Progress = raise_if_cancelled) -> pd.DataFrame:
    """How alike a network's input gradients are on a path between the first two pictures of the batch."""
    pictures, _ = flow_batch(flow.source, flow.photo, rc.VARIANTS[flow.variant].family)
    options = _made_as(on_path(flow))
    work = partial(rc.shattering, flow.variant)
    table = run_on_core(f"shattering in {flow.title}", work, progress, ends=pictures[:2].clone(), **options)
    return table.assign(net=flow.title, shortcut=flow.shortcut, seed=flow.seed)


def known_flows(flows: Sequence[Flow]) -> dict[Flow, pd.DataFrame]:
    """Those that were measured before, by whomever."""
    with _flows_changed:
        kept = {flow: _flows.get(result_key(flow)) for flow in flows}
    return {flow: table for flow, table in kept.items() if table is not None}


def measured(
    flows: Sequence[Flow],
    measure: Callable[..., pd.DataFrame] = gradient_flow,
    *,
    watch: rc.Progress = raise_if_cancelled,
) -> Iterator[tuple[Flow, pd.DataFrame]]:
    """Measure networks on all cores and give each as it is done; `watch` counts them in the thread that asks.

    One that cannot be measured does not keep the others from it: its error comes at the end.
    """

    def work(flow: Flow, report: rc.Progress) -> pd.DataFrame:
        token = waiter.set(Waiter(report))
        try:
            return measure(flow, progress=report)
        finally:
            waiter.reset(token)

    failed: rc.ResNetCoreError | None = None
    with closing(LocalPool(cores()).run(work, flows, progress=watch)) as results:
        for flow, future in results:
            try:
                yield flow, future.result()
            except rc.ResNetCoreError as error:
                failed = error
    if failed is not None:
        raise failed
