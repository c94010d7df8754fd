"""Do the pixels that the map ranks first matter? Take them away, or put them in alone. (Petsiuk et al. 2018)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_core.agreement import Array, one_map
from resnet_core.masking import filled
from resnet_core.methods.method import at_once
from resnet_core.model import ResNet
from resnet_core.predict import transform_of
from resnet_core.private_view import private_view
from resnet_core.progress import Progress, report_blocks
from resnet_core.random_maps import random_maps
from resnet_core.trust_records import Case, Deletion

CURVES = ("deletion", "insertion")


def deletion(case: Case, options: Mapping[str, Any], progress: Progress | None) -> Deletion:
    """Deletion and insertion in the map's order, and in that of random maps as smooth as it (see `random_maps`).

    The most positive pixels go first, equal ones in random order; where a pixel is gone stands the `fill`.
    """
    heat, steps, draws = one_map(case.record), options["steps"], options["random_maps"]
    fill = filled(case.photo, options["fill"], transform_of(case.model))
    view = private_view(case.model).eval()
    report_blocks(view, progress, pictures(steps, draws))
    shares = np.arange(steps + 1) / steps
    ends = logits_without(view, case.photo, fill, np.stack([np.zeros_like(heat, bool), np.ones_like(heat, bool)]))
    rows = []
    for draw, order_map in enumerate([heat, *random_maps(heat, draws, case.seed)]):
        place = places(order_map, case.seed)
        inner = np.round(shares[1:-1] * heat.size)[:, None, None]  # how many pixels, (steps - 1, 1, 1)
        for curve, gone in zip(CURVES, (place < inner, place >= inner), strict=True):
            first, last = (ends[:1], ends[1:]) if curve == "deletion" else (ends[1:], ends[:1])
            logits = torch.cat([first, logits_without(view, case.photo, fill, gone), last])
            order = {"curve": curve, "order": "random" if draw else "map", "draw": draw}
            rows.append(_line(logits, case.target, shares).assign(**order))
    lines = pd.concat(rows, ignore_index=True)
    return Deletion(table=_mean_of_draws(lines), areas=_areas(lines), fill=options["fill"])


def pictures(steps: int, random_maps: int) -> int:
    """How many pictures pass the network: both ends once, and what is between them for each curve and each map."""
    return 2 + 2 * (steps - 1) * (1 + random_maps)


def places(heat: Array, seed: int) -> NDArray[np.int64]:
    """The place of each pixel (H, W) in the order from the largest value to the smallest, from 0.

    Equal values, such as the zeros of a Grad-CAM map, come in random order: not from the top of the picture down.
    """
    tie_break = np.random.default_rng(seed).random(heat.size)
    found = np.empty(heat.size, dtype=np.int64)
    found[np.lexsort((tie_break, -heat.ravel()))] = np.arange(heat.size)
    return found.reshape(heat.shape)


@torch.no_grad()
def logits_without(view: ResNet, photo: Tensor, fill: Tensor, gone: NDArray[np.bool_]) -> Tensor:
    """Logits (K, classes) in float64 of `photo` (1, 3, H, W) with `fill`'s pixels where `gone` (K, H, W) is true."""
    found = []
    for masks in torch.split(torch.from_numpy(gone), at_once(photo)):
        found.append(view(torch.where(masks[:, None].to(photo.device), fill, photo)).cpu().double())
    return torch.cat(found)


def _line(logits: Tensor, target: int, shares: Array) -> pd.DataFrame:
    probability = logits.softmax(1)[:, target].numpy()
    return pd.DataFrame({"share": shares, "probability": probability, "logit": logits[:, target].numpy()})


def _mean_of_draws(lines: pd.DataFrame) -> pd.DataFrame:
    return lines.groupby(["curve", "order", "share"], as_index=False).agg(
        probability=("probability", "mean"),
        logit=("logit", "mean"),
        low=("probability", "min"),
        high=("probability", "max"),
    )


def _areas(lines: pd.DataFrame) -> pd.DataFrame:
    """The area under each curve of each map, by the trapezoid rule."""
    rows = [
        (*key, *(float(np.trapezoid(line[value], line["share"])) for value in ("probability", "logit")))
        for key, line in lines.groupby(["curve", "order", "draw"])
    ]
    return pd.DataFrame(rows, columns=["curve", "order", "draw", "probability", "logit"])
