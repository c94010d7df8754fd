"""How far maps agree by chance: measured with random maps as smooth as the map."""

from __future__ import annotations

import numpy as np

from resnet_core.attribution.comparison import Array, ranks
from resnet_core.checks._random_maps import random_maps
from resnet_core.checks.draws import Estimate, quantile_of
from resnet_core.checks.limits import CHANCE_LEVEL
from resnet_core.progress import Progress

CHANCE_MAPS = 1000  # random maps for a level of chance that a verdict rests on


def level_of_chance(
    heat: Array, seed: int = 0, progress: Progress | None = None, *, maps: int = CHANCE_MAPS
) -> Estimate:
    """The absolute rank correlation with `heat` (H, W) that 95 % of random `maps` as smooth as it stay below.

    `heat` needs at least two different values. Random maps have no ties: their ranks are simply 0, 1, 2, ...
    """
    own = ranks(heat)
    rank = np.arange(own.size) - (own.size - 1) / 2
    size = np.sqrt((own @ own) * (rank @ rank))
    found = []
    for done, random in enumerate(random_maps(heat, maps, seed), start=1):
        found.append(abs(float(own[np.argsort(random, axis=None)] @ rank / size)))
        if progress is not None:
            progress(done, maps)
    return quantile_of(found, CHANCE_LEVEL)
