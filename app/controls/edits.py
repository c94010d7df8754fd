"""How parts of the photo are marked and taken away: by superpixels, or by the edges of a rectangle."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

import resnet_core as rc

SUPERPIXELS, RECTANGLE = "superpixels", "a rectangle"
FILL_WORDS: dict[rc.Fill, str] = {
    "blur": "the blurred photo",
    "mean": "the mean colour",
    "black": "black",
    "white": "white",
}


@dataclass(frozen=True)
class EditChoice:
    """`by` says which way; `count` is the number of superpixels asked for; `fill` stands where parts are gone."""

    by: str
    count: int
    fill: rc.Fill


def edit() -> EditChoice:
    """Widgets for the way, the number of superpixels and the fill."""
    first, second, third = st.columns(3, gap="medium", vertical_alignment="bottom")
    by = first.segmented_control(
        "Take away",
        [SUPERPIXELS, RECTANGLE],
        default=SUPERPIXELS,
        required=True,
        key="edit_by",
        bind="query-params",
        persist_state="session",
    )
    fill = second.selectbox(
        "In its place stands",
        list(FILL_WORDS),
        format_func=lambda name: FILL_WORDS[name],
        key="edit_fill",
        bind="query-params",
        persist_state="session",
        help="A network answers to what stands there, too: compare two of them.",
    )
    count = third.slider(
        "Superpixels, about", 8, 128, 48, 8, key="edit_count", bind="query-params", disabled=by == RECTANGLE
    )
    return EditChoice(by or SUPERPIXELS, count, fill)


def rectangle() -> dict[str, float]:
    """The edges of a rectangle in per cent of the picture, by name."""
    left, right = st.slider(
        "From left to right", 0, 100, (35, 65), 1, format="%d %%", key="edit_columns", bind="query-params"
    )
    top, bottom = st.slider(
        "From top to bottom", 0, 100, (35, 65), 1, format="%d %%", key="edit_rows", bind="query-params"
    )
    return {"left": left, "right": right, "top": top, "bottom": bottom}
