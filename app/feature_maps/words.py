"""Channels and units in words: a sheet, the field of one unit, and problems of a record or a photo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

import resnet_core as rc
from app.shared.drawing.bars import whole
from app.shared.magnitudes import figures
from app.shared.sentences import ONE_COLOUR, OVERFLOW

MOST = 0.9  # of the gradient, for the size of the measured field
SORTED_BY = {
    "index": "",
    "mean": " Sorted by mean, largest first.",
    "variance": " Sorted by variance over the photo, largest first.",
    "contribution": " Sorted by contribution to {answer}, largest first: gradient × y, summed over each map.",
}


def sheet_alt(what: str, table: pd.DataFrame, shown: Sequence[int]) -> str:
    """The channels `shown` of a sheet in words, from `rc.channel_statistics` with the channel as index."""
    seen = table.loc[list(shown)]
    silent = int((seen["zeros"] == 1).sum())
    strongest = seen["mean"].abs().idxmax() if seen["finite"].any() and silent < len(seen) else "none"
    count = f"All {len(table)}" if len(seen) == len(table) else f"{len(seen)} of {len(table)}"
    return f"{count} channels of {what} as one picture. {silent} are 0 everywhere; strongest on average: {strongest}"


def channel_label(channel: int, row: Any) -> str:
    """The words for a channel under the pointer."""
    if not row["finite"]:
        return f"channel {channel}: holds values that are not finite"
    spread = float(row["variance"]) ** 0.5
    return f"channel {channel}: mean {figures(row['mean'], 2)}, std {figures(spread, 2)}, {whole(row['zeros'])} % zeros"


def histogram_alt(title: str, values: NDArray[np.float32]) -> str:
    """A channel's histogram in words."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return f"{title.replace('<br>', ' ')}; no finite value"
    least, largest, mean = (figures(float(value), 2) for value in (finite.min(), finite.max(), finite.mean()))
    return f"{title.replace('<br>', ' ')}; values from {least} to {largest}, mean {mean}"


def shown_words(shown: int, count: int) -> str:
    """How many of the channels a sheet shows; "" if all."""
    return "" if shown == count else f", the first {shown}"


def sort_words(sort: str, answer: str) -> str:
    """How the channels of a sheet are ordered, in one sentence; "" for their own order."""
    return SORTED_BY[sort].format(answer=answer)


def unit_words(values: NDArray[np.float32], row: int, column: int, box: rc.Box | None, side: int) -> str:
    """One unit, its value and the part of the picture on which it can depend; no `box` for a channel of padding."""
    if box is None:
        return f"Unit in row {row}, column {column}: 0, whatever the picture, since this channel is zero padding."
    height, width = box.bottom - box.top, box.right - box.left
    share = height * width / side**2
    reach = "the whole picture" if share == 1 else f"{height} × {width} pixels, {whole(share)} % of the picture"
    cut = " (the frame is cut by the picture's border)" if box.clipped and share < 1 else ""
    value = figures(float(values[row, column]), 3)
    return f"Unit in row {row}, column {column}: {value}. In theory it can depend on {reach}{cut}."


def effective_words(field: NDArray[np.float32], box: rc.Box) -> str:
    """How much of the theoretical field a unit really uses."""
    strengths = np.sort(field[np.isfinite(field)].ravel())[::-1]
    total = float(strengths.sum(dtype=np.float64))
    if not total > 0:
        return (
            "The unit is 0 here: nothing moves it behind a closed ReLU, so its effective receptive field is empty. "
            "Choose a unit that is not 0."
        )
    needed = int(np.searchsorted(np.cumsum(strengths, dtype=np.float64), MOST * total)) + 1
    area = (box.bottom - box.top) * (box.right - box.left)
    return (
        f"Effective receptive field: {100 * MOST:g} % of the gradient lies in {100 * needed / area:.0f} % of the "
        "theoretical field, as a rule around its middle (Luo et al. 2016). The frame is what can matter at all, the "
        "colour how strongly the unit reacts to a tiny change there."
    )


def record_problems(photo: Image.Image, measured: pd.DataFrame, *, trained: bool) -> list[str]:
    """Why the maps show nothing: a photo without content, values that are not finite, or only zeros."""
    problems = []
    if photo.getcolors(1) is not None:  # None: more colours than one
        problems.append(ONE_COLOUR)
    broken = measured[~measured["finite"]]
    if not broken.empty:
        why = "these weights are broken, or the network diverged." if trained else f"it overflows. {OVERFLOW}"
        problems.append(f"From {broken.iloc[0]['block']} on the activations are NaN or infinite (grey): {why}")
    silent = measured[measured["zeros"] == 1]
    if not silent.empty:
        problems.append(f"From {silent.iloc[0]['block']} on all activations are 0: nothing of the photo comes through.")
    return problems
