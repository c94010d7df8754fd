"""The reliability diagram: how often first answers were right, by the probability that the network gave them."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go

from app.predict.words import Row, bin_range, finding
from app.shared.drawing.bars import percent
from app.shared.drawing.colours import OUTPUT
from app.shared.drawing.layout import GREY, arranged, as_text, percent_ticks, wrapped
from resnet_core.weights.calibration import LEVEL

INTERVAL = f"{100 * LEVEL:.0f} % interval"
NOTE = f"Shaded: {INTERVAL}. Above the dashed line it is right more often than it says, below less often."
BAND = "rgba(0,158,115,0.22)"  # OUTPUT, thin


def reliability_chart(table: pd.DataFrame, net: str, probability: float) -> go.Figure:
    """One point a row of `rc.Weights.reliability` with its interval; `probability`, of this answer, is marked."""
    figure = go.Figure(
        [
            go.Scatter(
                x=[0, 1],
                y=[0, 1],
                mode="lines",
                name="right as often as it says",
                line={"color": GREY, "width": 2, "dash": "dash"},
                hoverinfo="skip",
            ),
            go.Scatter(
                x=[*table["confidence"], *table["confidence"][::-1]],
                y=[*table["accuracy_low"], *table["accuracy_high"][::-1]],
                fill="toself",
                fillcolor=BAND,
                line={"width": 0},
                mode="lines",
                showlegend=False,
                hoverinfo="skip",
            ),
            go.Scatter(
                x=table["confidence"],
                y=table["accuracy"],
                mode="lines+markers",
                name="test pictures",
                line={"color": OUTPUT, "width": 3},
                marker={"size": 10, "color": OUTPUT, "line": {"width": 2, "color": OUTPUT}},
                customdata=[_hover(row) for row in table.to_dict("records")],
                hovertemplate="%{customdata}<extra></extra>",
            ),
        ]
    )
    if math.isfinite(probability):
        figure.add_trace(
            go.Scatter(
                x=[probability, probability],
                y=[0, 1],
                mode="lines",
                name=f"this answer, {percent(probability)}",
                line={"color": GREY, "width": 2, "dash": "dot"},
                hoverinfo="name",
            )
        )
    figure = arranged(
        figure,
        title=wrapped(as_text(finding(table, net))),
        x="probability of the first answer",
        y="share that was right",
        note=NOTE,
    )
    axis = {"range": [-0.02, 1.02], **percent_ticks(1)}
    return figure.update_xaxes(axis).update_yaxes(axis)


def _hover(row: Row) -> str:
    interval = " to ".join(percent(row[name]) for name in ("accuracy_low", "accuracy_high"))
    return f"{bin_range(row)}: {row['count']:,} pictures, {percent(row['accuracy'])} right ({INTERVAL} {interval})"
