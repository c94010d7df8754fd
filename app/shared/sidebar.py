"""The controls that every page shares: which network, which photo. They give the frozen `Selection`."""

from __future__ import annotations

import streamlit as st

from app.engine.selection import Selection
from app.shared.components.again import run_again_after_a_loss
from app.shared.components.steps import one_step_a_page
from app.shared.network import network
from app.shared.photo import photo


def draw(*, photo_in_page: bool) -> None:
    """Draw the shared controls in the sidebar; the photo in the page itself where that begins with it."""
    with st.sidebar:
        net = network()
    with st.container() if photo_in_page else st.sidebar:
        picture = photo(side_by_side=photo_in_page)
    with st.sidebar:
        invisible_parts()
    st.session_state["selection"] = Selection(net, picture)


def invisible_parts() -> None:
    """The invisible parts that every page has."""
    run_again_after_a_loss()
    one_step_a_page()


def selection() -> Selection:
    """What `draw` found in this run."""
    found: Selection = st.session_state["selection"]
    return found
