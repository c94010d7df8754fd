"""Whose gradients are compared: networks, norm, initialisation, steps and batch, and a question to the class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

import resnet_core as rc
from app.controls.forget import forget_unless
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
SAMPLES, OWN, NOISE = "sample photos", "your photo", "noise"
STEPS, SEEDS = (0, 1, 5, 20), (1, 3, 5)
SCALES = ("raw", "scale-free")
NO_QUESTION = "free exploration"


@dataclass(frozen=True)
class GradientChoice:
    """The networks to be measured, every one with every seed, and how the result is drawn."""

    flows: tuple[Flow, ...]
    scale: str
    by_layer: bool


def question() -> Question | None:
    """A guided question: it sets the widgets below, once, and then leaves them to the visitor."""
    chosen = st.selectbox(
        "A question for the class",
        [NO_QUESTION, *(each.title for each in QUESTIONS)],
        key="question",
        bind="query-params",
        persist_state="session",
    )
    found = next((each for each in QUESTIONS if each.title == chosen), None)
    if found is not None and st.session_state.get("asked") != chosen:
        for key, value in found.settings.items():
            st.session_state[key] = value
    st.session_state["asked"] = chosen
    return found


def gradients(photo: Photo | None) -> GradientChoice:
    """Widgets for the networks, their norm and initialisation, the batch, steps and seeds; `photo` is the visitor's."""
    first, second, third = st.columns([3, 5, 5], gap="medium")
    family: Family = first.selectbox(
        "Family", list(FAMILIES), format_func=lambda name: FAMILIES[name], key="family", **_bound()
    )
    depths, at_first = DEPTHS[family]
    chosen = second.pills(
        "Depths", depths, default=at_first, selection_mode="multi", key=f"depths_{family}", **_bound()
    )
    kinds = third.segmented_control("Networks", list(KINDS), default="plain and residual", key="kinds", **_needed())
    first, second, third, fourth = st.columns(4, gap="medium")
    norm = first.selectbox("Norm", list(NORMS), format_func=lambda name: NORMS[name], key="norm", **_bound())
    init = second.selectbox(
        "Initial weights", list(INITS), format_func=lambda name: INITS[name], key="init", **_bound()
    )
    steps = third.segmented_control("SGD steps before", STEPS, default=0, key="steps", **_needed())
    seeds = fourth.segmented_control("Seeds", SEEDS, default=1, key="seeds", **_needed())
    first, second, third = st.columns([4, 4, 4], gap="medium", vertical_alignment="bottom")
    sources = [SAMPLES, NOISE] if photo is None else [SAMPLES, OWN, NOISE]
    forget_unless("source", sources)
    source = first.segmented_control("Sixteen pictures from", sources, default=SAMPLES, key="source", **_needed())
    scale = second.segmented_control("Norm of the gradient", SCALES, default="raw", key="scale", **_needed())
    by_layer = third.toggle("By layer instead of relative depth", key="by_layer", **_bound())
    flows = tuple(
        Flow(
            variant=f"resnet{depth}",
            shortcut=_shortcut(f"resnet{depth}", kind),
            norm=norm,
            init=init,
            seed=seed,
            steps=steps or 0,
            source=source or SAMPLES,
            photo=photo if source == OWN else None,
        )
        for depth in sorted(chosen)
        for kind in KINDS[kinds or "plain and residual"]
        for seed in range(seeds or 1)
    )
    return GradientChoice(flows, scale or "raw", by_layer)


def guess(asked: Question) -> bool:
    """Ask for a guess; True once there is one."""
    answer = st.radio(asked.ask, asked.guesses, index=None, key=f"guess {asked.title}")
    return answer is not None


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
    return {"bind": "query-params", "persist_state": "session"}


def _needed() -> dict[str, Any]:
    return {**_bound(), "required": True}
