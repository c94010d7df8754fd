"""What the Feature maps page looks at: a tensor of a block, how its sheet is laid out, one channel, one unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import streamlit as st

from app.controls.forget import forget_unless
from app.controls.row import row
from app.figures.parts import PART_NAMES
from app.selection import Part

Sort = Literal["index", "mean", "variance", "contribution"]
SORT_WORDS: dict[Sort, str] = {
    "index": "index",
    "mean": "mean, largest first",
    "variance": "variance, largest first",
    "contribution": "contribution to the first answer",
}
COLUMNS = (4, 8, 16)


@dataclass(frozen=True)
class SheetChoice:
    """How the channels of one tensor are laid out."""

    part: Part
    sort: Sort
    columns: int
    per_channel: bool


def sheet(parts: list[Part]) -> SheetChoice:
    """Tensor, order, columns and scale; `parts` are the tensors that there are at the chosen place."""
    forget_unless("part", parts)  # the stem has one tensor only, a plain block no shortcut
    part: Part | None = st.segmented_control(
        "Tensor",
        parts,
        format_func=lambda name: PART_NAMES[name],
        default="y",
        required=True,
        key="part",
        bind="query-params",
        persist_state="session",
    )
    beside = row()
    sorts = [sort for sort in get_args(Sort) if part != "x" or sort != "contribution"]
    forget_unless("sort", sorts)  # the channels of x are another block's
    sort: Sort = beside.selectbox(
        "Channels sorted by",
        sorts,
        format_func=lambda name: SORT_WORDS[name],
        key="sort",
        width=260,
        bind="query-params",
        persist_state="session",
    )
    columns = beside.segmented_control(
        "Columns", COLUMNS, default=8, required=True, key="columns", bind="query-params", persist_state="session"
    )
    per_channel = beside.toggle(
        "A scale for each channel", key="per_channel", bind="query-params", persist_state="session"
    )
    return SheetChoice(part or "y", sort, columns or 8, per_channel)


def channel(count: int) -> int | None:
    """One channel by number, 0 to `count` - 1, or None; a click in the sheet chooses here, see `pick_channel`."""
    if int(st.session_state.get("channel") or 0) >= count:
        del st.session_state["channel"]
    return st.number_input(
        f"Channel, 0 to {count - 1}",
        0,
        count - 1,
        None,
        placeholder="the first of the sheet",
        key="channel",
        bind="query-params",
        persist_state="session",
    )


def pick_channel(number: int) -> None:
    """Choose a channel from outside the number field, in a callback."""
    st.session_state["channel"] = number


def unit(height: int, width: int, strongest: tuple[int, int]) -> tuple[int, int]:
    """Row and column of the clicked unit, or of the strongest one as long as none of this size was clicked."""
    row, column, of = st.session_state.get("unit", (0, 0, None))
    return (row, column) if of == (height, width) else strongest


def pick_unit(cell: int, height: int, width: int) -> None:
    """Choose a unit of a map of this size by its place in reading order, in a callback."""
    st.session_state["unit"] = (cell // width, cell % width, (height, width))
