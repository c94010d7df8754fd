"""What the lesson on gradients measures: the flows that the Gradients page shows, with its seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import resnet_core as rc
from app.engine.selection import Flow
from app.gradients import computed
from app.gradients.controls import INITS, NORMS
from app.lessons.lesson import Measured
from app.lessons.measured.settings import Settings, built, one_of
from app.shared.magnitudes import compared, figures, sized
from resnet_core.gradients.ends import ends

SEEDS = range(3)
PRECISIONS = {True: "double", False: "single"}


def first_over_last(settings: Settings, of: str) -> Measured:
    """The gradient of the first layer over that of the last."""
    ratios = [float(ends(computed.gradient_flow(flow), "grad_norm")["ratio"].iloc[0]) for flow in _flows(settings, of)]
    return _over(ratios, "that of the last layer")


def residual_over_plain(settings: Settings, of: str) -> Measured:
    """The largest gradient in a residual network over the largest in its plain twin."""
    plain, residual = (_largest(settings, f"{kind}-{of}") for kind in ("plain", "ResNet"))
    return _over([residual[0] / plain[-1], residual[-1] / plain[0]], f"that of plain-{of}")


def first_gradient(settings: Settings, of: str) -> Measured:
    """The norm of the first layer's gradient."""
    norms = sorted(_first(flow) for flow in _flows(settings, of))
    said = "exactly 0" if norms[-1] == 0 else sized(norms)
    return Measured(norms[0], norms[-1], {"norm": f"{said} ({len(norms)} seeds)"})


def fall_with_steps(settings: Settings, of: str) -> Measured:
    """The first layer's gradient before the steps of SGD over that after them."""
    flows = _flows(settings, of)
    falls = [_first(replace(flow, steps=0)) / _first(flow) for flow in flows]
    return _over([1 / fall for fall in falls], "before")._replace(low=min(falls), high=max(falls))


def likeness_of_neighbours(settings: Settings, of: str) -> Measured:
    """The correlation of the gradients of neighbours on a path between two pictures."""
    tables = [computed.shattering(flow) for flow in _flows(settings, of)]
    found = sorted(float(table.loc[table["lag"] == 1, "correlation"].iloc[0]) for table in tables)
    low, high = (f"{round(value, 1) + 0.0:.1f}".replace("-", "\N{MINUS SIGN}") for value in (found[0], found[-1]))
    said = low if low == high else f"{low} to {high}"
    return Measured(found[0], found[-1], {"correlation": f"{said} ({len(found)} seeds)"})


def _flows(settings: Settings, title: str) -> list[Flow]:
    """The network as the page measures it, with each seed."""
    variant, shortcut = built(title)
    how = rc.Build(
        shortcut=shortcut,
        norm=one_of(settings, "norm", NORMS, "batch"),
        init=one_of(settings, "init", INITS, "kaiming"),
    )
    steps = int(settings.get("steps", ["0"])[-1])
    double = one_of(settings, "precision", PRECISIONS, True)
    return [Flow(variant, how, seed, steps, "sample photos", double=double) for seed in SEEDS]


def _first(flow: Flow) -> float:
    return float(computed.gradient_flow(flow)["grad_norm"].iloc[0])


def _largest(settings: Settings, title: str) -> list[float]:
    """The largest gradient of a network with each seed, in order."""
    return sorted(float(computed.gradient_flow(flow)["grad_norm"].max()) for flow in _flows(settings, title))


def _over(ratios: Sequence[float], other: str) -> Measured:
    if not all(map(math.isfinite, ratios)):
        return Measured(math.nan, math.nan, {"compared": "not a number of times " + other})
    said = compared(ratios, other) if min(ratios) > 0 else f"{figures(min(ratios), 1)} times {other}"
    return Measured(min(ratios), max(ratios), {"compared": f"{said} ({len(SEEDS)} seeds)"})
