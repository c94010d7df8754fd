"""What the Attributions page compares: class, methods with their options, how maps are laid over the photo, checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

import resnet_core as rc
from app.controls.forget import forget_unless
from app.controls.row import row
from app.figures.maps import SMOOTHING, STYLES
from app.figures.strip import POINTS, Point

MOST = 4  # methods side by side
FIRST_METHODS = ("grad_cam", "integrated_gradients")


@dataclass(frozen=True)
class Look:
    """How a map is laid over the photo."""

    style: str
    smoothing: str
    opacity: float


def methods() -> list[str]:
    """One to four methods, in the order in which they were chosen."""
    return st.multiselect(
        f"Methods, up to {MOST}",
        list(rc.METHODS),
        FIRST_METHODS,
        format_func=lambda name: rc.METHODS[name].title,
        max_selections=MOST,
        key="methods",
        bind="query-params",
        persist_state="session",
    )


def look() -> Look:
    """Style, smoothing and opacity."""
    beside = row()
    style = beside.segmented_control(
        "Laid over the photo as",
        list(STYLES),
        default=next(iter(STYLES)),
        required=True,
        key="style",
        bind="query-params",
        persist_state="session",
    )
    smoothing = beside.selectbox(
        "Smoothing of the map",
        list(SMOOTHING),
        key="smoothing",
        width=230,
        bind="query-params",
        persist_state="session",
        help="Smoothing changes the picture and its scale, never the map that is checked and given as CSV and NPY.",
    )
    opacity = beside.slider("Opacity of the map", 0, 100, 60, 10, format="%d %%", key="map_opacity", width=160)
    return Look(style or next(iter(STYLES)), smoothing, opacity / 100)


def method_options(how: rc.Method, variant: rc.Variant) -> dict[str, float | str]:
    """A widget for each option of a method, behind a button."""
    with st.popover("Options", icon=":material/tune:", key=f"{how.id}_options"):
        if not how.options:
            st.caption(f"{how.title} has none.")
        return {option.name: _option(how, option, variant) for option in how.options}


def _option(how: rc.Method, option: rc.Option, variant: rc.Variant) -> float | str:
    key = f"{how.id}_{option.name}"
    label = option.name.replace("_", " ").capitalize()
    if option.choices is not None:
        words = list(option.choices(variant))
        forget_unless(key, words)  # another network has other layers
        default = words.index(str(option.default)) if option.default is not None else len(words) - 1
        return st.selectbox(label, words, index=default, key=key, help=option.help, bind="query-params")
    draw: Callable[..., float] = st.number_input if option.name == "seed" else st.slider
    return draw(label, option.low, option.high, option.default, key=key, help=option.help, bind="query-params")


def checks() -> Sequence[str]:
    """Which of the expensive checks are run on every map of the page."""
    dear = [name for name, check in rc.CHECKS.items() if not check.quick]
    return st.pills(
        "Put the maps to the test",
        dear,
        selection_mode="multi",
        format_func=lambda name: rc.CHECKS[name].title,
        key="checks",
        bind="query-params",
        persist_state="session",
        help="Each takes from seconds to minutes, and stops when you choose something else.",
    )


POINT_NAMES: dict[Point, str] = {
    "residual": "F(x)",
    "sum": "the sum",
    "output": "y, after the ReLU",
}


def point() -> Point:
    """Where in the last block of each stage Grad-CAM is taken."""
    found: Point | None = st.segmented_control(
        "Taken from the last block of each stage at",
        POINTS,
        format_func=lambda name: POINT_NAMES[name],
        default="output",
        required=True,
        key="cam_point",
        bind="query-params",
        persist_state="session",
    )
    return found or "output"
