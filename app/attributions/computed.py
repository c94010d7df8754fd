"""What the Attributions page caches besides the maps: pictures of them, checks, superpixels and answers to edits.

Cached and gated like everything in `compute`. In keys a record is compared by identity: `compute` returns the same one
as long as it is cached.
"""

from __future__ import annotations

import io
from collections.abc import Hashable
from functools import partial

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from PIL import Image

import resnet_core as rc
from app.attributions.charts import cascade, regions
from app.engine import compute
from app.engine.cache import cached, new_cache, result_key
from app.engine.cores import run_on_core
from app.engine.gate import acquire_core
from app.engine.selection import Net, Photo, digest
from app.engine.waiter import raise_if_cancelled
from app.shared.drawing import heat, maps
from app.shared.explanations import values_of
from resnet_core.attribution.comparison import map_of
from resnet_core.checks.chance import level_of_chance
from resnet_core.checks.draws import Estimate
from resnet_core.inside.answers import transform_of
from resnet_core.pictures.masks import FILLS

FIRST = 0.1  # of the picture, which the editor's button takes away
RANDOM_MAPS = 100  # for a level of chance on which no verdict rests


@cached(new_cache(2))
def agreement(*titled: tuple[str, rc.AttributionRecord]) -> pd.DataFrame:
    """The rank correlation of every two maps, by their titles."""
    return rc.agreement(dict(titled))


@cached(new_cache(1))
def chance(record: rc.AttributionRecord) -> Estimate:
    """The absolute rank correlation that most random maps as smooth as a map stay below."""
    work = partial(level_of_chance, maps=RANDOM_MAPS)
    return run_on_core("random maps", work, raise_if_cancelled, heat=map_of(record))


@cached(new_cache(16))
def cascade_of(record: rc.AttributionRecord, found: rc.Randomisation, alt: str) -> str:
    """The map as more and more of the network is made random, as HTML."""
    units = zip(found.table["unit"], found.maps, strict=True)
    steps = [cascade.RandomisedMap(str(unit), values.float().numpy()) for unit, values in units]
    original = cascade.RandomisedMap(cascade.ORIGINAL, values_of(record))
    return cascade.cascade_html([original, *steps], signed=record.signed, alt=alt)


@cached(new_cache(16))
def frame(
    net: Net, photo: Photo, record: rc.AttributionRecord, found: rc.Randomisation, number: int, opacity: float
) -> str:
    """The map after `number` parts were made random, over the photo, small, as a data URL."""
    values = found.maps[number - 1].float().numpy() if number else values_of(record)
    drawn = maps.painted(compute.view(net, photo), values, "Overlay", "none", opacity, signed=record.signed)
    with Image.open(io.BytesIO(drawn.png)) as picture:
        return heat.data_url(heat.png(picture.resize((cascade.FRAME, cascade.FRAME), Image.Resampling.LANCZOS)))


@cached(new_cache(8))
def seen(net: Net, photo: Photo) -> bytes:
    """What the network sees of a photo, enlarged, as PNG."""
    return heat.enlarged(compute.view(net, photo))


@cached(new_cache(16))
def superpixels(net: Net, photo: Photo, count: int) -> tuple[NDArray[np.int64], regions.Outlines]:
    """The superpixels of what the network sees, numbered from 0, (H, W), and how they are drawn."""
    network = compute.model(net)
    with acquire_core(f"superpixels for {net.label}"):
        pixels = transform_of(network).restore(rc.preprocess(photo.image, network))
        cut = rc.superpixels(pixels, count)[0].cpu().numpy()
        return cut, regions.outlines(cut)


@cached(new_cache(1))
def first_superpixels(net: Net, photo: Photo, count: int, record: rc.AttributionRecord) -> tuple[list[int], float]:
    """The superpixels that a map ranks first, about `FIRST` of the picture, and which part of it they really are."""
    cut, _ = superpixels(net, photo, count)
    found = regions.first_superpixels(cut, values_of(record), FIRST)
    return found, float(regions.selected(cut, found).mean())


def _hole_key(net: Net, photo: Photo, over: maps.Painted, gone: NDArray[np.bool_], fill: rc.Fill) -> Hashable:
    return result_key(net, photo, over, digest(gone.tobytes()), fill)


@cached(new_cache(8), key=_hole_key)
def with_hole(net: Net, photo: Photo, over: maps.Painted, gone: NDArray[np.bool_], fill: rc.Fill) -> bytes:
    """A map over the photo with the fill where `gone` (H, W), as PNG."""
    with Image.open(io.BytesIO(over.png)) as picture:
        drawn = picture.convert("RGB")
    mask = Image.fromarray(gone).convert("L").resize(drawn.size, Image.Resampling.NEAREST)
    drawn.paste(Image.fromarray(filled(net, photo, fill)).resize(drawn.size, Image.Resampling.NEAREST), mask=mask)
    return heat.png(drawn)


@cached(new_cache(8))
def without(net: Net, photo: Photo, fill: rc.Fill) -> bytes:
    """The photo with every pixel replaced by a fill, as PNG."""
    return heat.png(Image.fromarray(filled(net, photo, fill)))


@cached(new_cache(8))
def filled(net: Net, photo: Photo, fill: rc.Fill) -> NDArray[np.uint8]:
    """The photo with every pixel replaced by a fill, as the network sees it, (H, W, 3)."""
    network = compute.model(net)
    transform = transform_of(network)
    whole = rc.filled(rc.preprocess(photo.image, network), fill, transform)
    return transform.restore(whole)[0].permute(1, 2, 0).cpu().numpy()


def alone(net: Net, photo: Photo, target: int) -> dict[rc.Fill, float]:
    """The probability of a class for each fill alone, without the photo."""
    view = compute.view(net, photo)
    everything = np.ones((view.height, view.width), dtype=bool)
    found = {fill: edit_effect(net, photo, everything, fill) for fill in FILLS}
    return {fill: float(rows["probability_after"][rows["index"] == target].iloc[0]) for fill, rows in found.items()}


def _edit_key(net: Net, photo: Photo, gone: NDArray[np.bool_], fill: rc.Fill) -> Hashable:
    return result_key(net, photo, digest(gone.tobytes()), fill)


@cached(new_cache(4), key=_edit_key)
def edit_effect(net: Net, photo: Photo, gone: NDArray[np.bool_], fill: rc.Fill) -> pd.DataFrame:
    """Every class before and after the pixels of `gone` (H, W) are replaced."""
    network = compute.model(net)
    before = compute.prediction(net, photo)
    with acquire_core(f"answers of {net.label} to an edited photo") as report:
        batch = rc.preprocess(photo.image, network)
        return rc.edit_effect(network, batch, torch.from_numpy(gone)[None], fill, before=before, progress=report)
