"""What the Attributions page compares: the methods, how maps are laid over the photo, the checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

import resnet_core as rc
from app.attributions.charts.stages import POINTS, Point
from app.shared import link
from app.shared.drawing.maps import SMOOTHING, STYLES
from app.shared.linked import Linked
from app.shared.offers import Many

MOST = 4  # methods side by side
FIRST_METHODS = ("grad_cam", "integrated_gradients")


@dataclass(frozen=True)
class Overlay:
    """How a map is laid over the photo."""

    style: str
    smoothing: str
    opacity: float

    @property
    def is_smoothed(self) -> bool:
        """Whether the picture has another scale than the map."""
        return SMOOTHING[self.smoothing] > 0


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
    with st.popover("Display", icon=":material/tune:", key="display", width="stretch"):
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


TEST = "Put the maps to the test"
DEAR = [name for name, check in rc.CHECKS.items() if not check.quick]


def checks() -> Sequence[str]:
    """Which expensive checks are run on every map of the page."""
    line = st.container(horizontal=True, gap="small", vertical_alignment="center")
    line.markdown(
        TEST, width="content", help="Each takes seconds to minutes, and stops when you choose something else."
    )
    return Linked(line).pills(
        TEST, DEAR, format_func=_title_of_check, key="checks", label_visibility="collapsed", wrap=True
    )


def chosen_checks() -> Sequence[str]:
    """The same choice, where its widget is not shown."""
    found: Sequence[str] = link.choice("checks", Many(DEAR, _title_of_check), [])
    return found


def _title_of_check(name: str) -> str:
    return rc.CHECKS[name].title


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
