"""Where work runs: what is long on the cluster if there is one, all else on the cores of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import resnet_core as rc
from app.engine.cluster import cluster
from app.engine.gate import acquire_away, acquire_core
from resnet_core.pool.calls import call

Result = TypeVar("Result")


def run_on_core(
    what: str, work: Callable[..., Result], progress: rc.Progress, *, long: bool = True, **shared: Any
) -> Result:
    """`work(**shared, progress=...)`; `work` is a function of `resnet_core`, or a `partial` with small arguments.

    Only long work goes to a cluster; where that is lost meanwhile, this machine begins again.
    """
    pool = cluster.pool() if long else None
    if pool is not None:
        try:
            with acquire_away(what, progress, partial(_cores_of, pool)) as report:
                return call(pool, work, progress=report, **shared)
        except rc.ClusterError:
            pass  # `cluster.said` tells it in the page
    with acquire_core(what, progress, long=long) as report:
        return work(**shared, progress=report)


def _cores_of(pool: rc.RayPool) -> int:
    """The cores of a cluster while it is there: who waits for one must not wait for ever."""
    if pool.lost:
        raise rc.ClusterError(pool.lost)
    return pool.cores


def cores() -> int:
    """How many pieces of long work run at once."""
    return cluster.cores or os.cpu_count() or 1
