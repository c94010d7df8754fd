"""How the values of one channel are distributed."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.shared.drawing.bars import percent
from app.shared.drawing.colours import OUTPUT
from app.shared.drawing.layout import GREY, arranged, wrapped

BARS = 30


def histogram(values: NDArray[np.floating], *, what: str = "this channel", colour: str = OUTPUT) -> go.Figure:
    """The histogram of the values (H, W) of one channel; exact zeros, as from a ReLU, have a bar of their own."""
    finite = values[np.isfinite(values)].astype(np.float64)
    others = finite[finite != 0]
    zeros = finite.size - others.size
    step = (others.max(initial=0) - others.min(initial=0)) / BARS or 1.0
    last = max(np.ceil(others.max(initial=0) / step), 1) - 1
    bins, counts = np.unique(np.minimum(np.floor(others / step), last), return_counts=True)
    figure = go.Figure()
    figure.add_trace(_bars(bins, counts, step, "not 0", colour, "%{customdata[0]:.3g} to %{customdata[1]:.3g}"))
    if zeros:
        figure.add_trace(_bars(np.zeros(1), np.array([zeros]), step, "exactly 0", GREY, "exactly 0"))
    broken = values.size - finite.size
    note = f"{broken} of {values.size} values are not finite and left out." if broken else ""
    figure = arranged(figure, title=wrapped(_finding(finite, what)), x="activation", y="pixels of the map", note=note)
    return figure.update_layout(barmode="stack", bargap=0)


def _bars(
    bins: NDArray[np.floating], counts: NDArray[np.integer], step: float, name: str, colour: str, range_words: str
) -> go.Bar:
    return go.Bar(
        x=(bins + 0.5) * step,
        y=counts,
        width=step * 0.94,
        name=name,
        marker={"color": colour, "line": {"width": 0}},
        customdata=np.stack([bins * step, (bins + 1) * step], axis=1),
        hovertemplate=f"{range_words}: %{{y}} pixels<extra></extra>",
    )


def _finding(finite: NDArray[np.float64], what: str) -> str:
    """The most striking fact of the histogram."""
    if not finite.size:
        return f"No value of {what} is finite"
    zeros, negative = float((finite == 0).mean()), float((finite < 0).mean())
    if zeros == 1:
        return f"All of {what} is exactly 0"
    if zeros > negative:
        return f"{percent(zeros)} of {what} is exactly 0"
    return f"{percent(negative)} of {what} is negative" if negative else f"No value of {what} is 0"
