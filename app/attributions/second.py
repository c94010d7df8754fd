"""A second network next to the first: the same method on the same photo, for a class that both have."""

from __future__ import annotations

import streamlit as st

import resnet_core as rc
from app.attributions import computed, words
from app.attributions.cards import ShownMap
from app.engine import compute
from app.engine.selection import Net, Subject
from app.engine.waiting import waiting
from app.shared import explanations, sentences
from app.shared.errors import explained
from app.shared.input_view import at_hand, has_answers
from app.shared.map_choice import counterpart
from resnet_core.attribution.methods.method import Options
from resnet_core.inside.answers import transform_of


def introduced(subject: Subject, net: Net) -> Subject | None:
    """The question to the second network, after a line with its answer; None while its weights are not here."""
    if not at_hand(net):
        return None
    with explained():
        answer = compute.prediction(net, subject.photo)
        if not has_answers(net, answer):
            return None
        other = counterpart(subject, net)
        trained = compute.model(net).weights is not None
        st.caption(sentences.second_speaker(net.label, answer, subject.name, other.target, trained=trained))
        return other
    return None


def compared(first: ShownMap, second: ShownMap | None) -> None:
    """How far two networks agree by one method, where both see the same pixels."""
    if second is not None and same_pixels(first.subject, second.subject):
        st.markdown(sentences.plain(agreeing(first, second)))
    elif second is not None:
        st.caption("The two networks see other pixels of the photo, so no rank correlation of their maps is given.")


def agreeing(first: ShownMap, second: ShownMap) -> str:
    """How far the two maps of one method agree, and what chance gives if a network has random weights."""
    matrix = computed.agreement(*((each.subject.net.label, each.record) for each in (first, second)))
    drawn = {each.subject.net.label: what for each in (first, second) if (what := each.drawn)}
    chance = None
    if explanations.RANDOM_WEIGHTS in drawn.values() and matrix.notna().all(axis=None):
        with waiting("Random maps as smooth"):
            chance = computed.chance(first.record)
    return words.two_networks(matrix, drawn, chance)


def same_pixels(subject: Subject, other: Subject) -> bool:
    """Whether a pixel of what one network sees is the same part of the photo as that pixel of the other."""
    first, second = (transform_of(compute.model(each.net)) for each in (subject, other))
    return (first.resize, first.crop) == (second.resize, second.crop)


def usable(options: Options, method: str, first: Net, second: Net) -> Options:
    """The `options` of a method for the `second` network, which may have other stages than the `first`.

    The last stage of the first network becomes the last of the second, and so does a stage that the second lacks.
    """
    kept = dict(options)
    for option in rc.METHODS[method].options:
        if option.choices is not None and option.name in kept:
            here, there = (option.choices(rc.VARIANTS[net.variant]) for net in (first, second))
            usual = here[-1] if option.default is None else option.default
            if kept[option.name] == usual or kept[option.name] not in there:
                del kept[option.name]
    return kept
