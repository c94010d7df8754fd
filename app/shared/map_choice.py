"""Which class an attribution map explains, and the same of a second network."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Net, Subject
from app.shared import link, sentences
from app.shared.linked import Linked
from app.shared.offers import One

DEFAULT_METHOD = "grad_cam"
FIRST = "the first answer"  # the most probable class, in words that are true of every photo and network
CLASS, CLASS_2 = "class", "class2"  # in the address


def target_choice(answer: pd.DataFrame, parent: DeltaGenerator) -> tuple[int, str]:
    """Number and name of the class to be explained; `answer` lists every class, most probable first."""
    numbers = _numbers(answer)
    # the word stays chosen: class numbers differ between networks
    chosen = Linked(parent).selectbox("Show what mattered for", [FIRST, *numbers], key=CLASS)
    return _target(answer, numbers, chosen)


def second_target(subject: Subject, net: Net, answer: pd.DataFrame) -> Subject:
    """The class to be explained of a second network: that of the first, until one of its own answers is picked."""
    if link.changed(CLASS):
        link.forget(CLASS_2)
    numbers = _numbers(answer)
    chosen: str | None = link.choice(CLASS_2, One([FIRST, *numbers]), None)
    if chosen is None:
        return counterpart(subject, net)
    target, name = _target(answer, numbers, chosen)
    return replace(subject, net=net, target=target, name=name)


def pick_class(which: str, answer: pd.DataFrame, index: str) -> None:
    """Choose the class with this number under the name `which`, in a callback."""
    names = {number: title for title, number in _numbers(answer).items()}
    if index in names:
        link.choose(which, FIRST if index == str(answer["index"].iloc[0]) else names[index])
        if which == CLASS:
            link.forget(CLASS_2)


def counterpart(subject: Subject, net: Net) -> Subject:
    """The class of `subject` in `net`: the same name, else without names the same number, else its first answer."""
    network = compute.model(net)
    names = rc.class_names(network)
    if subject.name in names:
        return replace(subject, net=net, target=names.index(subject.name))
    if network.weights is None and subject.target < len(names):
        return replace(subject, net=net, name=names[subject.target])
    first = compute.prediction(net, subject.photo).iloc[0]
    return replace(subject, net=net, target=int(first["index"]), name=str(first["class"]))


def _numbers(answer: pd.DataFrame) -> dict[str, str]:
    """The number of each class by its title, in the order of the answer."""
    names = dict(zip(answer["index"].astype(str), answer["class"], strict=True))
    return {title: index for index, title in sentences.distinct(names).items()}


def _target(answer: pd.DataFrame, numbers: dict[str, str], chosen: str) -> tuple[int, str]:
    index = int(numbers.get(chosen, answer["index"].iloc[0]))
    return index, str(answer["class"][answer["index"] == index].iloc[0])
