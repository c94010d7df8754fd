"""Can the map be read at all? If not: what is wrong with it and, as far as it can be measured, why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from resnet_core.attribution.comparison import Array, map_of
from resnet_core.attribution.maps import attribute, is_own_baseline
from resnet_core.checks.records import Case, Diagnosis, DiagnosisKind
from resnet_core.inside.answers import class_names, transform_of
from resnet_core.nets.private_view import private_view
from resnet_core.pictures.masks import FILLS

HOTTEST, MOST = 0.005, 0.5  # so small a share of the pixels (0.5 %, where colour scales end) holds so much of the map
PLATEAU = 0.5  # more than this share of the pixels has the largest value
CLAMPED = ("grad_cam", "guided_grad_cam")  # maps that Grad-CAM's ReLU can make blank

Cause = Callable[[Case], str | None]


def diagnosis(case: Case) -> Diagnosis:
    """The first problem that makes the map unreadable, with its cause. A sound map costs no pass of the network."""
    heat = map_of(case.record)
    for kind, find in KINDS.items():
        sentence = find(case, heat)
        if sentence is not None:
            return Diagnosis(kind, sentence)
    return Diagnosis("sound", None)


def _not_finite(case: Case, heat: Array) -> str | None:
    bad = int((~np.isfinite(heat)).sum())
    if not bad:
        return None
    return f"{bad:,} of {heat.size:,} values of this map are not finite numbers: {_first(case, BROKEN)}."


def _blank(case: Case, heat: Array) -> str | None:
    return None if heat.any() else f"This map is blank, every value is 0: {_first(case, SILENT)}."


def _constant(_case: Case, heat: Array) -> str | None:
    if np.ptp(heat) > 0:
        return None
    return f"Every pixel of this map has the same value, {heat.flat[0]:.3g}: it prefers no pixel to another."


def _concentrated(_case: Case, heat: Array) -> str | None:
    sizes = np.sort(np.abs(heat), axis=None)[::-1]
    if sizes[0] > MOST * sizes.sum():
        return f"One pixel holds {sizes[0] / sizes.sum():.0%} of this map, so its colours say little about the others."
    hottest = max(1, round(HOTTEST * sizes.size))
    share = sizes[:hottest].sum() / sizes.sum()
    if share <= MOST:
        return None
    return (
        f"{hottest:,} of {sizes.size:,} pixels hold {share:.0%} of this map: its colours say little about the others."
    )


def _saturated(_case: Case, heat: Array) -> str | None:
    share = float((np.abs(heat) == np.abs(heat).max()).mean())
    if share <= PLATEAU:
        return None
    return f"{share:.0%} of the pixels share the largest value of this map: it tells no difference among them."


KINDS: dict[DiagnosisKind, Callable[[Case, Array], str | None]] = {
    "not finite": _not_finite,
    "blank": _blank,
    "constant": _constant,
    "concentrated": _concentrated,
    "saturated": _saturated,
}


# --- why values are not finite


def _broken_weights(case: Case) -> str | None:
    tensors = case.model.state_dict()
    bad = [name for name, tensor in tensors.items() if not tensor.isfinite().all()]
    return (
        f"{len(bad)} of the network's {len(tensors)} tensors of weights hold NaN or infinity, first {bad[0]}"
        if bad
        else None
    )


def _broken_photo(case: Case) -> str | None:
    bad = int((~case.photo.isfinite()).sum())
    return f"{bad:,} values of the picture itself are NaN or infinite" if bad else None


def _overflow(case: Case) -> str | None:
    name = _first_block(case, lambda output: not bool(output.isfinite().all()))
    return f"the numbers inside the network grow beyond what it can hold, first in {name}" if name else None


BROKEN: tuple[Cause, ...] = (
    _broken_weights,
    _broken_photo,
    _overflow,
    lambda _case: "the weights, the picture and every block's output are finite, so they arise on the method's own way",
)


# --- why a map is blank


def _photo_is_the_baseline(case: Case) -> str | None:
    for name, value in case.record.options.items():
        if value in FILLS and is_own_baseline(case.photo, {name: value}, transform_of(case.model)).all():
            return f"the picture is the same as the {value} one that it is compared with (option {name})"
    return None


def _photo_is_zero(case: Case) -> str | None:
    return None if case.photo.any() else "the picture is exactly the mean colour, 0 in the network's units"


def _argued_against(case: Case) -> str | None:
    """Grad-CAM without its ReLU: feature maps, each weighted by its mean gradient, summed. (Selvaraju et al. 2017)"""
    if case.record.method not in CLAMPED:
        return None
    where = {name: str(value) for name, value in case.record.options.items() if name in ("layer", "point")}
    options: dict[str, Any] = {**where, "relu": "off"}
    sums = attribute(case.model, case.photo, case.target, "grad_cam", **options).raw
    if not sums.any() or sums.max() > 0:
        return None
    return (
        f"every gradient-weighted sum of feature maps at {where['layer']} is negative or 0 (from "
        f"{float(sums.min()):.3g} to {float(sums.max()):.3g}) and the method's ReLU cuts them to 0. All that the "
        f"network sees there argues against {class_names(case.model)[case.target]}"
    )


def _no_head_weights(case: Case) -> str | None:
    if case.model.fc.weight[case.target].any():
        return None
    return (
        f"the head's weights for {class_names(case.model)[case.target]} are all 0, so no feature can change its logit"
    )


def _dead_block(case: Case) -> str | None:
    name = _first_block(case, lambda output: not bool(output.any()))
    return f"the output of {name} is 0 everywhere, so nothing of the picture gets through" if name else None


def _no_gradient(case: Case) -> str | None:
    gradient = attribute(case.model, case.photo, case.target, "saliency").raw
    return None if gradient.any() else "the logit's gradient is exactly 0 in every pixel"


SILENT: tuple[Cause, ...] = (
    _photo_is_the_baseline,
    _argued_against,
    _no_head_weights,
    _dead_block,
    _no_gradient,
    _photo_is_zero,
    lambda _case: "the logit does react to the picture, but nothing of it is left on this method's way",
)


def _first(case: Case, causes: tuple[Cause, ...]) -> str | None:
    return next(found for cause in causes if (found := cause(case)))


def _first_block(case: Case, fits: Callable[[Tensor], bool]) -> str | None:
    """The first block whose output fits, in one forward pass."""
    view = private_view(case.model).eval()
    found: list[str] = []

    def look(name: str) -> Callable[[nn.Module, object, Tensor], None]:
        return lambda _module, _inputs, output: found.append(name) if fits(output) else None

    for name, block in view.named_blocks():
        block.register_forward_hook(look(name))
    with torch.no_grad():
        view(case.photo)
    return found[0] if found else None
