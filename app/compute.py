"""The cache and the only gate to the processor; `explanations` and `sweeps` keep maps and gradients by the same rules.

Results are kept by reference, bounded, and shared by all sessions. A result that two sessions want at once is computed
once. At most one thread a core computes, each with one thread of PyTorch, so that thirty sessions do not trample each
other. Work whose page nobody waits for any more ends at its next progress report.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
import streamlit as st
import torch
from cachetools import LRUCache, cached
from cachetools.keys import hashkey
from numpy.typing import NDArray
from PIL import Image
from streamlit.runtime.scriptrunner import get_script_run_ctx

import resnet_core as rc
from app.figures.parts import Unit
from app.figures.sheets import Sheet, paint_sheet
from app.samples import SAMPLES
from app.selection import OWN_FILE, RANDOM, SAMPLE, Anatomy, Net, Part, Photo
from resnet_core.model import for_inference, resolve_device
from resnet_core.predict import transform_of
from resnet_core.weights import is_cached

RECORD_BYTES = 2**30  # of activations kept: seven photos in ResNet-152, or a hundred in ResNet-18

TOO_LITTLE_MEMORY = (
    "This needs more memory than the machine has free just now. Choose something smaller, or try again in a moment."
)
REFUSED = ("out of memory", "DefaultCPUAllocator")  # what errors of GPUs and of PyTorch's own allocator say

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
        with enough_memory():
            yield
    finally:
        _cores.release()


@contextmanager
def enough_memory() -> Iterator[None]:
    """Work that gets no memory ends as one `rc.ResNetCoreError`; what others compute goes on."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, MemoryError) or any(words in str(error) for words in REFUSED):
            raise rc.ResNetCoreError(TOO_LITTLE_MEMORY) from error
        raise


def result_key(*args: Hashable, progress: object = None, **options: Hashable) -> Hashable:
    """What decides a result: everything but who watches it being made."""
    return hashkey(*args, **options)


@cached(LRUCache(16), key=result_key, condition=threading.Condition())
def sample_photo(name: str) -> Photo:
    """One of the sample photos."""
    sample = SAMPLES[name]
    return Photo(digest=f"{SAMPLE}{name}", title=sample.title, credit=sample.credit, image=sample.load())


@cached(LRUCache(12), key=result_key, condition=threading.Condition())
def model(net: Net, *, progress: rc.Progress = poll) -> rc.ResNet:
    """The network in eval mode; one copy a server. Raises `rc.WeightsError`."""
    with enough_memory():
        if net.weights == RANDOM:
            return for_inference(rc.build(net.variant, seed=0), resolve_device("auto"))
        source = net.content if net.weights == OWN_FILE else net.weights
        return rc.load(net.variant, weights=source, device="auto", progress=progress)


def ready(net: Net) -> bool:
    """True if the network's weights are on this machine."""
    return net.known is None or is_cached(net.known)


@cached(LRUCache(256), key=result_key, condition=threading.Condition())
def view(net: Net, photo: Photo) -> Image.Image:
    """The part of one photo that the network sees."""
    return transform_of(model(net)).view(photo.image)


@cached(LRUCache(256), key=result_key, condition=threading.Condition())
def prediction(net: Net, photo: Photo) -> pd.DataFrame:
    """Every class with its probability for one photo, most probable first."""
    network = model(net)
    with turn():
        return rc.predict(network, rc.preprocess(photo.image, network), top=network.num_classes, progress=poll)


@cached(LRUCache(128), key=result_key, condition=threading.Condition())
def attribution(
    net: Net, photo: Photo, target: int, method: str, *, progress: rc.Progress = poll, **options: Hashable
) -> rc.AttributionRecord:
    """The map of one method for one class of one photo."""
    network = model(net)
    with turn():
        batch = rc.preprocess(photo.image, network)
        return rc.attribute(network, batch, target=target, method=method, progress=progress, **options)


@cached(LRUCache(64), key=result_key, condition=threading.Condition())
def description(anatomy: Anatomy) -> rc.Description:
    """Shapes and counts of a network."""
    return rc.describe(
        anatomy.variant,
        anatomy.input_size,
        shortcut=anatomy.shortcut,
        version=anatomy.version,
        num_classes=anatomy.num_classes,
    )


