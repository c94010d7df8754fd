"""Does the map depend on what the network has learned, and on the class? (Adebayo et al. 2018; Sixt et al. 2020)"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import torch

from resnet_core.agreement import Array, cosine, likeness, one_map, ranks
from resnet_core.attribution import attribute
from resnet_core.model import ResNet, build, for_inference
from resnet_core.predict import class_names
from resnet_core.private_view import private_view
from resnet_core.progress import Progress
from resnet_core.progress_parts import part_of
from resnet_core.random_maps import random_maps
from resnet_core.trust_records import Case, Randomisation, RandomLogit

STEM = ("conv1", "bn1")
CHANCE_MAPS, CHANCE_LEVEL = 40, 0.95  # random maps for the level of chance, and the share that stays under it
FRESH = 1_618_033_989  # so that a network that was itself built from the seed is not replaced by itself

UNITS: dict[str, Callable[[ResNet], list[str]]] = {
    "stages": lambda model: list(model.stages),
    "blocks": lambda model: [name for name, _ in model.named_blocks()],
}


def units_of(model: ResNet, units: str) -> list[str]:
    """The parts in the order in which they are made random: the head, the stages or blocks from the last, the stem."""
    return ["fc", *reversed(UNITS[units](model)), "stem"]


def randomisation(case: Case, options: Mapping[str, Any], progress: Progress | None) -> Randomisation:
    """Cascading randomisation (Adebayo et al. 2018, section 3.1): each step keeps all parts above it random.

    A part's weights and batch-norm statistics become those of a freshly built network. Only private views change.
    """
    original, signed = one_map(case.record), case.record.signed
    units = units_of(case.model, options["units"])
    view, fresh = private_view(case.model), _fresh(case, part_of(progress, 0, 0, len(units) + 1))
    rows, maps = [], []
    for step, unit in enumerate(units):
        for name in STEM if unit == "stem" else (unit,):
            view.set_submodule(name, fresh.get_submodule(name))
        heat = _same_map(view, case, case.target, part_of(progress, step, 1, len(units) + 1))
        maps.append(heat)
        rows.append({"unit": unit, **asdict(likeness(original, heat.double().numpy(), signed=signed))})
    return Randomisation(
        table=pd.DataFrame(rows),
        maps=torch.stack(maps),
        chance=chance(original, case.seed, part_of(progress, len(units), 1, len(units) + 1)),
        trained=case.model.weights is not None,
    )


def random_logit(case: Case, _options: Mapping[str, Any], progress: Progress | None) -> RandomLogit:
    """The map of another class, drawn by the seed, beside the map (Sixt et al. 2020, section 5.2)."""
    generator = torch.Generator().manual_seed(case.seed)
    step = int(torch.randint(1, case.model.num_classes, (), generator=generator))
    other = (case.target + step) % case.model.num_classes
    heat = _same_map(case.model, case, other, progress)
    return RandomLogit(
        target=other,
        class_name=class_names(case.model)[other],
        map=heat,
        likeness=likeness(one_map(case.record), heat.double().numpy(), signed=case.record.signed),
    )


def chance(heat: Array, seed: int, progress: Progress | None) -> float:
    """The size of rank correlation with `heat` (H, W) that 95 % of random maps as smooth as it stay under."""
    own, found = ranks(heat), []
    for done, random in enumerate(random_maps(heat, CHANCE_MAPS, seed), start=1):
        found.append(abs(cosine(own, ranks(random))))
        if progress is not None:
            progress(done, CHANCE_MAPS)
    return float(np.quantile(found, CHANCE_LEVEL))


def _fresh(case: Case, progress: Progress | None) -> ResNet:
    """A network of the same kind that has seen nothing, on the same device and in the same precision."""
    model, weight = case.model, case.model.fc.weight
    fresh = build(
        model.variant,
        shortcut=model.shortcut_option,
        version=model.version,
        norm=model.norm,
        num_classes=model.num_classes,
        seed=case.seed + FRESH,
        progress=progress,
    )
    return for_inference(fresh.to(weight.dtype), weight.device)


def _same_map(model: ResNet, case: Case, target: int, progress: Progress | None) -> torch.Tensor:
    """The map (H, W) by the record's method and options, of another network or another class."""
    record = case.record
    return attribute(model, case.photo, target, record.method, progress=progress, **record.options).map[0]
