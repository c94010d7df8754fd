"""How often networks err on all test pictures without each of their blocks, from recorded tables."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from app.lesions.charts.notes import INTERVAL, LOW, Recorded, View, errors_words, listed, pictures_words
from app.shared.drawing.bars import percent
from app.shared.drawing.fields import named_ticks
from app.shared.drawing.layout import arranged, as_text, wrapped


def study_chart(nets: Sequence[Recorded], view: View) -> go.Figure:
    """A point a block for each network, a dotted line for the whole one; larger points for marked blocks."""
    blocks = list(dict.fromkeys(name for net in nets for name in net.table["deleted"] if name))
    figure = go.Figure()
    for net in nets:
        without = net.table[net.table["blocks"] == 1]
        figure.add_trace(
            go.Scatter(
                x=[blocks.index(block) for block in without["deleted"]],
                y=100 * without["errors"],
                name=as_text(net.name),
                mode="markers",
                marker={
                    "color": net.colour,
                    "symbol": net.symbol,
                    "size": [16 if block in view.gone else 9 for block in without["deleted"]],
                },
                error_y={"type": "data", "array": 100 * without["margin"], "thickness": 1.5},
                customdata=[[block, percent(error)] for block, error in _points(net)],
                hovertemplate="without %{customdata[0]}: %{customdata[1]} wrong<extra></extra>",
            )
        )
        figure.add_hline(y=100 * net.table["errors"].iloc[0], line={"dash": "dot", "width": 2, "color": net.colour})
    note = f"{pictures_words(nets[0].table)} Dotted: with all blocks. "
    note += f"Bars: {INTERVAL}s of the change. One run each."
    title = wrapped(as_text(finding(nets)))
    figure = arranged(figure, title=title, x="block that is gone", y="test error (%)", note=note, height=LOW)
    ticks = named_ticks(blocks)
    return figure.update_xaxes(tickvals=ticks, ticktext=[blocks[tick] for tick in ticks]).update_yaxes(
        rangemode="tozero"
    )


def _points(net: Recorded) -> list[tuple[str, float]]:
    """Each block with the error without it."""
    without = net.table[net.table["blocks"] == 1]
    return list(zip(without["deleted"], without["errors"], strict=True))


def finding(nets: Sequence[Recorded]) -> str:
    """From where to where the error goes when one block is gone, in one line."""
    spans = [(net.name, errors_words(error for _, error in _points(net))) for net in nets]
    return f"Without one block {listed(spans)}"


def words(nets: Sequence[Recorded], _view: View) -> str:
    """The chart in words, as alt text."""
    parts = []
    for net in nets:
        worst = sorted(_points(net), key=lambda point: -point[1])[:3]
        named = ", ".join(f"{block} {percent(error)}" for block, error in worst)
        parts.append(f"{net.name}: {percent(net.table['errors'].iloc[0])} with all blocks, most without {named}")
    return f"{finding(nets)}. {pictures_words(nets[0].table)} {'; '.join(parts)}"
