"""Attributions: up to four methods on one photo, and whether to believe their maps."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import resnet_core as rc
from app.attributions import controls
from app.attributions.agreement_part import agreement_of_methods
from app.attributions.downloads import to_keep
from app.attributions.edits import edited
from app.attributions.maps_part import maps_and_checks
from app.attributions.question import Question
from app.attributions.second import introduced
from app.attributions.stages import over_depth
from app.engine import compute
from app.engine.selection import Selection, Subject
from app.shared import sentences, sidebar
from app.shared.comparison import comparison_network
from app.shared.errors import explained
from app.shared.input_view import answers, at_hand
from app.shared.linked import Linked
from app.shared.map_choice import target_choice

PARTS = {
    "Maps": maps_and_checks,
    "Agreement": agreement_of_methods,
    "Depth": over_depth,
    "Edit": edited,
    "Keep": to_keep,
}
WIDTHS = (154, 376, 190, 128)  # pixels of class, methods, second network and display: one row beside the sidebar


def draw() -> None:
    selection = sidebar.selection()
    if not at_hand(selection.net):
        return
    with explained():
        answer = answers(selection.net, selection.photo)
        if answer is None:
            return
        network = compute.model(selection.net)
        if network.weights is None:
            sentences.speaker(network)
        question = asked(selection, answer)
        chosen, tab = Linked().tabs(list(PARTS), key="maps_part")
        with tab:
            PARTS[chosen](question)
        if network.weights is not None:
            sentences.speaker(network)
        with st.expander("Methods that are not in the list, and why"):
            st.markdown("\n".join(f"- **{title}**: {why}" for title, why in rc.ABSENT_METHODS.items()))


def asked(selection: Selection, answer: pd.DataFrame) -> Question:
    """One row: class, methods, a second network, and how maps are drawn."""
    row = st.container(horizontal=True, gap="xsmall", vertical_alignment="bottom")
    first, second, third, fourth = (row.container(width=width) for width in WIDTHS)
    target, name = target_choice(answer, first)
    with second:
        methods = controls.methods()
    net = comparison_network(selection.net, third)
    with fourth:
        overlay = controls.overlay_choice()
    subject = Subject(selection.net, selection.photo, target, name)
    other = None if net is None else introduced(subject, net)
    return Question(subject, other, methods, overlay)


draw()
