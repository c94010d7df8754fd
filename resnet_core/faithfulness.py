"""Does the map foretell what changes of the picture do, and stay when hardly anything changes? (Yeh et al. 2019)

Captum's `infidelity` and `sensitivity_max` in their meaning; here noise comes from a generator of its own, work can be
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

from resnet_core.agreement import Array, one_map
from resnet_core.attribution import attribute
from resnet_core.deletion import logits_without
from resnet_core.masking import filled
from resnet_core.predict import transform_of
from resnet_core.private_view import private_view
from resnet_core.progress import Progress, report_blocks
from resnet_core.progress_parts import part_of
from resnet_core.trust_records import Case, Infidelity, Sensitivity

SMALLEST, LARGEST = 1 / 8, 1 / 2  # sides of the squares, as shares of the picture's shorter side
LEVELS = 255  # grey levels of a picture on the screen


def infidelity(case: Case, options: Mapping[str, Any], progress: Progress | None) -> Infidelity:
    """Random squares of the picture are replaced by the `fill`; the map's sum over a square should tell the fall.

    In Captum's terms: perturbations 1 inside the square and 0 outside, attributions the map (spread over the colours).
    """
    heat = one_map(case.record)
    fill = filled(case.photo, options["fill"], transform_of(case.model))
    view = private_view(case.model).eval()
    report_blocks(view, progress, options["squares"] + 1)
    table = random_squares(heat.shape, options["squares"], case.seed)
    whole = logits_without(view, case.photo, fill, np.zeros((1, *heat.shape), dtype=bool))[0, case.target]
    gone = np.stack([_inside(heat.shape, *square) for square in table.itertuples(index=False)])  # (K, H, W)
    logits = logits_without(view, case.photo, fill, gone)[:, case.target]
    table["attributed"] = [float(heat[inside].sum()) for inside in gone]
    table["fall"] = (whole - logits).numpy()
    attributed, fall = (table[name].to_numpy(dtype=np.float64) for name in ("attributed", "fall"))
    scale, explained = _best_scale(attributed, fall)
    return Infidelity(
        value=float(((attributed - fall) ** 2).mean()),
        normalised=float(((scale * attributed - fall) ** 2).mean()),
        explained=explained,
        flat=_best_scale(gone.sum((1, 2)).astype(np.float64), fall)[1],
        squares=table,
        fill=options["fill"],
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


def _best_scale(attributed: Array, fall: Array) -> tuple[float, float]:
    """The factor that brings `attributed` (K,) nearest to `fall` (K,), and the share of fall^2 that it accounts for.

    A map that foretells the opposite of what happens (a negative factor) accounts for nothing.
    """
    size, common, total = attributed @ attributed, attributed @ fall, fall @ fall
    scale = float(common / size) if size > 0 else 0.0
    return scale, float(scale * common / total) if scale > 0 and total > 0 else 0.0


def sensitivity(case: Case, options: Mapping[str, Any], progress: Progress | None) -> Sensitivity:
    """The map again for the picture with uniform noise within the `radius`, `samples` times: how far does it move?"""
    heat, samples, radius = one_map(case.record), options["samples"], options["radius"]
    size = float(np.linalg.norm(heat))
    values = []
    for done, noisy in enumerate(noisy_pictures(case.photo, samples, radius, case.seed)):
        part = part_of(progress, done, 1, samples)
        again = attribute(case.model, noisy, case.target, case.record.method, progress=part, **case.record.options)
        values.append(float(np.linalg.norm(one_map(again) - heat)) / (size or 1.0))
    return Sensitivity(
        value=max(values) if all(map(math.isfinite, values)) else math.nan,
        values=tuple(values),
        radius=radius,
        grey_levels=radius * LEVELS * max(transform_of(case.model).std),
    )


def noisy_pictures(photo: Tensor, count: int, radius: float, seed: int) -> Iterator[Tensor]:
    """`photo` (1, 3, H, W) plus noise, uniform from -radius to radius, `count` times, from the seed."""
    generator = torch.Generator().manual_seed(seed)
    for _ in range(count):
        noise = radius * (2 * torch.rand(photo.shape, generator=generator, dtype=torch.float32) - 1)
        yield photo + noise.to(photo)
