"""Which gradients are compared: networks, weights, steps and batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

import streamlit as st

import resnet_core as rc
from app.engine.selection import Flow, Photo
from app.gradients.networks import left_out, trained
from app.gradients.words import QUANTITIES
from app.shared.families import FAMILIES
from app.shared.linked import Linked
from app.shared.photo import photo
from app.shared.row import row
from resnet_core.variants import Family, Init, Norm, Shortcut

DEPTHS: dict[Family, tuple[list[int], list[int]]] = {  # to choose from, and chosen at first
    "cifar": ([20, 32, 44, 56, 110], [20, 56, 110]),
    "imagenet": ([18, 34, 50, 101, 152], [18, 34]),
}
KINDS: dict[str, tuple[Literal["plain", "residual"], ...]] = {
    "both": ("plain", "residual"),
    "plain": ("plain",),
    "residual": ("residual",),
}
NORMS: dict[Norm, str] = {"batch": "batch norm", "none": "no norm"}
INITS: dict[Init, str] = {"kaiming": "Kaiming (He)", "normal": "normal, std 0.01"}
UNTRAINED, TRAINED = LEARNED = "untrained", "trained"
SOURCES = SAMPLES, OWN, NOISE = "sample photos", "your photo", "noise"
STEPS, SEEDS, PRECISIONS = (0, 1, 5, 20), (1, 3, 5), ("double", "single")
TRAINED_HELP = "Weights that are on this machine. Networks without any are named and left out."
ZERO_HELP = (
    "The last batch-norm weight γ of each residual block begins at 0, so that every block begins as its shortcut "
    "(Goyal et al. 2017, section 5.1). Needs batch norm; plain nets have no shortcut to begin as, and stay as they are."
)
PRECISION_HELP = (
    "A deep plain network multiplies rounding errors from layer to layer, and SGD steps can do so in any network. In "
    "single precision the last digits of gradients are noise, then the first ones can be too, and what is too small "
    "becomes 0. Double precision takes some times as long."
)


@dataclass(frozen=True)
class GradientChoice:
    """The networks to measure, each with every seed, which are left out and why, and how they are drawn."""

    flows: tuple[Flow, ...]
    left_out: str
    scale: str
    by_layer: bool


@dataclass(frozen=True)
class Making:
    """How the networks get their weights."""

    trained: bool
    norm: Norm
    init: Init
    seeds: int
    zero_init: bool


class Measuring(TypedDict):
    """What is done to every network."""

    steps: int
    double: bool
    source: str
    photo: Photo | None


def gradients(widgets: Linked) -> GradientChoice:
    """Widgets for the networks and, folded away, for their weights and the batch."""
    nets = _networks(widgets)
    with widgets.popover("Measurement", key="measurement"):
        making, measuring = _making(), _measuring()
    with widgets.popover("Display", key="display"):
        scale = Linked().segmented_control("Gradient of each conv", list(QUANTITIES), default="raw", key="scale")
        by_layer = Linked().toggle("By layer instead of relative depth", key="by_layer")
    flows = flows_of(nets, making, measuring)
    flows, missing = trained(flows) if making.trained else (flows, ())
    return GradientChoice(flows, left_out(missing), scale, by_layer)


def flows_of(nets: Sequence[tuple[str, Shortcut]], making: Making, measuring: Measuring) -> tuple[Flow, ...]:
    """Every network with every seed: first one seed of each, so that the chart is soon complete."""
    return tuple(
        Flow(
            variant=variant,
            how=rc.Build(
                shortcut=shortcut,
                norm=making.norm,
                init=making.init,
                zero_init_residual=making.zero_init and making.norm == "batch" and shortcut != "none",
            ),
            seed=seed,
            **measuring,
        )
        for seed in range(making.seeds)
        for variant, shortcut in nets
    )


def _networks(widgets: Linked) -> list[tuple[str, Shortcut]]:
    """Variants and shortcuts."""
    family: Family = widgets.selectbox(
        "Family", list(FAMILIES), format_func=lambda name: FAMILIES[name].nets, key="family", width=140
    )
    depths, at_first = DEPTHS[family]
    chosen = widgets.pills("Depths", depths, default=at_first, selection_mode="multi", key=f"depths_{family}")
    kinds = widgets.segmented_control("Networks", list(KINDS), key="kinds")
    return [(f"resnet{depth}", _shortcut(f"resnet{depth}", kind)) for depth in sorted(chosen) for kind in KINDS[kinds]]


def _making() -> Making:
    """Trained weights, or how random ones are drawn; trained ones leave nothing else to choose."""
    widgets = row()
    learned = widgets.segmented_control("Weights", LEARNED, default=UNTRAINED, key="learned", help=TRAINED_HELP)
    trained = learned == TRAINED
    norm = widgets.selectbox(
        "Norm", list(NORMS), format_func=lambda name: NORMS[name], key="norm", disabled=trained, width=155
    )
    init = widgets.selectbox(
        "Initial weights", list(INITS), format_func=lambda name: INITS[name], key="init", disabled=trained, width=155
    )
    seeds = widgets.segmented_control("Seeds", SEEDS, default=3, key="seeds", disabled=trained)
    zero_init = Linked().toggle(
        "Zero-init: each residual block begins as its shortcut",
        key="zero_init",
        disabled=trained or norm == "none",
        help=ZERO_HELP,
    )
    return Making(trained, norm, init, seeds, zero_init)


def _measuring() -> Measuring:
    """The batch, the steps taken on it, and the precision."""
    widgets = row()
    source = widgets.segmented_control("Sixteen pictures from", SOURCES, key="source")
    steps = widgets.segmented_control("SGD steps before measuring", STEPS, default=0, key="steps")
    precision = widgets.segmented_control(
        "Precision", PRECISIONS, default="double", key="precision", help=PRECISION_HELP
    )
    return {
        "steps": steps,
        "double": precision == "double",
        "source": source,
        "photo": photo() if source == OWN else None,
    }


def stopped(flows: tuple[Flow, ...]) -> bool:
    """Whether the visitor stopped measuring these networks."""
    return st.session_state.get("stopped") == flows


def stop(flows: tuple[Flow, ...]) -> None:
    """Measure no more of these networks, in a callback."""
    st.session_state["stopped"] = flows


def go_on() -> None:
    """Measure what is missing after all, in a callback."""
    st.session_state["stopped"] = None


def _shortcut(name: str, kind: str) -> Shortcut:
    return "none" if kind == "plain" else rc.VARIANTS[name].shortcut
