"""What the lesson on gradients measures: the flows that the Gradients page shows, with its seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

import resnet_core as rc
from app.course.lesson import Measured
from app.course.measured.settings import Settings, built, is_on, number_of, one_of, photo_of
from app.engine.selection import Flow
from app.gradients import computed, controls
from app.gradients.charts.shattering import direct_neighbours, likeness
from app.gradients.networks import left_out, trained
from app.shared.magnitudes import compared, figures, sized
from resnet_core.gradients.ends import ends


def first_over_last(settings: Settings, of: str) -> Measured:
    """The gradient of the first layer over that of the last."""
    ratios = [float(ends(computed.gradient_flow(flow), "grad_norm")["ratio"].iloc[0]) for flow in _flows(settings, of)]
    return _over(ratios, "that of the last layer")


def residual_over_plain(settings: Settings, of: str) -> Measured:
    """The largest gradient in a residual network over the largest in its plain twin."""
    plain, residual = (_largest(settings, f"{kind}-{of}") for kind in ("plain", "ResNet"))
    found = _over([_ratio(one, other) for one, other in zip(residual, plain, strict=True)], f"that of plain-{of}")
    return found._replace(low=_ratio(min(residual), max(plain)), high=_ratio(max(residual), min(plain)))


def first_gradient(settings: Settings, of: str) -> Measured:
    """The norm of the first layer's gradient."""
    norms = [_first(flow) for flow in _flows(settings, of)]
    said = "exactly 0" if max(norms) == 0 else sized(norms)
    return Measured(min(norms), max(norms), {"norm": said + _seeds(norms)})


def fall_with_steps(settings: Settings, of: str) -> Measured:
    """The first layer's gradient before the steps of SGD over that after them."""
    pairs = [(_first(replace(flow, steps=0)), _first(flow)) for flow in _flows(settings, of)]
    falls = [_ratio(before, after) for before, after in pairs]
    return _over([_ratio(after, before) for before, after in pairs], "before")._replace(low=min(falls), high=max(falls))


def likeness_of_neighbours(settings: Settings, of: str) -> Measured:
    """The correlation of the gradients of neighbours on a path between two pictures."""
    found = direct_neighbours(pd.concat([computed.shattering(flow) for flow in _flows(settings, of)]))
    values = found["correlation"].tolist()
    low, high = float(np.min(values)), float(np.max(values))  # NaN where a gradient is 0
    return Measured(low, high, {"correlation": likeness(found) + _seeds(values)})


def _flows(settings: Settings, title: str) -> Sequence[Flow]:
    """A network as the page measures it, with each seed. Raises `rc.ResNetCoreError` without its trained weights."""
    making = controls.Making(
        trained=one_of(settings, "learned", {True: controls.TRAINED}, False),
        norm=one_of(settings, "norm", controls.NORMS, "batch"),
        init=one_of(settings, "init", controls.INITS, "kaiming"),
        seeds=number_of(settings, "seeds", controls.SEEDS, 3),
        zero_init=is_on(settings, "zero_init"),
    )
    source = one_of(settings, "source", {each: each for each in controls.SOURCES}, controls.SAMPLES)
    measuring = controls.Measuring(
        steps=number_of(settings, "steps", controls.STEPS, 0),
        double=one_of(settings, "precision", {False: "single"}, True),
        source=source,
        photo=photo_of(settings) if source == controls.OWN else None,
    )
    flows = controls.flows_of([built(title)], making, measuring)
    if not making.trained:
        return flows
    known, missing = trained(flows)
    if missing:
        raise rc.ResNetCoreError(left_out(missing))
    return known


def _first(flow: Flow) -> float:
    return float(computed.gradient_flow(flow)["grad_norm"].iloc[0])


def _largest(settings: Settings, title: str) -> list[float]:
    """The largest gradient of a network with each seed."""
    return [float(computed.gradient_flow(flow)["grad_norm"].max()) for flow in _flows(settings, title)]


def _ratio(one: float, other: float) -> float:
    return one / other if other else math.nan


def _over(ratios: Sequence[float], other: str) -> Measured:
    if not all(map(math.isfinite, ratios)):
        return Measured(math.nan, math.nan, {"compared": f"not a number of times {other}"})
    said = compared(ratios, other) if min(ratios) > 0 else f"{figures(min(ratios), 1)} times {other}"
    return Measured(min(ratios), max(ratios), {"compared": said + _seeds(ratios)})


def _seeds(found: Sequence[float]) -> str:
    return f" ({len(found)} seeds)" if len(found) > 1 else " (one run)"
