"""Which attribution map: class, method and how it is laid over the photo."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app.shared import link, sentences
from app.shared.linked import Linked

DEFAULT_METHOD = "grad_cam"
SUFFIX = {"": "", "2": ", second network"}  # ends a label, by which of the two networks it is about
FIRST = "the first answer"  # the most probable class, in words that are true of every photo and network


@dataclass(frozen=True)
class MapChoice:
    """Which attribution map is asked for, and how it is laid over the photo."""

    method: str
    target: int
    class_name: str
    opacity: float


def pick_class(which: str, answer: pd.DataFrame, index: str) -> None:
    """Choose the class with this number, in a callback."""
    names = sentences.distinct(dict(zip(answer["index"].astype(str), answer["class"], strict=True)))
    if index in names:
        link.choose(f"class{which}", FIRST if index == str(answer["index"].iloc[0]) else names[index])


def target_choice(which: str, answer: pd.DataFrame, parent: DeltaGenerator) -> tuple[int, str]:
    """Number and name of the class to be explained; `answer` lists every class, most probable first."""
    names = dict(zip(answer["index"].astype(str), answer["class"], strict=True))
    indices = {
        title: index for index, title in sentences.distinct(names).items()
    }  # the word stays chosen: class numbers differ between networks
    chosen = Linked(parent).selectbox(f"Show what mattered for{SUFFIX[which]}", [FIRST, *indices], key=f"class{which}")
    index = indices.get(chosen, str(answer["index"].iloc[0]))
    return int(index), names[index]


def map_choice(which: str, answer: pd.DataFrame, under_answers: DeltaGenerator, under_map: DeltaGenerator) -> MapChoice:
    """Widgets for class, method and opacity; `answer` lists every class, most probable first."""
    target, name = target_choice(which, answer, under_answers)
    method = Linked(under_map).selectbox(
        f"Method{SUFFIX[which]}",
        list(rc.METHODS),
        default=DEFAULT_METHOD,
        format_func=lambda name: rc.METHODS[name].title,
        key=f"method{which}",
    )
    opacity = Linked(under_map.popover("Display", icon=":material/visibility:", key=f"display{which}")).slider(
        f"Opacity of the map{SUFFIX[which]}", 0, 100, 60, 10, format="%d %%", key=f"opacity{which}"
    )
    return MapChoice(method, target, name, opacity / 100)
