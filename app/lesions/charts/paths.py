"""Through how many residual branches the gradient of the answer comes, over how many paths there are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.lesions.charts.notes import told
from app.shared.drawing.bars import percent
from app.shared.drawing.colours import RESIDUAL, SHORTCUT
from app.shared.drawing.layout import arranged, as_text, percent_ticks, wrapped
from app.shared.magnitudes import counted

HALF = 0.5
APART = 0.1  # of all blocks: means that are nearer than this count as alike


def paths_chart(table: pd.DataFrame, title: str, *, trained: bool) -> go.Figure:
    """Bars: the share of the norm by length. Behind them, as an area, the share of all paths."""
    count = path_shares(table)
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(
            x=table["length"],
            y=count,
            mode="lines",
            name="share of all paths",
            fill="tozeroy",
            line={"color": SHORTCUT, "width": 2},
            customdata=[percent(share) for share in count],
            hovertemplate="%{x} branches: %{customdata} of all paths<extra></extra>",
        )
    )
    figure.add_trace(
        go.Bar(
            x=table["length"],
            y=table["share"],
            name="share of the gradient's norms",
            marker={"color": RESIDUAL},
            customdata=[[percent(share), norm] for share, norm in zip(table["share"], table["norm"], strict=True)],
            hovertemplate="%{x} branches: %{customdata[0]}, norm %{customdata[1]:.3g}<extra></extra>",
        )
    )
    said, note = told(finding(table, title), detail(table), trained=trained)
    figure = arranged(
        figure, title=wrapped(as_text(said)), x="residual branches on the path", y="share", note=as_text(note)
    )
    highest = float(np.nanmax([*table["share"], *count], initial=0))
    return figure.update_yaxes(rangemode="tozero", **percent_ticks(highest))


def path_shares(table: pd.DataFrame) -> pd.Series:
    """The share of all paths by length."""
    return table["paths"] / table["paths"].sum()


def middle(lengths: pd.Series, shares: pd.Series) -> tuple[int, int]:
    """The fewest lengths in a row that hold half of all, from and to; the first such, of equally many."""
    before = np.concatenate([[0.0], np.cumsum(shares.to_numpy(dtype=float))])
    count = len(lengths)
    for wide in range(1, count + 1):
        held = before[wide:] - before[: count + 1 - wide]
        if held.max() >= HALF * before[-1] - 1e-12:
            first = int(held.argmax())
            return int(lengths.iloc[first]), int(lengths.iloc[first + wide - 1])
    raise ValueError("shares that are not numbers have no middle")


def finding(table: pd.DataFrame, title: str) -> str:
    """On paths of which length the gradient comes, beside most paths, in one line."""
    if len(table) == 1:
        return f"{title} has one path, through all {int(table['length'].iloc[0])} blocks"
    if not table["share"].notna().all():
        return "This gradient is 0 or not a number on every path"
    lengths = table["length"]
    mean, usual = (float((lengths * shares).sum()) for shares in (table["share"], path_shares(table)))
    which = "paths about as long as most"
    if abs(mean - usual) > APART * (len(table) - 1):
        which = "shorter paths than most" if mean < usual else "longer paths than most"
    ends = middle(lengths, table["share"])
    return f"The gradient comes through {which}: {counted(ends)} {'branch' if ends == (1, 1) else 'branches'}"


def detail(table: pd.DataFrame) -> str:
    """The two halves, and where the peak is, as figures."""
    if len(table) == 1 or not table["share"].notna().all():
        return "This photo."
    lengths = table["length"]
    gradient, all_paths = middle(lengths, table["share"]), middle(lengths, path_shares(table))
    peak = int(lengths.iloc[int(table["norm"].to_numpy().argmax())])
    return (
        f"This photo's answer. At least half of the norms: {counted(gradient)} of {int(lengths.iloc[-1])} branches, "
        f"most at {peak}. At least half of all paths: {counted(all_paths)}."
    )


def words(table: pd.DataFrame, title: str) -> str:
    """The chart in words, as alt text."""
    return f"{finding(table, title)}. {detail(table)}"
