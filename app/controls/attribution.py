"""Which attribution map: class, method and how it is laid over the photo."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app import words

DEFAULT_METHOD = "grad_cam"
FIRST = "first"  # whatever class is most probable


@dataclass(frozen=True)
class MapChoice:
    """Which attribution map is asked for, and how it is laid over the photo."""

    method: str
    target: int
    class_name: str
    opacity: float


def target_choice(which: str, answer: pd.DataFrame, place: DeltaGenerator) -> tuple[int, str]:
    """Number and name of the class to be explained; `answer` lists every class, most probable first."""
    names = dict(zip(answer["index"].astype(str), answer["class"], strict=True))
    titles = words.distinct(names)
    first = str(answer["index"].iloc[0])
    target = place.selectbox(
        "Show what mattered for",
        [FIRST, *names],
        format_func=lambda index: f"the first answer: {names[first]}" if index == FIRST else titles[index],
        key=f"class{which}",
        bind="query-params",
        persist_state="session",
    )
    index = first if target == FIRST else target
    return int(index), names[index]


def map_choice(which: str, answer: pd.DataFrame, columns: int) -> MapChoice:
    """Widgets for class, method and opacity; `answer` lists every class, most probable first."""
    places = st.columns(columns, gap="medium") if columns > 1 else [st.container()] * 3
    target, name = target_choice(which, answer, places[0])
    method = places[1].selectbox(
        "Method",
        list(rc.METHODS),
        index=list(rc.METHODS).index(DEFAULT_METHOD),
        format_func=lambda name: rc.METHODS[name].title,
        key=f"method{which}",
        bind="query-params",
    )
    opacity = places[2].slider("Opacity of the map", 0, 100, 60, 10, format="%d %%", key=f"opacity{which}")
    return MapChoice(method, target, name, opacity / 100)
