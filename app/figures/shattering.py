"""How alike the input gradients of neighbours on a path are, for several networks (Balduzzi et al. 2017)."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from app.figures.gradient_words import deepest
from app.figures.gradients import lines_of
from app.figures.layout import GREY, arranged, wrapped

SOURCE = (
    "Mean cosine between the gradients of inputs so many steps apart, on a straight path of 64 inputs between two "
    "pictures, before any SGD step."
)


def neighbours(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of lag 1: net, shortcut and the correlation of direct neighbours."""
    return table[table["lag"] == 1]


def finding(table: pd.DataFrame) -> str:
    """Whose gradients are alike from one step to the next, by the deepest plain and residual network."""
    said = [f"{round(row['correlation'], 2) + 0.0:.2f} in {row['net']}" for row in deepest(neighbours(table))]
    return f"How alike neighbouring gradients are: {'; '.join(said)}"


def shattering_chart(table: pd.DataFrame) -> go.Figure:
    """One line a net over the lag, from `rc.shattering` with the columns net and shortcut."""
    figure = go.Figure()
    for net, line in lines_of(table).items():
        rows = table[table["net"] == net]
        figure.add_trace(go.Scatter(x=rows["lag"], y=rows["correlation"], name=net, mode="lines+markers", line=line))
    figure.add_hline(y=0, line={"dash": "dot", "width": 2, "color": GREY})
    return arranged(
        figure, title=wrapped(finding(table)), x="steps apart on the path", y="correlation, 1 = same", note=SOURCE
    )
