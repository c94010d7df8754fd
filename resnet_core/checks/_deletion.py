"""Do the pixels that the map ranks first matter? Take them away, or put them in alone. (Petsiuk et al. 2018)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_core.attribution.comparison import Array, map_of
from resnet_core.attribution.methods.method import at_once
from resnet_core.checks._fillings import Fillings, class_values
from resnet_core.checks._games_judge import judge_deletion
from resnet_core.checks._random_maps import random_maps
from resnet_core.checks.draws import fresh_seed, looks
from resnet_core.checks.records import Case, Deletion
from resnet_core.nets.model import ResNet
from resnet_core.nets.passes import report_blocks
from resnet_core.nets.private_view import private_view
from resnet_core.pictures.masks import FILLS, Fill
from resnet_core.progress import Progress

CURVES = ("deletion", "insertion")


def deletion(case: Case, options: Mapping[str, Any], progress: Progress | None) -> Deletion:
    """Deletion and insertion in the map's order, and in that of random maps as smooth as it (see `random_maps`).

    The most positive pixels go first, equal ones in random order; the `fill` replaces removed pixels. Random maps are
    drawn until the verdict is settled, or until there are `random_maps`.
    """
    heat, most = map_of(case.record), options["random_maps"]
    tied = has_ties(heat)
    view = private_view(case.model).eval()
    report_blocks(view, progress, pictures(options["steps"], most, tied=tied))
    fillings = Fillings.of(view, case)
    board = _Games(view, case, fillings, fillings.chosen(options["fill"], case.target), options["steps"])
    lines = [] if tied else [board.played(heat, case.seed, order="map", draw=0)]
    for draw, random in enumerate(random_maps(heat, most, case.seed), start=1):
        if tied:
            lines.append(board.played(heat, fresh_seed(case.seed, draw), order="map", draw=draw))
        lines.append(board.played(random, case.seed, order="random", draw=draw))
        if draw in looks(most):
            found = board.counted(pd.concat(lines, ignore_index=True))
            if judge_deletion(found).state != "undecided":
                break
    return found


def pictures(steps: int, random_maps: int, *, tied: bool = False) -> int:
    """How many pictures pass the network: the end points once, and the points between for each curve and each map.

    The end points are the whole picture and each filling. A map with equal values gets a new order for each random map.
    """
    return 1 + len(FILLS) + 2 * (steps - 1) * (random_maps + (random_maps if tied else 1))


def has_ties(heat: Array) -> bool:
    """Whether some pixels have equal values, so that their order is random."""
    return np.unique(heat).size < heat.size


@dataclass(frozen=True, eq=False)
class _Games:
    """What all games share: network, picture, fillings, and in how many steps the pixels are removed."""

    view: ResNet
    case: Case
    fillings: Fillings
    fill: Fill
    steps: int

    def played(self, heat: Array, seed: int, **which: object) -> pd.DataFrame:
        """Both curves in the order of `heat`: curve, share, probability, logit, and `which`."""
        order, shares = order_of(heat, seed), np.arange(self.steps + 1) / self.steps
        inner = np.round(shares[1:-1] * heat.size)[:, None, None]  # how many pixels, (steps - 1, 1, 1)
        whole, empty, filling = self.fillings.whole, self.fillings.logits[self.fill], self.fillings.pictures[self.fill]
        lines = []
        for curve, gone in zip(CURVES, (order < inner, order >= inner), strict=True):
            first, last = (whole, empty) if curve == "deletion" else (empty, whole)
            logits = torch.cat([first, logits_without(self.view, self.case.photo, filling, gone), last])
            values = class_values(logits, self.case.target)
            lines.append(pd.DataFrame({"curve": curve, "share": shares, **values, **which}))
        return pd.concat(lines, ignore_index=True)

    def counted(self, lines: pd.DataFrame) -> Deletion:
        """The record of all games so far."""
        target, areas, table = self.case.target, _areas(lines), _mean_of_draws(lines)
        judged = self.fillings.judged(target)
        for curve in CURVES:
            table.loc[table["curve"] == curve, ["beaten", "draws"]] = beaten(areas, curve, judged)
        table = table.astype({"beaten": int, "draws": int})
        return Deletion(table, areas, self.fill, self.fillings.table(target), judged)


def beaten(areas: pd.DataFrame, curve: str, value: str) -> tuple[int, int]:
    """How many of how many random maps the map beats: by a smaller area in deletion, a larger one in insertion."""
    rows = areas[areas["curve"] == curve]
    own, random = (rows[value][rows["order"] == order].to_numpy() for order in ("map", "random"))  # (1 or K,), (K,)
    better = own < random if curve == "deletion" else own > random
    return int(better.sum()), len(random)


def order_of(heat: Array, seed: int) -> NDArray[np.int64]:
    """The number of each pixel (H, W) in the order from the largest value to the smallest, from 0.

    Equal values, such as the zeros of a Grad-CAM map, come in random order, not from top to bottom.
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
