"""Maps laid over the photo, and their checks, cached for every page that shows one."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial

import numpy as np
from numpy.typing import NDArray

import resnet_core as rc
from app.engine import compute
from app.engine.cache import cached, new_cache
from app.engine.cores import run_on_core
from app.engine.selection import Net, Photo
from app.engine.waiter import raise_if_cancelled
from app.shared.drawing import maps

RANDOM_WEIGHTS, RANDOM_SAMPLES = "the random weights", "the random samples"


def values_of(record: rc.AttributionRecord) -> NDArray[np.float32]:
    """The map of a record of one picture, (H, W), on the CPU."""
    return record.map[0].float().numpy()


def drawn(net: Net, how: rc.Method) -> str:
    """The random part that decides a map, which another seed would change; "" if there is none."""
    if compute.model(net).weights is None:
        return RANDOM_WEIGHTS
    return RANDOM_SAMPLES if how.random else ""


@cached(new_cache(32))
def painted(
    net: Net,
    photo: Photo,
    record: rc.AttributionRecord,
    opacity: float,
    style: str = "Overlay",
    smoothing: str = "none",
) -> maps.Painted:
    """A map laid over the photo."""
    view = compute.view(net, photo)
    return maps.painted(view, values_of(record), style, smoothing, opacity, signed=record.signed)


@cached(new_cache(128))
def check(
    net: Net,
    photo: Photo,
    target: int,
    method: str,
    name: str,
    *,
    progress: rc.Progress = raise_if_cancelled,
    **options: Hashable,
) -> rc.TrustRecord:
    """One check of the map that `compute.attribution` gives for the same arguments."""
    record = compute.attribution(net, photo, target, method, progress=progress, **options)
    network = compute.model(net)
    chosen = rc.CHECKS[name]
    work, batch = partial(rc.trust, checks=(name,)), compute.batch_of(network, photo)
    return run_on_core(
        f"{chosen.title} of {net.label}",
        work,
        progress,
        long=not chosen.quick,
        model=network,
        batch=batch,
        record=record,
    )
