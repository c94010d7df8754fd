"""Attributions: up to four methods on one photo, what each costs, and whether to trust it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

import resnet_core as rc
from app.attributions import controls
from app.attributions.cards import ShownMap, about, map_with_card, options_with_heading
from app.attributions.checks import agreeing, tested
from app.attributions.downloads import to_keep
from app.attributions.edits import edited
from app.attributions.second import introduced, two_maps
from app.attributions.stages import over_depth
from app.engine import compute
from app.engine.selection import Subject
from app.shared import sentences, sidebar
from app.shared.comparison import comparison_network
from app.shared.errors import explained
from app.shared.input_view import answers, at_hand, what_it_sees
from app.shared.map_choice import target_choice


def draw() -> None:
    selection = sidebar.selection()
    if not at_hand(selection.net):
        return
    with explained():
        answer = answers(selection.net, selection.photo)
        if answer is None:
            return
        sentences.speaker(compute.model(selection.net))
        first, second = st.columns([2, 3], gap="medium")
        target, name = target_choice("", answer, first)
        with second:
            methods = controls.methods()
        subject = Subject(selection.net, selection.photo, target, name)
        side_by_side(subject, methods)
        st.divider()
        over_depth(subject)
        st.divider()
        edited(subject)
        with st.expander("Methods that are not in the list, and why"):
            st.markdown("\n".join(f"- **{title}**: {why}" for title, why in rc.ABSENT_METHODS.items()))


def side_by_side(subject: Subject, methods: Sequence[str]) -> None:
    """The maps with their cards, how far they agree, and what the checks found."""
    if not methods:
        st.info("Choose at least one method.", icon=":material/stacks:")
        return
    checks = controls.checks()
    against, display = st.columns([4, 1], vertical_alignment="bottom")
    with against:
        net = comparison_network(subject.net)
    with display:
        overlay = controls.overlay_choice()
    other = None if net is None else introduced(subject, net)
    seconds: list[ShownMap | None] = []
    if other is None:
        shown = in_one_network(subject, methods, overlay, checks)
    else:
        pairs = in_two_networks(subject, other, methods, overlay, checks)
        shown, seconds = [first for first, _ in pairs], [second for _, second in pairs]
    if shown:
        agreeing(subject, shown)
        tested(subject, shown)
        to_keep(subject, shown, seconds)


def in_one_network(
    subject: Subject, methods: Sequence[str], overlay: controls.Overlay, checks: Sequence[str]
) -> list[ShownMap]:
    """The methods side by side; a single one next to the photo."""
    columns = st.columns(max(len(methods), 2), gap="medium")
    shown = []
    for column, method in zip(columns, methods, strict=False):
        with column, explained():
            shown.append(map_with_card(subject, method, options_with_heading(subject, method), overlay, checks))
            about(rc.METHODS[method])
    if len(methods) == 1:
        with columns[1]:
            what_it_sees(subject.net, subject.photo)
    return shown


def in_two_networks(
    subject: Subject, other: Subject, methods: Sequence[str], overlay: controls.Overlay, checks: Sequence[str]
) -> list[tuple[ShownMap, ShownMap | None]]:
    """The methods under each other, the networks side by side."""
    shown = []
    for method in methods:
        with explained():
            shown.append(two_maps(subject, other, method, overlay, checks))
            about(rc.METHODS[method])
    return shown


draw()
