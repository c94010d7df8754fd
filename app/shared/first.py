"""The content of the first page, computed before the first visitor comes."""

from __future__ import annotations

import logging

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Net
from app.shared.map_choice import DEFAULT_METHOD
from app.shared.network import DEFAULT_VARIANT, weights_choices
from resnet_core.pictures.samples import SAMPLES

log = logging.getLogger("resnet_explorer")


def compute_first() -> None:
    """The answer to the first sample, and its map. Errors are only logged: visitors see them on the page."""
    net = Net(DEFAULT_VARIANT, weights_choices(DEFAULT_VARIANT)[0])
    try:
        photo = compute.sample_photo(next(iter(SAMPLES)))
        answer = compute.prediction(net, photo)
        compute.attribution(net, photo, int(answer["index"].iloc[0]), DEFAULT_METHOD)
    except rc.ResNetCoreError as error:
        log.warning("The first page is not ready: %s", error)
