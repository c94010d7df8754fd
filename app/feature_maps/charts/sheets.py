"""All channels of a tensor as one picture."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.shared.drawing.colours import DIVERGING, SEQUENTIAL, colour_map
from app.shared.drawing.heat import scale_of
from app.shared.magnitudes import reading
from resnet_core.attribution.comparison import ROBUST

WIDEST = 1440  # pixels of a sheet, the widest that Streamlit shows without shrinking it
SMALLEST = 32  # pixels of a cell
ENOUGH = 400_000  # pixels of a whole sheet: more would take long to send and show nothing more
GAP = 2  # transparent pixels between two cells; half of it lies around the sheet, so that all cells are equally wide
LEVELS = 101  # colours of a sheet, a step of 1 % each; odd, so that one of them is exactly 0 on a signed scale
MOST_COLUMNS = 16
BROKEN, EMPTY = LEVELS, LEVELS + 1  # the entries of the palette after the colours: not finite, and no cell


@dataclass(frozen=True, eq=False)
class Sheet:
    """A painted sheet: `channels` in reading order, in `rows` of `columns` equal cells.

    `limit` is the end of the common scale, None if every channel has a scale of its own; `shared` says that it is the
    scale of all blocks.
    """

    png: bytes
    channels: tuple[int, ...]
    columns: int
    rows: int
    limit: float | None
    signed: bool
    shared: bool = False


def paint_sheet(
    maps: NDArray[np.floating],
    order: Sequence[int],
    *,
    columns: int,
    signed: bool,
    per_channel: bool,
    limit: float | None = None,
) -> Sheet:
    """Paint the channels `order` of `maps` (C, H, W) as one PNG with a palette; values that are not finite are grey.

    A value becomes a square of equal pixels, as large as a sheet of 1440 pixels in width allows, which fits maps of up
    to 88 pixels in 16 columns. The scale ends at `limit`, which all blocks share, else where 99.5 % of the magnitudes
    do, as in `heat.scale_of`.
    """
    chosen = np.asarray(maps, dtype=np.float32)[list(order)]
    count, height, width = chosen.shape
    finite = np.isfinite(chosen)
    groups = chosen.reshape(count if per_channel else 1, -1)
    limits = _limits(groups) if limit is None or per_channel else np.array([limit], np.float32)
    indices = _indices(chosen, finite, limits[:, None, None], signed=signed)
    rows, factor = -(-count // columns), _factor(count, height, width, columns)
    cells = np.full((rows * columns, height, width), EMPTY, np.uint8)
    cells[:count] = indices
    grid = np.full((rows, height * factor + GAP, columns, width * factor + GAP), EMPTY, np.uint8)
    edge = GAP // 2
    grid[:, edge:-edge, :, edge:-edge] = (
        cells.reshape(rows, columns, height, width).repeat(factor, 2).repeat(factor, 3).transpose(0, 2, 1, 3)
    )
    painted = _packed(grid.reshape(grid.shape[0] * grid.shape[1], -1), signed=signed)
    end = None if per_channel else float(limits[0])
    return Sheet(painted, tuple(order), columns, rows, end, signed, shared=limit is not None and not per_channel)


def _factor(count: int, height: int, width: int, columns: int) -> int:
    """The side of a value in pixels: as large as fits, and at least that of the smallest cell."""
    fits = (WIDEST // columns - GAP) // width
    enough = int((ENOUGH / (count * height * width)) ** 0.5)
    needed = -(-SMALLEST // width)
    return max(1, min(fits, max(enough, needed)))


def _limits(groups: NDArray[np.float32]) -> NDArray[np.float32]:
    """The end of the scale of each row of values (G, N), as `heat.scale_of` gives it, for all rows at once."""
    ordered = np.sort(np.abs(groups), axis=1)  # NaN and infinite values last
    last = groups.shape[1] - 1
    below = int(ROBUST * last)
    low, high, largest = ordered[:, below], ordered[:, min(below + 1, last)], ordered[:, last]
    whole = np.isfinite(largest)
    with np.errstate(invalid="ignore"):  # in the rows with such values, which come next
        limits = low + (high - low) * np.float32(ROBUST * last - below)
    limits = np.where(limits > 0, limits, largest)
    for index in np.flatnonzero(~whole):
        limits[index] = scale_of(groups[index], signed=False).limit
    return limits


def _indices(
    values: NDArray[np.float32], finite: NDArray[np.bool_], limits: NDArray[np.float32], *, signed: bool
) -> NDArray[np.uint8]:
    """Values to entries of the palette."""
    middle = (LEVELS - 1) / 2 if signed else 0
    with np.errstate(over="ignore", invalid="ignore"):
        levels = values * (np.float32(LEVELS - 1 - middle) / np.where(limits > 0, limits, 1)) + np.float32(middle + 0.5)
    if finite.all():
        return levels.clip(0, LEVELS - 1).astype(np.uint8)
    return np.where(finite, np.nan_to_num(levels).clip(0, LEVELS - 1), BROKEN).astype(np.uint8)


def _packed(indices: NDArray[np.uint8], *, signed: bool) -> bytes:
    """Entries of the palette (H, W) as a PNG file."""
    picture = Image.fromarray(indices, "P")
    colours = colour_map(np.linspace(0, 1, LEVELS), DIVERGING if signed else SEQUENTIAL)
    picture.putpalette([*colours.ravel().tolist(), 128, 128, 128, 0, 0, 0])
    picture.info["transparency"] = EMPTY
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def square(count: int) -> int:
    """The number of columns in which so many channels fill about a square; not so many that a cell cannot be seen."""
    return min(max(1, math.ceil(math.sqrt(count))), MOST_COLUMNS)


def scale_words(sheet: Sheet, what: str) -> str:
    """How to read the colours of a sheet of `what`, in one sentence."""
    if sheet.limit is None:
        colours = "colours" if sheet.signed else "brightness"
        return f"Each channel of {what} has a scale of its own, so {colours} cannot be compared between channels."
    if sheet.limit == 0:
        return f"Every finite value of {what} is 0."
    limit = reading(sheet.limit)
    ends = f"−{limit} to {limit}, symmetric about 0" if sheet.signed else f"0 to {limit}"
    if sheet.shared:
        return f"One scale for {what.partition(' of ')[0]} of every block: {ends}."
    beyond = f"about {100 - 100 * ROBUST:.1g} % of the values lie beyond its end"
    return f"One scale for the whole sheet of {what}: {ends}; {beyond}."
