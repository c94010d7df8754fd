"""Every widget: its key, its default and its place in the URL, once. The shared ones give the frozen `Selection`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

import resnet_core as rc
from app import words
from app.components.again import run_again_after_a_loss
from app.components.steps import one_step_a_page
from app.controls.anatomy import anatomy, block, detail, fold, in_keras, open_block, unfolded
from app.controls.attribution import MapChoice, map_choice, target_choice
from app.controls.attributions import Look, checks, look, method_options, methods, point
from app.controls.beside import beside
from app.controls.edits import RECTANGLE, EditChoice, edit, rectangle, remove, removed
from app.controls.features import (
    SheetChoice,
    channel,
    effective,
    pick_channel,
    pick_unit,
    sheet,
    unit,
)
from app.controls.gradients import (
    GradientChoice,
    as_asked,
    ask_again,
    go_on,
    gradients,
    guess,
    question,
    stop,
    stopped,
)
from app.controls.network import compare, network, second_network
from app.controls.photo import photo
from app.controls.reliability import reliability, temperature
from app.controls.replay import epoch, runs
from app.gate import mishaps
from app.selection import Selection

__all__ = [
    "RECTANGLE",
    "EditChoice",
    "GradientChoice",
    "Look",
    "MapChoice",
    "SheetChoice",
    "anatomy",
    "as_asked",
    "ask_again",
    "beside",
    "block",
    "channel",
    "checks",
    "compare",
    "detail",
    "draw",
    "edit",
    "effective",
    "epoch",
    "explained",
    "fold",
    "go_on",
    "gradients",
    "guess",
    "in_keras",
    "look",
    "map_choice",
    "method_options",
    "methods",
    "open_block",
    "pick_channel",
    "pick_unit",
    "point",
    "question",
    "rectangle",
    "reliability",
    "remove",
    "removed",
    "runs",
    "second_network",
    "selection",
    "sheet",
    "stop",
    "stopped",
    "target_choice",
    "temperature",
    "unfolded",
    "unit",
]


def draw(*, on_landing_page: bool) -> None:
    """Draw the shared controls; the photo stands in the page where a visitor arrives, in the sidebar elsewhere."""
    with st.sidebar:
        net = network()
    with st.container() if on_landing_page else st.sidebar:
        picture = photo(side_by_side=on_landing_page)
    with st.sidebar:
        run_again_after_a_loss()
        one_step_a_page()
    st.session_state["selection"] = Selection(net, picture)


def selection() -> Selection:
    """What `draw` found in this run."""
    found: Selection = st.session_state["selection"]
    return found


@contextmanager
def explained() -> Iterator[None]:
    """Errors that a visitor can cause, and what befalls the machine, end as one sentence in the page."""
    try:
        with mishaps():
            yield
    except rc.ResNetCoreError as error:
        st.error(words.plain(error), icon=":material/error:")
