"""The controls that every page shares: which network, which photo. They give the frozen `Selection`."""

from __future__ import annotations

import streamlit as st

from app.engine.selection import Selection
from app.shared.components.again import run_again_after_a_loss
from app.shared.components.steps import one_step_a_page
from app.shared.network import network
from app.shared.photo import photo


def draw(*, on_landing_page: bool) -> None:
    """Draw the shared controls; the photo is in the page on the landing page, elsewhere in the sidebar."""
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
