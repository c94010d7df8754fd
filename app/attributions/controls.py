"""What the Attributions page compares: class, methods with their options, how maps are laid over the photo, checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

import resnet_core as rc
from app.attributions.charts.stages import POINTS, Point
from app.shared.drawing.maps import SMOOTHING, STYLES
from app.shared.linked import Linked

MOST = 4  # methods side by side
FIRST_METHODS = ("grad_cam", "integrated_gradients")


@dataclass(frozen=True)
class Overlay:
    """How a map is laid over the photo."""

    style: str
    smoothing: str
    opacity: float


def methods() -> list[str]:
    """One to four methods, in the order in which they were chosen."""
    return Linked().multiselect(
        f"Methods, up to {MOST}",
        list(rc.METHODS),
        default=FIRST_METHODS,
        format_func=lambda name: rc.METHODS[name].title,
        most=MOST,
        key="methods",
    )


def overlay_choice() -> Overlay:
    """Style, smoothing and opacity, in a popover."""
    with st.popover("Display", icon=":material/tune:", key="display"):
        widgets = Linked()
        style = widgets.segmented_control("Laid over the photo as", list(STYLES), key="style")
        smoothing = widgets.selectbox(
            "Smoothing of the map",
            list(SMOOTHING),
            key="smoothing",
            help="Smoothing changes the picture and its scale, never the map that is checked and given as CSV and NPY.",
        )
        opacity = widgets.slider("Opacity of the map", 0, 100, 60, 10, format="%d %%", key="map_opacity")
    return Overlay(style, smoothing, opacity / 100)


def method_options(how: rc.Method, variant: rc.Variant) -> dict[str, float | str]:
    """A widget for each option of a method, in a popover."""
    with st.popover("Options", icon=":material/tune:", key=f"{how.id}_options"):
        if not how.options:
            st.caption(f"{how.title} has none.")
        return {option.name: _option(how, option, variant) for option in how.options}


def _option(how: rc.Method, option: rc.Option, variant: rc.Variant) -> float | str:
    key = f"{how.id}_{option.name}"
    label = option.name.replace("_", " ").capitalize()
    if option.choices is not None:
        words = list(option.choices(variant))
        usual = words[-1] if option.default is None else str(option.default)
        return Linked().selectbox(label, words, default=usual, key=key, help=option.help)
    draw: Callable[..., float] = Linked().number_input if option.name == "seed" else Linked().slider
    return draw(label, option.low, option.high, option.default, key=key, help=option.help)


def checks() -> Sequence[str]:
    """Which expensive checks are run on every map of the page."""
    dear = [name for name, check in rc.CHECKS.items() if not check.quick]
    return Linked().pills(
        "Put the maps to the test",
        dear,
        format_func=lambda name: rc.CHECKS[name].title,
        key="checks",
        help="Each takes from seconds to minutes, and stops when you choose something else.",
    )


POINT_NAMES: dict[Point, str] = {
    "residual": "F(x)",
    "sum": "the sum",
    "output": "y, after the ReLU",
}


def point() -> Point:
    """Where in the last block of each stage Grad-CAM is taken."""
    found: Point = Linked().segmented_control(
        "Taken from the last block of each stage at",
        POINTS,
        format_func=lambda name: POINT_NAMES[name],
        default="output",
        key="cam_point",
    )
    return found
