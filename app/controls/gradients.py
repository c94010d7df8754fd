"""Whose gradients are compared: networks, weights, steps and batch, and a question to the class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypedDict

import streamlit as st

import resnet_core as rc
from app import link
from app.controls.linked import Linked
from app.controls.row import row
from app.figures.gradient_words import QUANTITIES
from app.flows import left_out, trained
from app.questions import QUESTIONS, Question
from app.selection import Flow, Photo
from resnet_core.variants import Family, Init, Norm, Shortcut

FAMILIES: dict[Family, str] = {"cifar": "CIFAR nets", "imagenet": "ImageNet nets"}
DEPTHS: dict[Family, tuple[list[int], list[int]]] = {  # to choose from, and chosen at first
    "cifar": ([20, 32, 44, 56, 110], [20, 56, 110]),
    "imagenet": ([18, 34, 50, 101, 152], [18, 34]),
}
KINDS: dict[str, tuple[Literal["plain", "residual"], ...]] = {
    "plain and residual": ("plain", "residual"),
    "plain": ("plain",),
    "residual": ("residual",),
}
NORMS: dict[Norm, str] = {"batch": "batch norm", "none": "no norm"}
INITS: dict[Init, str] = {"kaiming": "Kaiming (He)", "normal": "normal, std 0.01"}
UNTRAINED, TRAINED = LEARNED = "untrained", "trained"
SAMPLES, OWN, NOISE = "sample photos", "your photo", "noise"
STEPS, SEEDS, PRECISIONS = (0, 1, 5, 20), (1, 3, 5), ("single", "double")
NO_QUESTION = "free exploration"
TRAINED_HELP = "Weights that are on this machine. Networks without any are named and left out."
ZERO_HELP = (
    "The last batch-norm weight γ of each residual block begins at 0, so that every block begins as its shortcut "
    "(Goyal et al. 2017, section 5.1). Needs batch norm; plain nets have no shortcut to begin as, and stay as they are."
)
PRECISION_HELP = "Double precision tells a gradient that is 0 from one that is too small for single precision (1e-45)."


@dataclass(frozen=True)
class GradientChoice:
    """The networks to be measured, every one with every seed, whom this leaves out and why, and how it is drawn."""

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


def question() -> Question | None:
    """A guided question: its settings are usual in the widgets below, and then it leaves them to the visitor.

    Who arrives by a link that says more than the question gets what the link says.
    """
    chosen = Linked().selectbox(
        "A question for the class", [NO_QUESTION, *(each.title for each in QUESTIONS)], key="question"
    )
    found = next((each for each in QUESTIONS if each.title == chosen), None)
    if found is not None and link.changed("question"):
        for key in found.settings:
            link.forget(key)
    link.suppose({} if found is None else found.settings)
    return found


def gradients(photo: Photo | None, *, folded: bool) -> GradientChoice:
    """Widgets for the networks, their weights and the batch, folded away or not; `photo` is the visitor's."""
    with st.expander("Networks, weights and pictures", expanded=not folded, icon=":material/tune:"):
        nets, making, measuring = _networks(), _making(), _measuring(photo)
    flows = tuple(
        Flow(
            variant=variant,
            shortcut=shortcut,
            norm=making.norm,
            init=making.init,
            seed=seed,
            zero_init=making.zero_init and making.norm == "batch" and shortcut != "none",
            **measuring,
        )
        for variant, shortcut in nets
        for seed in range(making.seeds)
    )
    flows, missing = trained(flows) if making.trained else (flows, ())
    beside = row()
    scale = beside.segmented_control("Gradient of each conv", list(QUANTITIES), default="raw", key="scale", **_needed())
    by_layer = beside.toggle("By layer instead of relative depth", key="by_layer", **_bound())
    return GradientChoice(flows, left_out(missing), scale or "raw", by_layer)


def _networks() -> list[tuple[str, Shortcut]]:
    """Variants and shortcuts."""
    beside = row()
    family: Family = beside.selectbox(
        "Family", list(FAMILIES), format_func=lambda name: FAMILIES[name], key="family", width=155, **_bound()
    )
    depths, at_first = DEPTHS[family]
    chosen = beside.pills(
        "Depths", depths, default=at_first, selection_mode="multi", key=f"depths_{family}", **_bound()
    )
    kinds = beside.segmented_control("Networks", list(KINDS), default="plain and residual", key="kinds", **_needed())
    return [
        (f"resnet{depth}", _shortcut(f"resnet{depth}", kind))
        for depth in sorted(chosen)
        for kind in KINDS[kinds or "plain and residual"]
    ]


def _making() -> Making:
    """Trained weights, or how random ones are drawn: nothing of that is left to choose for trained ones."""
    beside = row()
    learned = beside.segmented_control(
        "Weights", LEARNED, default=UNTRAINED, key="learned", help=TRAINED_HELP, **_needed()
    )
    trained = learned == TRAINED
    random = {"disabled": trained, "width": 155, **_bound()}
    norm = beside.selectbox("Norm", list(NORMS), format_func=lambda name: NORMS[name], key="norm", **random)
    init = beside.selectbox("Initial weights", list(INITS), format_func=lambda name: INITS[name], key="init", **random)
    seeds = beside.segmented_control("Seeds", SEEDS, default=1, key="seeds", disabled=trained, **_needed())
    zero_init = Linked().toggle(
        "Zero-init: each residual block begins as its shortcut",
        key="zero_init",
        disabled=trained or norm == "none",
        help=ZERO_HELP,
        **_bound(),
    )
    return Making(trained, norm, init, seeds or 1, zero_init)


def _measuring(photo: Photo | None) -> Measuring:
    """The batch, the steps taken on it, and the precision."""
    beside = row()
    sources = [SAMPLES, NOISE] if photo is None else [SAMPLES, OWN, NOISE]
    source = beside.segmented_control("Sixteen pictures from", sources, default=SAMPLES, key="source", **_needed())
    steps = beside.segmented_control("SGD steps before", STEPS, default=0, key="steps", **_needed())
    precision = beside.segmented_control(
        "Precision", PRECISIONS, default="single", key="precision", help=PRECISION_HELP, **_needed()
    )
    return {
        "steps": steps or 0,
        "double": precision == "double",
        "source": source or SAMPLES,
        "photo": photo if source == OWN else None,
    }


def guess(asked: Question) -> bool:
    """Ask for a guess; True once there is one."""
    number = QUESTIONS.index(asked) + 1
    return Linked().radio(asked.ask, asked.guesses, key=f"guess_{number}", horizontal=True) is not None


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


def _bound() -> dict[str, Any]:
    return {}


def _needed() -> dict[str, Any]:
    return {}
