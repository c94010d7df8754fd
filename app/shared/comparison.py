"""What the network of the sidebar is compared with: nothing, itself before training, or a second network."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.engine import compute
from app.engine.selection import RANDOM, Net
from app.shared import sentences
from app.shared.linked import Linked
from app.shared.network import second_network

COMPARE = "Compare with"
NOTHING, RANDOM_TWIN, SECOND = "nothing", "random weights of the same network", "a second network"


def comparison_network(net: Net, parent: DeltaGenerator, **looks: Any) -> Net | None:
    """The network to compare `net` with, if any; one choice for all pages that compare.

    The list stands in `parent`, what else there is to choose in the page.
    """
    choices = [NOTHING, SECOND] if net.weights == RANDOM else [NOTHING, RANDOM_TWIN, SECOND]
    chosen = Linked(parent).selectbox(COMPARE, choices, key="against", **looks)
    if chosen == RANDOM_TWIN:
        return compute.untrained_twin(net)
    second = second_network() if chosen == SECOND else None
    if second == net:
        st.caption(f"{sentences.plain(net.label)} stands here already: choose another network, or other weights.")
        return None
    return second
