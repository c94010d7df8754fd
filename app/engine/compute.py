"""What the pages compute and cache: networks, answers, attribution maps, and what every block does.

What only one page needs is cached by the same rules in its `computed`, see `gate` and `cache`.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Hashable
from functools import partial
from typing import Any

import pandas as pd
import torch
from PIL import Image, ImageOps

import resnet_core as rc
from app.engine.cache import cached, new_cache
from app.engine.cores import run_on_core
from app.engine.gate import acquire_core, explain_machine_errors
from app.engine.selection import OWN_FILE, RANDOM, SAMPLE, Anatomy, Net, Photo
from app.engine.waiter import raise_if_cancelled
from resnet_core.attribution.methods import Passes
from resnet_core.inside.answers import transform_of
from resnet_core.nets.model import for_inference, resolve_device
from resnet_core.pictures.samples import SAMPLES
from resnet_core.weights.catalogue import is_cached

RECORDS = 1024  # MiB of cached activations: nine photos in ResNet-152, or 140 in ResNet-18
WEIGHTS = 2048  # MiB of cached weights: eight of ResNet-152, or those of a run after every epoch and the others
THUMBNAIL = 96  # pixels
LONG_MACS = 3e10  # tasks with more MACs are long: about a second on one core


@cached(new_cache(16))
def sample_photo(name: str) -> Photo:
    """One of the sample photos."""
    sample = SAMPLES[name]
    return Photo(digest=f"{SAMPLE}{name}", title=sample.title, credit=sample.credit, image=sample.load())


@cached(new_cache(1))
def thumbnail(photo: Photo) -> str:
    """The middle of a photo, small, as a data URL: for the label of a widget."""
    buffer = io.BytesIO()
    ImageOps.fit(photo.image, (THUMBNAIL, THUMBNAIL)).save(buffer, "WEBP", quality=60)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


@cached(new_cache(WEIGHTS))
def model(net: Net, *, progress: rc.Progress = raise_if_cancelled) -> rc.ResNet:
    """The network in eval mode; one copy a server. Raises `rc.WeightsError`."""
    with explain_machine_errors():
        if net.weights == RANDOM:
            return for_inference(_untrained(net), resolve_device("auto"))
        if net.weights == OWN_FILE:
            with acquire_core("reading of a checkpoint", progress):
                return rc.load(net.variant, weights=net.content, device="auto")
        return rc.load(net.variant, weights=net.weights, device="auto", progress=progress)


def _untrained(net: Net) -> rc.ResNet:
    return rc.build(net.variant, net.built, seed=0)


def untrained_twin(net: Net) -> Net:
    """The network built like this one, with random weights. Raises `rc.WeightsError`."""
    network = model(net)
    return Net(net.variant, RANDOM, built=network.how if network.how.unlike(net.variant) else None)


def ready(net: Net) -> bool:
    """True if the network's weights are on this machine."""
    return net.known is None or is_cached(net.known)


@cached(new_cache(32))
def view(net: Net, photo: Photo) -> Image.Image:
    """The part of one photo that the network sees."""
    return transform_of(model(net)).view(photo.image)


@cached(new_cache(16))  # Training replay asks for one an epoch
def prediction(net: Net, photo: Photo, *, temperature: float | None = None) -> pd.DataFrame:
    """Every class with its probability for one photo, most probable first; the logits divided by `temperature`."""
    network = model(net)
    with acquire_core(f"answers of {net.label}") as report:
        batch = rc.preprocess(photo.image, network)
        return rc.predict(network, batch, top=network.num_classes, temperature=temperature, progress=report)


@cached(new_cache(128))
def attribution(
    net: Net, photo: Photo, target: int, method: str, *, progress: rc.Progress = raise_if_cancelled, **options: Hashable
) -> rc.AttributionRecord:
    """The map of one method for one class of one photo."""
    network = model(net)
    how = rc.METHODS[method]
    passes = how.passes(how.resolve(options, network.variant))
    chosen: dict[str, Any] = {"target": target, "method": method, **options}
    work = partial(rc.attribute, **chosen)
    what, batch = f"{how.title} of {net.label}", batch_of(network, photo)
    return run_on_core(what, work, progress, long=is_long(net, passes), model=network, batch=batch)


def batch_of(network: rc.ResNet, photo: Photo) -> torch.Tensor:
    """What a network reads of a photo, (1, 3, H, W): for work that may be done elsewhere. Too little memory is told."""
    with explain_machine_errors():
        return rc.preprocess(photo.image, network)


def is_long(net: Net, passes: Passes) -> bool:
    """True for a task of so many passes that it must let quick ones go first; a backward pass costs two."""
    return description(anatomy(net)).macs * (passes.forward + 2 * passes.backward) > LONG_MACS


@cached(new_cache(16))
def description(anatomy: Anatomy) -> rc.Description:
    """Shapes and counts of a network."""
    return rc.describe(anatomy.variant, anatomy.input_size, anatomy.how)


def anatomy(net: Net) -> Anatomy:
    """How a network of the sidebar is built; of a file only the loaded network knows. Raises `rc.WeightsError`."""
    if net.known is not None:
        known = net.known
        classes = len(known.classes) or rc.VARIANTS[net.variant].num_classes
        how = rc.Build(shortcut=known.shortcut, version=known.version, num_classes=classes)
        return Anatomy(net.variant, known.transform.crop, how)
    network = model(net)
    size = transform_of(network).crop
    return Anatomy(net.variant, size, network.how)


@cached(new_cache(RECORDS))
def record(net: Net, photo: Photo, *, progress: rc.Progress = raise_if_cancelled) -> rc.ForwardRecord:
    """What every block does with one photo."""
    network = model(net)
    with acquire_core(f"every block of {net.label}", progress) as report:
        return rc.capture(network, rc.preprocess(photo.image, network), progress=report)
