"""A second network beside the first: the same method on the same photo, for the class that both have a word for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

import resnet_core as rc
from app import compute, controls, explanations, words
from app.figures import agreement
from app.sections.map_cards import Options, Shown, asked, one_map
from app.sections.seen import at_hand
from app.selection import Net, Subject


def counterpart(subject: Subject, net: Net) -> Subject:
    """The class of `subject` in `net`: the same word, else without words the same number, else its first answer."""
    network = compute.model(net)
    names = rc.class_names(network)
    if subject.name in names:
        return replace(subject, net=net, target=names.index(subject.name))
    if network.weights is None and subject.target < len(names):
        return replace(subject, net=net, name=names[subject.target])
    first = compute.prediction(net, subject.photo).iloc[0]
    return replace(subject, net=net, target=int(first["index"]), name=str(first["class"]))


def introduced(subject: Subject, net: Net) -> Subject | None:
    """The question to the second network, after a line on what it answers; None while its weights are not here."""
    if not at_hand(net):
        return None
    with controls.explained():
        other = counterpart(subject, net)
        answer = compute.prediction(net, subject.photo)
        st.caption(words.second_speaker(compute.model(net), answer, subject.name, other.target))
        return other
    return None


def two_maps(
    subject: Subject, other: Subject, method: str, look: controls.Look, checks: Sequence[str]
) -> tuple[Shown, Shown]:
    """One method in both networks, side by side, and how far they agree on the order of the pixels."""
    options = asked(subject, method)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(subject.net.label)
        first = one_map(subject, method, options, look, checks)
    with right:
        st.markdown(other.net.label)
        second = one_map(other, method, usable(options, method, other.net), look, checks, which="2")
    if first.record.map.shape == second.record.map.shape:  # else no pixel of one is a pixel of the other
        titled = ((each.subject.net.label, each.record) for each in (first, second))
        st.markdown(f"{agreement.finding(explanations.agreement(*titled))}, by the rank correlation of their maps.")
    return first, second


def usable(options: Options, method: str, net: Net) -> Options:
    """Those `options` of a method that another network has, too; it may have fewer stages."""
    variant = rc.VARIANTS[net.variant]
    offered = {option.name: option.choices(variant) for option in rc.METHODS[method].options if option.choices}
    return {name: value for name, value in options.items() if name not in offered or value in offered[name]}
