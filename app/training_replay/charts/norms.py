"""The gradient norms of the blocks in one epoch of recorded training runs, over the range of all epochs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.shared.drawing.fields import named_ticks
from app.shared.drawing.layout import arranged, wrapped
from app.training_replay import words
from app.training_replay.charts.curves import LineStyle, LineStyles
from resnet_core.training import tables


def norm_chart(norms: pd.DataFrame, styles: LineStyles, epoch: int) -> go.Figure:
    """The gradient norm of every block in one epoch, and behind it the range over all epochs, on a log axis.

    `norms` is that of `tables.norms_of`. Nets with the same blocks share their names on the axis; others are
    aligned by relative depth.
    """
    shown = tables.norms_at(norms, epoch)
    blocks = {str(net): list(rows["block"]) for net, rows in shown.groupby("net", sort=False)}
    aligned = len({tuple(names) for names in blocks.values()}) <= 1
    figure = go.Figure()
    positions = {
        net: [index / (1 if aligned else len(names)) for index in range(1, len(names) + 1)]
        for net, names in blocks.items()
    }
    for net in blocks:
        figure.add_trace(_range(shown[shown["net"] == net], positions[net], styles[net]))
    for net in blocks:
        figure.add_trace(_points(shown[shown["net"] == net], positions[net], styles[net]))
    title = wrapped(words.norm_verdict(norms, epoch))
    x = "block" if aligned else "relative depth: 1 = last block"
    note = f"{words.norm_figures(norms, epoch)}. Points: this epoch. Bands: all epochs." if blocks else ""
    figure = arranged(figure, title=title, x=x, y="L2 norm of a block's gradient", note=note)
    if aligned and blocks:
        names = next(iter(blocks.values()))
        ticks = named_ticks(names)
        figure.update_xaxes(tickvals=[tick + 1 for tick in ticks], ticktext=[names[tick] for tick in ticks])
    return figure.update_yaxes(type="log", tickvals=_ticks(norms), tickformat=".3~g", range=_ends(norms))


def _range(rows: pd.DataFrame, positions: list[float], style: LineStyle) -> go.Scatter:
    red, green, blue = bytes.fromhex(style.colour[1:])
    return go.Scatter(
        x=[*positions, *positions[::-1]],
        y=[*rows["max"], *rows["min"][::-1]],
        mode="lines",
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},0.16)",
        line={"width": 0},
        legendgroup=rows["net"].iloc[0],
        showlegend=False,
        hoverinfo="skip",
    )


def _points(rows: pd.DataFrame, positions: list[float], style: LineStyle) -> go.Scatter:
    net = rows["net"].iloc[0]
    told = [
        f"{b}: {n:.3g} (all epochs: {low:.3g} to {high:.3g})"
        for b, n, low, high in rows[["block", "grad_norm", "min", "max"]].to_numpy()
    ]
    return go.Scatter(
        x=positions,
        y=rows["grad_norm"],
        name=net,
        legendgroup=net,
        mode="lines+markers",
        line={"color": style.colour, "width": 2.5},
        marker={"symbol": style.symbol, "size": 11 if len(rows) < 12 else 7, "color": style.colour},
        customdata=told,
        hovertemplate="%{customdata}<extra>" + net + "</extra>",
    )


def _ends(norms: pd.DataFrame) -> list[float] | None:
    """The axis of all epochs, in powers of ten, so that it stands still from one to the next."""
    positive = norms["grad_norm"][norms["grad_norm"] > 0]
    if positive.empty:
        return None
    low, high = np.log10([positive.min(), positive.max()])
    return [low - 0.05 * (high - low) - 0.02, high + 0.05 * (high - low) + 0.02]


def _ticks(norms: pd.DataFrame) -> list[float]:
    """Ticks of a log axis: the powers of ten, and digits between them the more, the fewer powers there are."""
    positive = norms["grad_norm"][norms["grad_norm"] > 0]
    if positive.empty:
        return []
    low, high = np.floor(np.log10([positive.min(), positive.max()])).astype(int)
    digits = (1, 2, 3, 5, 7) if high == low else (1, 2, 5) if high - low < 3 else (1,)
    return [digit * 10.0**power for power in range(low, high + 2) for digit in digits]
