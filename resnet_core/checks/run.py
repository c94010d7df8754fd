"""Should anybody believe this map? `trust` runs the checks that are asked for.

The quick checks cost no pass of the network for a sound map, the others many: each tells its largest number of passes,
since it draws only until its verdict is beyond its noise.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from numbers import Integral
from typing import Any

import torch
from torch import Tensor

from resnet_core.attribution.comparison import map_of, without_order
from resnet_core.attribution.maps import METHODS
from resnet_core.attribution.records import AttributionRecord
from resnet_core.checks._table import CHECKS, QUICK, Check
from resnet_core.checks.records import Case, TrustRecord
from resnet_core.errors import ResNetCoreError, one_of
from resnet_core.exact import exact
from resnet_core.nets.model import ResNet
from resnet_core.nets.passes import check_batch
from resnet_core.progress import Progress, part_of, without_the_end

__all__ = ["CHECKS", "QUICK", "Check", "trust"]

SEEDS = 2**31  # seeds are whole numbers from 0 and under this, which every generator takes


@exact()
def trust(
    model: ResNet,
    batch: Tensor,
    record: AttributionRecord,
    checks: Iterable[str] = QUICK,
    *,
    progress: Progress | None = None,
    seed: int = 0,
    **options: object,
) -> TrustRecord:
    """How far to trust `record`, which `attribute` gave for `model` and the one picture of `batch` (1, 3, H, W).

    `checks` are names from `CHECKS`; `options` are those of the checks asked for. Everything random comes from `seed`,
    nothing from a global generator. `progress` counts in shares of the passes that the checks cost. Raises
    `ResNetCoreError` for another check, option or seed, and for a record that cannot be of this model and picture.
    """
    case = _case(model, batch, record, seed)
    chosen = _chosen(checks)
    resolved = _resolved(chosen, options, model)
    skipped = {check.id: why for check in chosen if (why := _silent(check, case))}
    running = [check for check in chosen if check.id not in skipped]
    costs = [1 + sum(check.passes(case, resolved[check.id])) for check in running]
    report = without_the_end(progress)
    found: dict[str, Any] = {}
    seconds = {}
    for number, check in enumerate(running):
        started = time.perf_counter()
        part = part_of(report, sum(costs[:number]), costs[number], sum(costs))
        if part is not None:
            part(0, 1)
        with torch.inference_mode(False), torch.no_grad():  # inference tensors would not be usable later
            found[check.id] = check.run(case, resolved[check.id], part)
        seconds[check.id] = time.perf_counter() - started
    if progress is not None:
        progress(1, 1)
    return TrustRecord(
        method=record.method,
        target=case.target,
        seed=case.seed,
        skipped=skipped,
        seconds=seconds,
        options={check.id: resolved[check.id] for check in running},
        trained=model.weights is not None,
        **found,
    )


def _case(model: ResNet, batch: Tensor, record: AttributionRecord, seed: object) -> Case:
    photo = check_batch(model, batch)
    if len(photo) != 1 or record.map.shape != (1, *photo.shape[2:]):
        raise ResNetCoreError(
            f"The batch is {tuple(photo.shape)} and the map {tuple(record.map.shape)}, but one picture (1, 3, H, W) "
            "and its map (1, H, W) are needed."
        )
    if record.method not in METHODS:
        raise one_of("The record's method", record.method, METHODS)
    if not 0 <= int(record.target[0]) < model.num_classes:
        raise ResNetCoreError(
            f"The record is about class {int(record.target[0])}, but this network has the classes 0 to "
            f"{model.num_classes - 1}: the record is another network's."
        )
    if not isinstance(seed, Integral) or isinstance(seed, bool) or not 0 <= int(seed) < SEEDS:
        raise ResNetCoreError(f"The seed is {seed!r}, but must be a whole number from 0 to {SEEDS - 1}.")
    return Case(model, photo, record, int(seed))


def _chosen(names: Iterable[str]) -> list[Check]:
    """The checks in the order of the table, each once."""
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in CHECKS:
            raise one_of("The check", name, CHECKS)
    return [check for check in CHECKS.values() if check.id in wanted]


def _resolved(chosen: list[Check], values: Mapping[str, object], model: ResNet) -> dict[str, dict[str, object]]:
    """The value of every option of every chosen check; options of the same name share one value."""
    known = {option.name for check in chosen for option in check.options}
    for name in values:
        if name not in known:
            raise one_of(f"An option of {', '.join(check.id for check in chosen)}", name, sorted(known))
    return {
        check.id: {option.name: option.resolve(values, model.variant) for option in check.options} for check in chosen
    }


def _silent(check: Check, case: Case) -> str | None:
    """Why a check does not apply to this map; None if it does."""
    if why := check.silent(case):
        return why
    return without_order(map_of(case.record)) if check.needs_order else None
