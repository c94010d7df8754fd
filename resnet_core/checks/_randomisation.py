"""Does the map depend on what the network has learned, and on the class? (Adebayo et al. 2018; Sixt et al. 2020)"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import torch

from resnet_core.attribution.comparison import Array, cosine, likeness, map_of, rank_correlation
from resnet_core.attribution.maps import attribute
from resnet_core.checks.chance import level_of_chance
from resnet_core.checks.draws import fresh_seed, looks
from resnet_core.checks.judges import judge_random_logit, judge_randomisation
from resnet_core.checks.records import Case, Randomisation, RandomLogit
from resnet_core.inside.answers import class_names
from resnet_core.nets.model import ResNet, build, for_inference
from resnet_core.nets.private_view import private_view
from resnet_core.progress import Progress, part_of

STEM = ("conv1", "bn1")

UNITS: dict[str, Callable[[ResNet], list[str]]] = {
    "stages": lambda model: list(model.stages),
    "blocks": lambda model: [name for name, _ in model.named_blocks()],
}


def cascade_order(model: ResNet, units: str) -> list[str]:
    """The parts in the order in which they are made random: the head, the stages or blocks from the last, the stem."""
    return ["fc", *reversed(UNITS[units](model)), "stem"]


def randomisation(case: Case, options: Mapping[str, Any], progress: Progress | None) -> Randomisation:
    """Cascading randomisation (Adebayo et al. 2018, section 3.1): each step leaves all parts above it random.

    The weights and batch-norm statistics of a part are replaced by those of a newly built network, a different one in
    each draw, until the verdict is settled or after `draws`. Only private views change.
    """
    units, most = cascade_order(case.model, options["units"]), options["draws"]
    heat = map_of(case.record)
    level = level_of_chance(heat, case.seed, part_of(progress, 0, 1, most + 1))
    rows: list[dict[str, Any]] = []
    maps: list[torch.Tensor] = []  # of the first draw
    for draw in range(most):
        steps, found = _cascade(case, units, draw, part_of(progress, draw + 1, 1, most + 1))
        rows += steps
        maps = maps or [found]
        if draw + 1 in looks(most):
            result = Randomisation(
                table=_mean_of_draws(pd.DataFrame(rows)),
                maps=maps[0],
                chance=level.value,
                trained=case.model.weights is not None,
                draws=pd.DataFrame(rows),
                chance_margin=level.margin,
                neighbours=neighbour_correlation(heat),
            )
            if judge_randomisation(result).state != "undecided":
                break
    return result


def _cascade(
    case: Case, units: list[str], draw: int, progress: Progress | None
) -> tuple[list[dict[str, Any]], torch.Tensor]:
    """One draw: how similar the map is after each step, and the maps (units, H, W)."""
    original, signed = map_of(case.record), case.record.signed
    view, fresh = private_view(case.model), _fresh(case, draw, part_of(progress, 0, 0, len(units)))
    rows, maps = [], []
    for step, unit in enumerate(units):
        for name in STEM if unit == "stem" else (unit,):
            view.set_submodule(name, fresh.get_submodule(name))
        heat = _same_map(view, case, case.target, part_of(progress, step, 1, len(units)))
        maps.append(heat)
        like = likeness(original, heat.double().numpy(), signed=signed)
        rows.append({"draw": draw, "unit": unit, **asdict(like)})
    return rows, torch.stack(maps)


def _mean_of_draws(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per unit, in their order; draws whose maps cannot be compared are left out of the means."""
    return rows.groupby("unit", sort=False, as_index=False).agg(
        ssim=("ssim", "mean"),
        rank_correlation=("rank_correlation", "mean"),
        abs_rank_correlation=("abs_rank_correlation", "mean"),
        low=("rank_correlation", "min"),
        high=("rank_correlation", "max"),
        note=("note", "max"),  # the empty one is the least
    )


def random_logit(case: Case, options: Mapping[str, Any], progress: Progress | None) -> RandomLogit:
    """The map against those of other classes, in an order drawn by the seed (Sixt et al. 2020, section 5.2).

    Classes are drawn until the verdict is settled, or until all or `classes` of them are drawn.
    """
    model, heat, signed = case.model, map_of(case.record), case.record.signed
    others = _other_classes(case)
    most = min(options["classes"], len(others))
    rows: list[dict[str, Any]] = []
    for number, other in enumerate(others[:most]):
        again = _same_map(model, case, other, part_of(progress, number, 1, most))
        if number == 0:
            first, like = again, likeness(heat, again.double().numpy(), signed=signed)
        correlation = rank_correlation(heat, again.double().numpy())
        rows.append({"target": other, "class_name": class_names(model)[other], "rank_correlation": correlation})
        if number + 1 in looks(most):
            result = RandomLogit(
                target=others[0],
                class_name=class_names(model)[others[0]],
                map=first,
                likeness=like,
                others=pd.DataFrame(rows),
                classes=len(others),
            )
            if judge_random_logit(result).state != "undecided":
                break
    return result


def _other_classes(case: Case) -> list[int]:
    """Every class but the map's, in an order drawn by the seed."""
    drawn = torch.randperm(case.model.num_classes, generator=torch.Generator().manual_seed(case.seed)).tolist()
    return [other for other in drawn if other != case.target]


def neighbour_correlation(heat: Array) -> float:
    """The correlation of neighbouring pixels, horizontal and vertical: near 1 for a coarse map."""
    first = np.concatenate([heat[:-1].ravel(), heat[:, :-1].ravel()])
    second = np.concatenate([heat[1:].ravel(), heat[:, 1:].ravel()])
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 1.0
    return cosine(first - first.mean(), second - second.mean())


def _fresh(case: Case, draw: int, progress: Progress | None) -> ResNet:
    """An untrained network of the same kind, on the same device and in the same precision."""
    model, weight = case.model, case.model.fc.weight
    fresh = build(model.variant, model.how, seed=fresh_seed(case.seed, draw), progress=progress)
    return for_inference(fresh.to(weight.dtype), weight.device)


def _same_map(model: ResNet, case: Case, target: int, progress: Progress | None) -> torch.Tensor:
    """The map (H, W) of another network or class, by the record's method and options."""
    record = case.record
    return attribute(model, case.photo, target, record.method, progress=progress, **record.options).map[0]
