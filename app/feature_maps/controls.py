"""What the Feature maps page shows: a block, a tensor of it, the layout of its sheet, one channel, one unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.engine.selection import Part
from app.feature_maps.charts.parts import PART_NAMES
from app.shared import block_choice, link
from app.shared.linked import Linked
from app.shared.offers import Each, Number

Sort = Literal["mean", "variance", "contribution", "index"]
SORT_WORDS: dict[Sort, str] = {
    "mean": "mean, largest first",
    "variance": "variance, largest first",
    "contribution": "contribution to the first answer",
    "index": "index",
}
COLUMNS = ("square", "4", "8", "16")
SHARED, OF_ALL_BLOCKS, OWN = "one for the sheet", "one for all blocks", "one for each channel"
FEW = 64  # channels of a sheet that is not asked for all
DEFAULT_BLOCK = "layer1.0"
FOR_THUMBS = "<style>@media (hover: none) {[class*='st-key-step_'] button {min-height: 48px}}</style>"


@dataclass(frozen=True)
class SheetChoice:
    """How the channels of one tensor are laid out; `columns` None is a square."""

    part: Part
    sort: Sort
    columns: int | None
    scale: str
    everything: bool


def one_row() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two containers side by side, the second below where the window is narrow: for fields, and for buttons."""
    whole = st.container(horizontal=True, gap="small", vertical_alignment="bottom")
    fields, buttons = (
        whole.container(horizontal=True, gap="small", vertical_alignment="bottom", width="content") for _ in range(2)
    )
    return fields, buttons


def block(parent: DeltaGenerator, names: list[str]) -> str:
    """The opened layer; the stem is one too."""
    with parent.container(width=150):
        return block_choice.block(names, default=DEFAULT_BLOCK)


def steps(parent: DeltaGenerator, names: list[str], layer: str) -> None:
    """Buttons to the block before and the one after."""
    here = names.index(layer)
    parent.html(FOR_THUMBS)
    for word, to in (("Previous", here - 1), ("Next", here + 1)):
        there = 0 <= to < len(names)
        parent.button(
            word,
            key=f"step_{word.lower()}",
            on_click=block_choice.open_block,
            args=(names[to] if there else layer,),
            disabled=not there,
        )


def residual_is_zero(parent: DeltaGenerator) -> bool:
    """Whether F(x) of the opened block is set to 0."""
    help_words = "As with zero_init_residual, where every block starts as its shortcut."
    return Linked(parent).toggle("F(x) = 0", key="f_zero", help=help_words)


def tensor(parent: DeltaGenerator, parts: list[Part]) -> Part:
    """One of the tensors of the opened layer."""
    return Linked(parent).segmented_control(
        "Tensor",
        parts,
        format_func=lambda name: PART_NAMES[name],
        default="y",
        key="part",
        label_visibility="collapsed",
    )


def display(parent: DeltaGenerator) -> DeltaGenerator:
    """A place for what few visitors change."""
    return parent.popover("Display", icon=":material/tune:", key="display")


def sheet(parent: DeltaGenerator, part: Part, count: int) -> SheetChoice:
    """Order, columns, scale and number of the channels of a tensor with `count` of them."""
    with parent:
        sorts = [sort for sort in get_args(Sort) if part != "x" or sort != "contribution"]  # x is of another block
        sort: Sort = Linked().selectbox("Sorted by", sorts, format_func=lambda name: SORT_WORDS[name], key="sort")
        scale = Linked().selectbox("Scale", [SHARED, OF_ALL_BLOCKS, OWN], key="scale")
        columns = Linked().segmented_control("Columns", COLUMNS, key="columns")
        everything = Linked().toggle(f"All channels, not the first {FEW}", key="all_channels", disabled=count <= FEW)
    return SheetChoice(part, sort, None if columns == "square" else int(columns), scale, everything)


def channel(parent: DeltaGenerator, order: Sequence[int]) -> int:
    """One channel, at first the first in this order; a click in the sheet also sets it: `pick_channel`."""
    return Linked(parent).number_input("Channel", 0, len(order) - 1, order[0], key="channel", width=150)


def pick_channel(number: int) -> None:
    """Choose a channel in a callback, without the number field."""
    link.choose("channel", number)


def stepper(names: list[str], layer: str, chosen: int, count: int) -> Callable[[str], None]:
    """What an arrow key in the microscope does, by the name of the step."""
    here = names.index(layer)  # the session keeps the variables of `step`

    def step(way: str) -> None:
        further = 1 if way.startswith("next") else -1
        if way.endswith("block"):
            block_choice.open_block(names[min(max(here + further, 1), len(names) - 1)])
        else:
            pick_channel((chosen + further) % count)

    return step


def unit(height: int, width: int, strongest: tuple[int, int]) -> tuple[int, int]:
    """Row and column of the clicked unit, or of the strongest until one of a map of this size is clicked."""
    limits = [Number(0, height - 1), Number(0, width - 1)]
    row, column = link.choice("unit", Each(limits), strongest, of=(height, width))
    return row, column


def pick_unit(cell: int, height: int, width: int) -> None:
    """Choose a unit of a map of this size by its number in reading order, in a callback."""
    link.choose("unit", divmod(cell, width), of=(height, width))


def effective() -> bool:
    """Whether the measured field of the unit is shown."""
    return Linked().toggle("Effective receptive field", key="effective")
