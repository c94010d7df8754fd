"""All networks that keep some of the blocks, each a dot: how many it keeps, and its error on the test pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.lesions.charts.notes import LOW, Recorded, View, chance_words, errors_words, listed, pictures_words
from app.lesions.charts.subnetworks import SPREAD, block_names, kept_words
from app.shared.drawing.bars import percent
from app.shared.drawing.layout import arranged, as_text, wrapped


def kept_of(net: Recorded, total: int) -> pd.Series:
    """How many of the `total` blocks each network keeps, those that cannot go among them."""
    return net.table["blocks"] + total - len(block_names(net.table))


def kept_chart(nets: Sequence[Recorded], view: View) -> go.Figure:
    """A dot a network, and the median of each number of blocks as a line."""
    figure, total = go.Figure(), view.blocks
    for net in nets:
        kept, errors, names = kept_of(net, total), 100 * net.table["error"], block_names(net.table)
        aside = np.random.default_rng(0).uniform(-SPREAD, SPREAD, len(kept))
        figure.add_trace(
            go.Scatter(
                x=kept + aside,
                y=errors,
                name=as_text(net.name),
                legendgroup=net.name,
                mode="markers",
                marker={"color": net.colour, "symbol": net.symbol, "size": 7, "opacity": 0.6},
                text=[kept_words(row, names) for row in net.table.to_dict("records")],
                hovertemplate="%{text}<br>%{y:.1f} % wrong<extra></extra>",
                cliponaxis=False,
            )
        )
        medians = errors.groupby(kept).median()
        figure.add_trace(
            go.Scatter(
                x=medians.index,
                y=medians,
                name=as_text(f"median of {net.name}"),
                legendgroup=net.name,
                showlegend=False,
                mode="lines",
                line={"color": net.colour, "width": 3},
                hovertemplate="%{x} blocks: median %{y:.1f} % wrong<extra></extra>",
            )
        )
    counts = " and ".join(f"{len(net.table)} of {net.name}" for net in nets)
    note = f"All subnetworks, exactly: {counts}. {pictures_words(nets[0].table)} Lines: medians. "
    note += f"{chance_words(nets[0].table)} One run each."
    title = wrapped(as_text(finding(nets, total)))
    figure = arranged(figure, title=title, x="blocks kept", y="test error (%)", note=as_text(note), height=LOW)
    return figure.update_yaxes(range=[0, 100])


def widest(net: Recorded, total: int) -> int:
    """With how many blocks kept the errors of the networks differ most."""
    errors = net.table["error"].groupby(kept_of(net, total))
    return int((errors.max() - errors.min()).sort_values(kind="stable").index[-1])


def finding(nets: Sequence[Recorded], total: int) -> str:
    """Where it matters most which blocks are kept, in one line."""
    blocks = widest(nets[0], total)
    errors = [(net.name, net.table.loc[kept_of(net, total) == blocks, "error"]) for net in nets]
    spans = [(name, errors_words(each)) for name, each in errors if len(each)]  # plain blocks cannot all go
    return f"With {blocks} of {total} blocks {listed(spans)}"


def words(nets: Sequence[Recorded], view: View) -> str:
    """The chart in words, as alt text."""
    parts, total = [], view.blocks
    for net in nets:
        medians = net.table["error"].groupby(kept_of(net, total)).median()
        steps = ", ".join(f"{blocks} {percent(float(error))}" for blocks, error in medians.items())
        parts.append(f"{net.name}: {steps}")
    return f"{finding(nets, total)}. {pictures_words(nets[0].table)} Median error by blocks kept: {'; '.join(parts)}"
