"""How often networks err when their blocks change places: Veit et al. (2016), Figure 5b."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from app.lesions.charts.notes import LOW, Recorded, View, chance_words, errors_words, listed, pictures_words
from app.shared.drawing.bars import percent
from app.shared.drawing.layout import arranged, as_text, wrapped


def shuffled_chart(nets: Sequence[Recorded], _view: View) -> go.Figure:
    """A point an order for each network, those that are much like the order as built on the left."""
    figure = go.Figure()
    for net in nets:
        figure.add_trace(
            go.Scatter(
                x=net.table["tau"],
                y=100 * net.table["errors"],
                name=as_text(net.name),
                mode="markers",
                marker={"color": net.colour, "symbol": net.symbol, "size": 11, "opacity": 0.8},
                customdata=[[row["swaps"], percent(row["errors"])] for row in net.table.to_dict("records")],
                hovertemplate="%{customdata[0]} swaps, tau %{x:.2f}: %{customdata[1]} wrong<extra></extra>",
            )
        )
        figure.add_hline(y=100 * _whole(net), line={"dash": "dot", "width": 2, "color": net.colour})
    note = f"{detail(nets)} {pictures_words(nets[0].table)} Dotted: as built. "
    note += f"{chance_words(nets[0].table)} One run each."
    title = wrapped(as_text(finding(nets)))
    x = "Kendall's tau with the order as built"
    figure = arranged(figure, title=title, x=x, y="test error (%)", note=as_text(note), height=LOW)
    return figure.update_xaxes(autorange="reversed").update_yaxes(range=[0, 100])


def _whole(net: Recorded) -> float:
    return float((net.table["errors"] - net.table["change"]).iloc[0])


def _drawn(nets: Sequence[Recorded], swaps: int) -> str:
    """What so many swaps lead to, in how many draws."""
    rows = [(net.name, net.table.loc[net.table["swaps"] == swaps, "errors"]) for net in nets]
    spans = listed([(name, errors_words(errors)) for name, errors in rows])
    return f"{len(rows[0][1])} draws of {swaps} swap{'s' * (swaps > 1)}: {spans}"


def finding(nets: Sequence[Recorded]) -> str:
    """What most swaps lead to, in one line."""
    return _drawn(nets, int(nets[0].table["swaps"].max()))


def detail(nets: Sequence[Recorded]) -> str:
    """What the fewest lead to, and that all this was drawn."""
    return f"{_drawn(nets, int(nets[0].table['swaps'].min()))}. Other draws can lie beyond."


def words(nets: Sequence[Recorded], _view: View) -> str:
    """The chart in words, as alt text."""
    return f"{finding(nets)}. {detail(nets)} {pictures_words(nets[0].table)}"
