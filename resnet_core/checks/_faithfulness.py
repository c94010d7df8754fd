"""Does the map predict the effect of changes of the picture, and is it stable under tiny ones? (Yeh et al. 2019)

Defined as Captum's `infidelity` and `sensitivity_max`; here noise comes from a generator of its own, work can be
cancelled, and the samples are kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_core.attribution.comparison import Array, map_of
from resnet_core.attribution.maps import attribute
from resnet_core.checks._deletion import logits_without
from resnet_core.checks._fillings import NEUTRAL, Fillings
from resnet_core.checks.draws import between, looks, resampled
from resnet_core.checks.judges import judge_infidelity, judge_sensitivity
from resnet_core.checks.limits import GREY_LEVELS
from resnet_core.checks.records import Case, Infidelity, Sensitivity
from resnet_core.inside.answers import transform_of
from resnet_core.nets.passes import report_blocks
from resnet_core.nets.private_view import private_view
from resnet_core.pictures.masks import FILLS, filled
from resnet_core.progress import Progress, part_of

SMALLEST, LARGEST = 1 / 8, 1 / 2  # sides of the squares, as shares of the picture's shorter side
RESAMPLES = 2000  # bootstrap samples, for the interval of the explained share


def infidelity(case: Case, options: Mapping[str, Any], progress: Progress | None) -> Infidelity:
    """Random squares of the picture are replaced by the `fill`; the map's sum over a square should tell the fall.

    In Captum's terms: perturbations 1 inside the square and 0 outside, attributions the map (spread over the colours).
    Squares are drawn until the verdict is settled, or `squares` are.
    """
    heat, most = map_of(case.record), options["squares"]
    view = private_view(case.model).eval()
    report_blocks(view, progress, passes_of(options))
    name = options["fill"]
    if name == NEUTRAL:
        name = Fillings.of(view, case).chosen(name, case.target)
    fill = filled(case.photo, name, transform_of(case.model))
    table = random_squares(heat.shape, most, case.seed)
    whole = logits_without(view, case.photo, fill, np.zeros((1, *heat.shape), dtype=bool))[0, case.target]
    attributed: list[float] = []
    fall: list[float] = []
    for count in looks(most):
        gone = np.stack([_inside(heat.shape, *square) for square in table[len(fall) : count].itertuples(index=False)])
        logits = logits_without(view, case.photo, fill, gone)[:, case.target]  # gone is (K, H, W)
        attributed += [float(heat[inside].sum()) for inside in gone]
        fall += (whole - logits).tolist()
        found = _predicted(table[:count].assign(attributed=attributed, fall=fall), name, case.seed)
        if judge_infidelity(found).state != "undecided":
            break
    return found


def passes_of(options: Mapping[str, Any]) -> int:
    """How many pictures pass the network at most: each square, the whole picture, and all fillings to choose from."""
    squares: int = options["squares"]
    return squares + 1 + (1 + len(FILLS) if options["fill"] == NEUTRAL else 0)


def _predicted(squares: pd.DataFrame, fill: str, seed: int) -> Infidelity:
    """How well the map's sums, and areas alone, predict the falls, and how much that depends on the squares drawn."""
    attributed, fall, side = (squares[name].to_numpy(dtype=np.float64) for name in ("attributed", "fall", "side"))
    every = np.ones((1, len(squares)))
    scale, explained = (float(value[0]) for value in best_scale(attributed, fall, every))
    weights = resampled(len(squares), RESAMPLES, seed)
    own, flat = (best_scale(told, fall, weights)[1] for told in (attributed, side**2))
    return Infidelity(
        value=float(((attributed - fall) ** 2).mean()),
        normalised=float(((scale * attributed - fall) ** 2).mean()),
        explained=explained,
        flat=float(best_scale(side**2, fall, every)[1][0]),
        squares=squares,
        fill=fill,
        explained_range=between(own),
        flat_range=between(flat),
        gain_range=between(own - flat),
    )


def random_squares(size: tuple[int, ...], count: int, seed: int) -> pd.DataFrame:
    """`count` squares inside a picture of `size` (H, W): their upper row, left column and side, from the seed."""
    generator = np.random.default_rng(seed)
    shorter = min(size)
    sides = generator.integers(max(1, int(shorter * SMALLEST)), max(1, int(shorter * LARGEST)), count, endpoint=True)
    rows, columns = (generator.integers(0, extent - sides, endpoint=True) for extent in size)
    return pd.DataFrame({"row": rows, "column": columns, "side": sides})


def _inside(size: tuple[int, ...], row: int, column: int, side: int) -> NDArray[np.bool_]:
    mask = np.zeros(size, dtype=bool)
    mask[row : row + side, column : column + side] = True
    return mask


def best_scale(told: Array, fall: Array, weights: Array) -> tuple[Array, Array]:
    """The factor that brings `told` (K,) closest to `fall` (K,), and the share of fall^2 that it explains.

    One of each per row of `weights` (N, K), which say how often each square counts. A map that predicts the opposite
    of what happens (a negative factor) explains nothing.
    """
    size, common, total = (weights @ product for product in (told * told, told * fall, fall * fall))  # (N,) each
    scale = np.divide(common, size, out=np.zeros_like(common), where=size > 0)
    share = np.divide(scale * common, total, out=np.zeros_like(common), where=(total > 0) & (scale > 0))
    return scale, share


def sensitivity(case: Case, options: Mapping[str, Any], progress: Progress | None) -> Sensitivity:
    """The map again for the picture with uniform noise within the `radius`: how far does it move?

    Noise is drawn until the verdict is settled, or `samples` times.
    """
    heat, most, radius = map_of(case.record), options["samples"], options["radius"]
    size = float(np.linalg.norm(heat))
    values: list[float] = []
    for done, noisy in enumerate(noisy_pictures(case.photo, most, radius, case.seed)):
        part = part_of(progress, done, 1, most)
        again = attribute(case.model, noisy, case.target, case.record.method, progress=part, **case.record.options)
        values.append(float(np.linalg.norm(map_of(again) - heat)) / (size or 1.0))
        if len(values) in looks(most):
            found = Sensitivity(
                value=max(values) if all(map(math.isfinite, values)) else math.nan,
                values=tuple(values),
                radius=radius,
                grey_levels=radius * GREY_LEVELS * max(transform_of(case.model).std),
            )
            if judge_sensitivity(found).state != "undecided":
                break
    return found


def noisy_pictures(photo: Tensor, count: int, radius: float, seed: int) -> Iterator[Tensor]:
    """`photo` (1, 3, H, W) plus noise, uniform from -radius to radius, `count` times, from the seed."""
    generator = torch.Generator().manual_seed(seed)
    for _ in range(count):
        noise = radius * (2 * torch.rand(photo.shape, generator=generator, dtype=torch.float32) - 1)
        yield photo + noise.to(photo)