def anatomy(net: Net) -> Anatomy:
    """How a network of the sidebar is built; of a file only the loaded network knows. Raises `rc.WeightsError`."""
    if net.known is not None:
        known = net.known
        classes = len(known.classes) or rc.VARIANTS[net.variant].num_classes
        return Anatomy(net.variant, known.transform.crop, known.shortcut, known.version, classes)
    network = model(net)
    size = transform_of(network).crop
    return Anatomy(net.variant, size, network.shortcut_option, network.version, network.num_classes)


def _bytes(record: rc.ForwardRecord) -> int:
    """What a record keeps in memory; tensors that share storage count once."""
    blocks = [(b.x, b.shortcut, b.residual, b.sum, b.y) for b in record.blocks]
    tensors = [record.stem, record.logits, *(tensor for block in blocks for tensor in block if tensor is not None)]
    return sum({t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in tensors}.values())


@cached(LRUCache(RECORD_BYTES, getsizeof=_bytes), key=result_key, condition=threading.Condition())
def record(net: Net, photo: Photo, *, progress: rc.Progress = poll) -> rc.ForwardRecord:
    """What every block does with one photo."""
    network = model(net)
    with turn():
        return rc.capture(network, rc.preprocess(photo.image, network), progress=progress)


def tensor(net: Net, photo: Photo, place: str, part: Part) -> torch.Tensor | None:
    """One recorded tensor (C, H, W): the stem's output, or a part of a block; None for a shortcut that is not there."""
    seen = record(net, photo)
    found: torch.Tensor | None = seen.stem if place == "stem" else getattr(seen[place], part)
    return None if found is None else found[0]


def maps(net: Net, photo: Photo, place: str, part: Part) -> NDArray[np.float32] | None:
    """`tensor` as an array in the main memory."""
    found = tensor(net, photo, place, part)
    return None if found is None else found.float().cpu().numpy()


@cached(LRUCache(256), key=result_key, condition=threading.Condition())
def statistics(net: Net, photo: Photo, place: str, part: Part) -> pd.DataFrame:
    """Mean, variance, zeros... of every channel of a tensor that is there."""
    found = tensor(net, photo, place, part)
    assert found is not None, f"{place} has no {part}"
    return rc.channel_statistics(found)


@cached(LRUCache(256), key=result_key, condition=threading.Condition())
def contribution(net: Net, photo: Photo, place: str, target: int) -> NDArray[np.float32]:
    """How much each channel of a block's output speaks for a class, (C,)."""
    network = model(net)
    with turn():
        batch = rc.preprocess(photo.image, network)
        found = rc.contributions(network, batch, place, target, progress=poll)
    return found[0].float().cpu().numpy()


def order(net: Net, photo: Photo, place: str, part: Part, sort: str, target: int) -> tuple[int, ...]:
    """The channels of a tensor as a sheet shows them: by index, or by a figure, largest first."""
    table = statistics(net, photo, place, part)
    if sort == "index":
        return tuple(table["channel"])
    if sort == "contribution":
        table = table.assign(contribution=contribution(net, photo, place, target))
    return tuple(table.sort_values(sort, ascending=False, kind="stable")["channel"])


@cached(LRUCache(256), key=result_key, condition=threading.Condition())
def sheet(
    net: Net,
    photo: Photo,
    place: str,
    part: Part,
    channels: tuple[int, ...],
    *,
    columns: int,
    per_channel: bool,
    signed: bool,
) -> Sheet:
    """All channels of a tensor, painted as one picture."""
    found = maps(net, photo, place, part)
    assert found is not None, f"{place} has no {part}"
    return paint_sheet(found, channels, columns=columns, signed=signed, per_channel=per_channel)


def receptive_box(net: Net, unit: Unit) -> rc.Box:
    """The part of the picture on which a unit can depend."""
    described = description(anatomy(net))
    return rc.receptive_box(described, unit.place, unit.row, unit.column)


@cached(LRUCache(64), key=result_key, condition=threading.Condition())
def effective_field(net: Net, photo: Photo, unit: Unit, channel: int) -> NDArray[np.float32]:
    """How much each pixel moves a unit of a block's output, (H, W)."""
    network = model(net)
    with turn():
        batch = rc.preprocess(photo.image, network)
        found = rc.effective_field(network, batch, unit.place, unit.row, unit.column, channel=channel, progress=poll)
    return found.float().cpu().numpy()


@cached(LRUCache(256), key=result_key, condition=threading.Condition())
def measures(net: Net, photo: Photo) -> pd.DataFrame:
    """The numbers of every block along depth."""
    return rc.measures(record(net, photo))
