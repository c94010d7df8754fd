"""Which attribution map: class, method and how it is laid over the photo."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

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


def map_choice(which: str, answer: pd.DataFrame, columns: int) -> MapChoice:
    """Widgets for class, method and opacity; `answer` lists every class, most probable first."""
    names = dict(zip(answer["index"].astype(str), answer["class"], strict=True))
    titles = words.distinct(names)
    first = str(answer["index"].iloc[0])
    places = st.columns(columns, gap="medium") if columns > 1 else [st.container()] * 3
    target = places[0].selectbox(
        "Show what mattered for",
        [FIRST, *names],
        format_func=lambda index: f"the first answer: {names[first]}" if index == FIRST else titles[index],
        key=f"class{which}",
        bind="query-params",
    )
    method = places[1].selectbox(
        "Method",
        list(rc.METHODS),
        index=list(rc.METHODS).index(DEFAULT_METHOD),
        format_func=lambda name: rc.METHODS[name].title,
        key=f"method{which}",
        bind="query-params",
    )
    opacity = places[2].slider("Opacity of the map", 0, 100, 60, 10, format="%d %%", key=f"opacity{which}")
    index = first if target == FIRST else target
    return MapChoice(method, int(index), names[index], opacity / 100)
