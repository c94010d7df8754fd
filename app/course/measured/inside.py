"""What the lesson on the block measures: F(x) beside the shortcut, on the sample photos."""

from __future__ import annotations

import resnet_core as rc
from app.course.lesson import Measured
from app.course.measured.settings import Settings, net_of, photo_of, photos
from app.engine.selection import Net
from app.feature_maps import computed
from app.feature_maps.controls import DEFAULT_BLOCK
from app.lesions.computed import twin
from app.shared.magnitudes import span


def residual_over_shortcut(settings: Settings, _of: str) -> Measured:
    """How large F(x) is beside its shortcut: the median over the blocks of the network, for each sample photo."""
    net = net_of(settings)
    found = [float(computed.measures(net, photo)["ratio"].median()) for photo in photos()]
    return Measured(min(found), max(found), {"ratio": span(found), "photos": str(len(found))})


def direction_kept(settings: Settings, _of: str) -> Measured:
    """The cosine of a block's input and output: the median over the blocks, for each sample photo."""
    net = net_of(settings)
    found, other = _cosines(net), twin(net)
    beside = "not known" if other is None else span(_cosines(other))
    return Measured(min(found), max(found), {"cosine": span(found), "twin": beside, "photos": str(len(found))})


def changed_without_residual(settings: Settings, _of: str) -> Measured:
    """How far y is from x in the opened block, over the size of x, when its F(x) is 0."""
    block = settings.get("block", [DEFAULT_BLOCK])[-1]
    found = computed.without_residual(net_of(settings), photo_of(settings), block)
    if found.x.shape != found.y.shape:
        raise rc.ResNetCoreError(f"{block} changes the shape of x.")
    apart = float((found.y - found.x).norm() / found.x.norm())
    values = found.x.numel()
    same = int((found.y == found.x).sum())
    return Measured(apart, apart, {"block": block, "same": f"{same:,}", "values": f"{values:,}"})


def _cosines(net: Net) -> list[float]:
    return [float(computed.measures(net, photo)["cosine"].median()) for photo in photos()]
