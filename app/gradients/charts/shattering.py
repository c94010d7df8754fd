"""How similar the input gradients of neighbours on a path are, for several networks (Balduzzi et al. 2017)."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from app.gradients.charts.norms import lines_of
from app.gradients.words import of_seeds, runs_words
from app.shared.drawing.layout import GREY, arranged, wrapped
from app.shared.lists import deepest
from app.shared.magnitudes import between

SOURCE = (
    "Mean cosine between the gradients of inputs so many steps apart, on a straight path between two pictures, before "
    "any SGD step. In single precision, but of small weights without norm in the chosen one. What is exactly 0 in "
    "single precision need not be so in double."
)


def direct_neighbours(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of lag 1, one a net and seed: the correlation of direct neighbours."""
    return table[table["lag"] == 1]


def finding(table: pd.DataFrame) -> str:
    """How similar gradients are from one step to the next, for the deepest plain and residual network."""
    found = direct_neighbours(table)
    said = [f"{likeness(found[found['net'] == row['net']])} in {row['net']}" for row in deepest(found)]
    return f"How alike neighbouring gradients are: {'; '.join(said)}{runs_words(table)}"


def likeness(runs: pd.DataFrame) -> str:
    """The correlations of all seeds with one decimal: the next differs between seeds."""
    known = runs["correlation"].dropna()
    if known.empty:
        return "without direction, being exactly 0 in single precision,"
    low, high = (f"{round(value, 1) + 0.0:.1f}" for value in (known.min(), known.max()))
    return between(low, high).replace("-", "\N{MINUS SIGN}") + of_seeds(len(known), len(runs))


def shattering_chart(table: pd.DataFrame) -> go.Figure:
    """One line a net over the lag, median over seeds, from `rc.shattering` with the columns net, shortcut and seed."""
    figure = go.Figure()
    for net, line in lines_of(table).items():
        rows = table[table["net"] == net].groupby("lag")["correlation"].median()
        figure.add_trace(go.Scatter(x=rows.index, y=rows, name=net, mode="lines+markers", line=line))
    figure.add_hline(y=0, line={"dash": "dot", "width": 2, "color": GREY})
    return arranged(
        figure, title=wrapped(finding(table)), x="steps apart on the path", y="correlation, 1 = same", note=SOURCE
    )
