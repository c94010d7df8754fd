"""What the Attributions page keeps beside the maps: their checks, the photo's superpixels, and answers to edits.

Cached and gated like everything of `compute`.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable

import numpy as np
import pandas as pd
import torch
from cachetools import LRUCache, cached
from numpy.typing import NDArray

import resnet_core as rc
from app import compute
from app.compute import result_key, turn
from app.selection import Net, Photo
from resnet_core.predict import transform_of


@cached(LRUCache(128), key=result_key, condition=threading.Condition())
def check(
    net: Net,
    photo: Photo,
    target: int,
    method: str,
    name: str,
    *,
    progress: rc.Progress = compute.poll,
    **options: Hashable,
) -> rc.TrustRecord:
    """One check of the map that `compute.attribution` gives for the same arguments."""
    record = compute.attribution(net, photo, target, method, progress=progress, **options)
    network = compute.model(net)
    with turn():
        batch = rc.preprocess(photo.image, network)
        return rc.trust(network, batch, record, (name,), progress=progress)


@cached(LRUCache(32), key=result_key, condition=threading.Condition())
def cut(net: Net, photo: Photo, count: int) -> NDArray[np.int64]:
    """The superpixels of what the network sees, numbered from 0, (H, W)."""
    network = compute.model(net)
    with turn():
        pixels = transform_of(network).restore(rc.preprocess(photo.image, network))
        found = rc.superpixels(pixels, count)
    return found[0].cpu().numpy()


@cached(LRUCache(32), key=result_key, condition=threading.Condition())
def filled(net: Net, photo: Photo, fill: rc.Fill) -> NDArray[np.uint8]:
    """What stands where parts of the photo are taken away, as the network sees it, (H, W, 3)."""
    network = compute.model(net)
    transform = transform_of(network)
    whole = rc.filled(rc.preprocess(photo.image, network), fill, transform)
    return transform.restore(whole)[0].permute(1, 2, 0).cpu().numpy()


def edit_effect(net: Net, photo: Photo, gone: NDArray[np.bool_], fill: rc.Fill) -> pd.DataFrame:
    """Every class before and after the pixels of `gone` (H, W) are replaced."""
    network = compute.model(net)
    before = compute.prediction(net, photo)
    with turn():
        batch = rc.preprocess(photo.image, network)
        return rc.edit_effect(network, batch, torch.from_numpy(gone)[None], fill, before=before, progress=compute.poll)
