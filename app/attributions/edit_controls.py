"""How parts of the photo are marked and removed: by superpixels, or by the edges of a rectangle."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app.shared import link
from app.shared.linked import Linked

SUPERPIXELS, RECTANGLE, PIXELS = "superpixels", "a rectangle", "first pixels"
NO_MAP = "the photo"
FILL_WORDS: dict[rc.Fill, str] = {
    "blur": "the blurred photo",
    "mean": "the mean colour",
    "black": "black",
    "white": "white",
}
LEAST = "what alone says least of the class"


@dataclass(frozen=True)
class EditChoice:
    """`by` says which way; `count` is the number of superpixels asked for; `fill` replaces removed parts.

    None means the fill that alone gives the class the least probability. `method` is that of the map over the photo,
    None for the photo alone.
    """

    by: str
    count: int
    fill: rc.Fill | None
    method: str | None


def edit(methods: Sequence[str], place: DeltaGenerator, tools: DeltaGenerator) -> EditChoice:
    """The way in `place`, and a popover in `tools`: the map over the photo, the fill and the number of superpixels."""
    by = Linked(place).segmented_control(
        "Take away",
        [SUPERPIXELS, RECTANGLE, PIXELS],
        key="edit_by",
        help="First pixels: those that the map ranks first.",
    )
    with tools, st.popover("Map and fill", icon=":material/tune:", key="edit_how"):
        inner = Linked()
        over = inner.selectbox(
            "Over the photo",
            [*methods, NO_MAP],
            format_func=lambda name: rc.METHODS[name].title if name in rc.METHODS else name,
            key="edit_over",
        )
        fill = inner.selectbox(
            "Replace with",
            [LEAST, *FILL_WORDS],
            format_func=lambda name: FILL_WORDS.get(name, name),
            key="edit_fill",
            help="The network also answers to the fill: compare two of them.",
        )
        count = inner.slider("Superpixels, about", 8, 128, 48, 8, key="edit_count", disabled=by != SUPERPIXELS)
    chosen = next((name for name in FILL_WORDS if name == fill), None)
    return EditChoice(by, count, chosen, None if over == NO_MAP else over)


def rectangle() -> dict[str, float]:
    """The edges of a rectangle in per cent of the picture, by name; the sliders are for keys."""
    with st.expander("The edges, for keys"):
        widgets = Linked()
        left, right = widgets.span("From left to right", 0, 100, (35, 65), format="%d %%", key="edit_columns")
        top, bottom = widgets.span("From top to bottom", 0, 100, (35, 65), format="%d %%", key="edit_rows")
    return {"left": left, "right": right, "top": top, "bottom": bottom}


def draw_rectangle(edges: Mapping[str, float]) -> None:
    """Set the edges, in a callback."""
    link.choose("edit_columns", (round(edges["left"]), round(edges["right"])))
    link.choose("edit_rows", (round(edges["top"]), round(edges["bottom"])))


def first_share() -> float:
    """The share of the pixels that are taken away, 0 to 1."""
    return Linked().slider("The map's first pixels", 1, 50, 10, format="%d %%", key="edit_share") / 100


def removed(count: int, cut: str) -> list[int]:
    """The superpixels that are taken away, numbered from 0 to `count` - 1; a new `cut` begins with none.

    The visitor writes numbers from 1 on, `3, 7, 10-15`, or marks them in the picture, see `remove`.
    """
    with st.container(key="page_only_numbers"):
        text = Linked().text_input(
            "Superpixels taken away, by number",
            key="edit_gone",
            of=cut,
            placeholder="none",
            help="For example 3, 7, 10-15. The picture shows the number of the superpixel under the pointer.",
        )
    try:
        return parsed_numbers(text, count)
    except ValueError:
        st.error(f"That does not say which of the superpixels 1 to {count}: write, for example, 3, 7, 10-15.")
        return []


def remove(ids: Sequence[int]) -> None:
    """Set the removed superpixels, in a callback."""
    link.choose("edit_gone", number_text(ids))


def number_text(ids: Sequence[int]) -> str:
    """Sorted numbers as text: counted from 1, with a hyphen for three and more in a row."""
    runs: list[list[int]] = []
    for number in ids:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shortened = [[f"{run[0] + 1}-{run[-1] + 1}"] if len(run) > 2 else [str(each + 1) for each in run] for run in runs]
    return ", ".join(itertools.chain.from_iterable(shortened))


def parsed_numbers(text: str, count: int) -> list[int]:
    """The inverse of `number_text`, sorted, without duplicates. Raises `ValueError` otherwise, and beyond `count`."""
    found: set[int] = set()
    for part in filter(None, re.split(r"[,\s]+", text)):
        said = re.fullmatch("([1-9][0-9]{0,3})(?:-([1-9][0-9]{0,3}))?", part)
        run = range(int(said[1]) - 1, int(said[2] or said[1])) if said else range(0)
        if not run or run[-1] >= count:
            raise ValueError(part)
        found |= set(run)
    return sorted(found)
