"""What Feature maps computes from a recorded pass and caches: tensors, sheets, fields, numbers of every block."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import torch
from numpy.typing import NDArray

import resnet_core as rc
from app.engine.cache import cached, new_cache
from app.engine.compute import anatomy, description, model, record, view
from app.engine.gate import acquire_core
from app.engine.selection import Net, Part, Photo
from app.feature_maps import words
from app.feature_maps.charts import block_words
from app.feature_maps.charts.depth import QUANTITIES, Series, depth_chart
from app.feature_maps.charts.overlay import unit_overlay
from app.feature_maps.charts.parts import Unit
from app.feature_maps.charts.pictures import Picture, as_webp
from app.feature_maps.charts.sheets import Sheet, paint_sheet
from app.shared.drawing.heat import png, scale_of
from resnet_core.attribution.comparison import scale_end


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


@cached(new_cache(1))
def channel_order(
    net: Net, photo: Photo, layer: str, part: Part, sort: str, target: int | None = None
) -> tuple[int, ...]:
    """The channels of a tensor in the order of the sheet: by index, or by a number, largest first."""
    table = statistics(net, photo, layer, part)
    if sort == "index":
        return tuple(map(int, table["channel"]))
    if sort == "contribution" and target is not None:
        table = table.assign(contribution=contribution(net, photo, layer, target))
    return tuple(map(int, table.sort_values(sort, ascending=False, kind="stable")["channel"]))


@cached(new_cache(4))
def channel_labels(net: Net, photo: Photo, layer: str, part: Part) -> list[str]:
    """The words for every channel of a tensor, by its number."""
    table = statistics(net, photo, layer, part).set_index("channel")
    return [words.channel_label(number, row) for number, row in enumerate(table.to_dict("records"))]


def map_size(net: Net, photo: Photo, layer: str, part: Part) -> tuple[int, int]:
    """Height and width of the maps of a tensor, which must exist."""
    found = tensor(net, photo, layer, part)
    assert found is not None, f"{layer} has no {part}"
    return int(found.shape[1]), int(found.shape[2])


@cached(new_cache(16))
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
    limit: float | None = None,
) -> Sheet:
    """Channels of a tensor, painted as one picture."""
    found = maps(net, photo, layer, part)
    assert found is not None, f"{layer} has no {part}"
    return paint_sheet(found, channels, columns=columns, signed=signed, per_channel=per_channel, limit=limit)


@cached(new_cache(1))
def common_limit(net: Net, photo: Photo, part: Part) -> float:
    """The end of a scale that holds a tensor of every block."""
    tensors = (getattr(block, part) for block in record(net, photo).blocks)
    return max(scale_end(tensor[0].float().numpy()) for tensor in tensors if tensor is not None)


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
def unit_picture(
    net: Net,
    photo: Photo,
    layer: str,
    part: Part,
    channel: int,
    unit: tuple[int, int],
    box: rc.Box | None,
    *,
    signed: bool,
) -> Picture:
    """One channel over the photo, with the frames of a unit and of what it can see."""
    found = maps(net, photo, layer, part)
    assert found is not None, f"{layer} has no {part}"
    scale = scale_of(found[channel], signed=signed)
    return as_webp(unit_overlay(view(net, photo), found[channel], scale, opacity=0.6, box=box, unit=unit))


@cached(new_cache(4))
def field_picture(net: Net, photo: Photo, unit: Unit, channel: int, box: rc.Box) -> bytes:
    """The effective field of a unit over the photo, as a PNG."""
    field = effective_field(net, photo, unit, channel)
    scale = scale_of(field, signed=False)
    return png(unit_overlay(view(net, photo), field, scale, opacity=0.7, box=box, unit=None))


def series(net: Net, photo: Photo) -> Series:
    """One network along depth."""
    return Series(net.label, measures(net, photo), trained=model(net).weights is not None)


@cached(new_cache(8))
def depth_figures(nets: tuple[Net, ...], photo: Photo, quantities: tuple[str, ...]) -> list[go.Figure]:
    """One chart for each quantity along depth, to stand in one row."""
    all_series = [series(net, photo) for net in nets]
    return [depth_chart(all_series, QUANTITIES[name]) for name in quantities]


@cached(new_cache(16))
def without_residual(net: Net, photo: Photo, layer: str) -> rc.BlockRecord:
    """One block in a pass of the network in which its F(x) is 0."""
    network = model(net)
    with acquire_core(f"{layer} of {net.label} without F(x)") as report:
        return rc.capture(network, rc.preprocess(photo.image, network), remove=[layer], progress=report)[layer]


@cached(new_cache(1))
def silent_words(net: Net, photo: Photo, layer: str, zero: bool) -> str:
    """How many channels of a block are silent, and how its tensors spread."""
    return block_words.silent_words(without_residual(net, photo, layer) if zero else record(net, photo)[layer])


@cached(new_cache(4))
def measures(net: Net, photo: Photo) -> pd.DataFrame:
    """The numbers of every block along depth."""
    return rc.measures(record(net, photo))
