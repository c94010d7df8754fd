"""Maps laid over the photo, painted and kept for every page that shows one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import resnet_core as rc
from app.engine import compute
from app.engine.kept import kept, room
from app.engine.selection import Net, Photo
from app.shared.drawing import maps


def values_of(record: rc.AttributionRecord) -> NDArray[np.float32]:
    """The map of a record of one picture, (H, W), in the main memory."""
    return record.map[0].float().numpy()


@kept(room(32))
def painted(
    net: Net, photo: Photo, record: rc.AttributionRecord, style: str, smoothing: str, opacity: float
) -> maps.Painted:
    """A map laid over the photo."""
    view = compute.view(net, photo)
    return maps.painted(view, values_of(record), style, smoothing, opacity, signed=record.signed)
