"""The only cache and the only gate to the processor.

Results are kept by reference, bounded, and shared by all sessions. A result that two sessions want at once is computed
once. At most one thread a core computes, each with one thread of PyTorch, so that thirty sessions do not trample each
other. Work whose page nobody waits for any more ends at its next progress report.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

import pandas as pd
import streamlit as st
import torch
from cachetools import LRUCache, cached
from cachetools.keys import hashkey
from PIL import Image
from streamlit.runtime.scriptrunner import get_script_run_ctx

import resnet_core as rc
from app.samples import SAMPLES
from app.selection import OWN_FILE, RANDOM, Net, Photo
from resnet_core.model import for_inference, resolve_device
from resnet_core.predict import transform_of
from resnet_core.variants import Shortcut, Version
from resnet_core.weights import is_cached

torch.set_num_threads(1)
_cores = threading.BoundedSemaphore(os.cpu_count() or 1)


def poll(_done: int = 0, _total: int = 0) -> None:
    """Stop here if the visitor has already asked for something else: any look at the session state does."""
    if get_script_run_ctx(suppress_warning=True) is not None:
        st.session_state.get("poll")


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a free core, and leave the queue if nobody waits for the result any more."""
    while not _cores.acquire(timeout=0.1):
        poll()
    try:
        yield
    finally:
        _cores.release()


def _key(*args: Hashable, progress: object = None, **options: Hashable) -> Hashable:
    """What decides a result: everything but who watches it being made."""
    return hashkey(*args, **options)


@cached(LRUCache(16), key=_key, condition=threading.Condition())
def sample_photo(name: str) -> Photo:
    """One of the sample photos."""
    sample = SAMPLES[name]
    return Photo(digest=f"sample:{name}", title=sample.title, credit=sample.credit, image=sample.load())


@cached(LRUCache(12), key=_key, condition=threading.Condition())
def model(net: Net, *, progress: rc.Progress = poll) -> rc.ResNet:
    """The network in eval mode; one copy a server. Raises `rc.WeightsError`."""
    if net.weights == RANDOM:
        return for_inference(rc.build(net.variant, seed=0), resolve_device("auto"))
    source = net.content if net.weights == OWN_FILE else net.weights
    return rc.load(net.variant, weights=source, device="auto", progress=progress)


def ready(net: Net) -> bool:
    """True if the network's weights are on this machine."""
    return net.known is None or is_cached(net.known)


@cached(LRUCache(256), key=_key, condition=threading.Condition())
def view(net: Net, photo: Photo) -> Image.Image:
    """The part of one photo that the network sees."""
    return transform_of(model(net)).view(photo.image)


@cached(LRUCache(256), key=_key, condition=threading.Condition())
def prediction(net: Net, photo: Photo) -> pd.DataFrame:
    """Every class with its probability for one photo, most probable first."""
    network = model(net)
    with turn():
        return rc.predict(network, rc.preprocess(photo.image, network), top=network.num_classes, progress=poll)


@cached(LRUCache(128), key=_key, condition=threading.Condition())
def attribution(
    net: Net, photo: Photo, target: int, method: str, *, progress: rc.Progress = poll, **options: Hashable
) -> rc.AttributionRecord:
    """The map of one method for one class of one photo."""
    network = model(net)
    with turn():
        batch = rc.preprocess(photo.image, network)
        return rc.attribute(network, batch, target=target, method=method, progress=progress, **options)


@cached(LRUCache(64), key=_key, condition=threading.Condition())
def description(
    variant: str, input_size: int, shortcut: Shortcut | None = None, version: Version = "v1.5"
) -> rc.Description:
    """Shapes and counts of a network for square pictures of `input_size` pixels."""
    return rc.describe(variant, input_size, shortcut=shortcut, version=version)
