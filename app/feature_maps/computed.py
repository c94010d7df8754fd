"""What Feature maps computes from a recorded pass and caches: tensors, sheets, fields, numbers of every block."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

import resnet_core as rc
from app.engine.cache import cached, new_cache
from app.engine.compute import anatomy, description, model, record
from app.engine.gate import acquire_core
from app.engine.selection import Net, Part, Photo
from app.feature_maps.charts.parts import Unit
from app.feature_maps.charts.sheets import Sheet, paint_sheet


def tensor(net: Net, photo: Photo, layer: str, part: Part) -> torch.Tensor | None:
    """One recorded tensor (C, H, W): the stem's output, or a part of a block; None for a missing shortcut."""
    recorded = record(net, photo)
    found: torch.Tensor | None = recorded.stem if layer == "stem" else getattr(recorded[layer], part)
    return None if found is None else found[0]


def maps(net: Net, photo: Photo, layer: str, part: Part) -> NDArray[np.float32] | None:
    """`tensor` as an array on the CPU."""
    found = tensor(net, photo, layer, part)
    return None if found is None else found.float().numpy()


@cached(new_cache(4))
def statistics(net: Net, photo: Photo, layer: str, part: Part) -> pd.DataFrame:
    """Mean, variance, zeros... of every channel of a tensor, which must exist."""
    found = tensor(net, photo, layer, part)
    assert found is not None, f"{layer} has no {part}"
    return rc.channel_statistics(found)


@cached(new_cache(4))
def contribution(net: Net, photo: Photo, layer: str, target: int) -> NDArray[np.float32]:
    """How much each channel of a block's output speaks for a class, (C,)."""
    network = model(net)
    with acquire_core(f"contributions in {net.label}") as report:
        batch = rc.preprocess(photo.image, network)
        found = rc.contributions(network, batch, layer, target, progress=report)
    return found[0].float().numpy()


def channel_order(net: Net, photo: Photo, layer: str, part: Part, sort: str, target: int) -> tuple[int, ...]:
    """The channels of a tensor in the order of the sheet: by index, or by a number, largest first."""
    table = statistics(net, photo, layer, part)
    if sort == "index":
        return tuple(table["channel"])
    if sort == "contribution":
        table = table.assign(contribution=contribution(net, photo, layer, target))
    return tuple(table.sort_values(sort, ascending=False, kind="stable")["channel"])


@cached(new_cache(32))
def sheet(
    net: Net,
    photo: Photo,
    layer: str,
    part: Part,
    channels: tuple[int, ...],
    *,
    columns: int,
    per_channel: bool,
    signed: bool,
) -> Sheet:
    """All channels of a tensor, painted as one picture."""
    found = maps(net, photo, layer, part)
    assert found is not None, f"{layer} has no {part}"
    return paint_sheet(found, channels, columns=columns, signed=signed, per_channel=per_channel)


def receptive_box(net: Net, unit: Unit) -> rc.Box:
    """The part of the picture on which a unit can depend."""
    described = description(anatomy(net))
    return rc.receptive_box(described, unit.layer, unit.row, unit.column)


@cached(new_cache(16))
def effective_field(net: Net, photo: Photo, unit: Unit, channel: int) -> NDArray[np.float32]:
    """How strongly each pixel changes a unit of a block's output, (H, W)."""
    network = model(net)
    with acquire_core(f"an effective field in {net.label}") as report:
        batch = rc.preprocess(photo.image, network)
        found = rc.effective_field(network, batch, unit.layer, unit.row, unit.column, channel=channel, progress=report)
    return found.float().numpy()


@cached(new_cache(4))
def measures(net: Net, photo: Photo) -> pd.DataFrame:
    """The numbers of every block along depth."""
    return rc.measures(record(net, photo))
