"""What the Feature maps page shows: a tensor of a block, the layout of its sheet, one channel, one unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from app.engine.selection import Part
from app.feature_maps.charts.parts import PART_NAMES
from app.shared import link
from app.shared.linked import Linked
from app.shared.offers import Each, Number
from app.shared.row import row

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
    """Tensor, order, columns and scale; `parts` are the tensors of the chosen layer."""
    part: Part = Linked().segmented_control(
        "Tensor", parts, format_func=lambda name: PART_NAMES[name], default="y", key="part"
    )
    widgets = row()
    sorts = [sort for sort in get_args(Sort) if part != "x" or sort != "contribution"]  # x belongs to another block
    sort: Sort = widgets.selectbox(
        "Channels sorted by",
        sorts,
        format_func=lambda name: SORT_WORDS[name],
        key="sort",
        width=260,
    )
    columns = widgets.segmented_control("Columns", COLUMNS, default=8, key="columns")
    per_channel = widgets.toggle("A scale for each channel", key="per_channel")
    return SheetChoice(part, sort, columns, per_channel)


def channel(order: Sequence[int]) -> int:
    """One channel of a sheet, at first the first in this order; a click in the sheet also sets it: `pick_channel`."""
    return Linked().number_input(f"Channel, 0 to {len(order) - 1}", 0, len(order) - 1, order[0], key="channel")


def pick_channel(number: int) -> None:
    """Choose a channel in a callback, without the number field."""
    link.choose("channel", number)


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
    return Linked().toggle("Effective receptive field of this unit", key="effective")
