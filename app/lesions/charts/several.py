"""How often networks err without several blocks, drawn at random: Veit et al. (2016), Figure 5a."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from app.lesions.charts.notes import LOW, Recorded, View, chance_words, errors_words, listed, pictures_words
from app.shared.drawing.bars import whole
from app.shared.drawing.layout import arranged, as_text, wrapped


def spread(table: pd.DataFrame) -> pd.DataFrame:
    """By the number of blocks that are gone, from 0: the smallest, middle and largest error of the draws, and count."""
    found = table.groupby("blocks")["errors"].agg(["min", "median", "max", "count"]).reset_index()
    whole = (table["errors"] - table["change"]).iloc[0]
    none = pd.DataFrame({"blocks": [0], "min": [whole], "median": [whole], "max": [whole], "count": [1]})
    return pd.concat([none, found], ignore_index=True)


def several_chart(nets: Sequence[Recorded], _view: View) -> go.Figure:
    """The median of the draws as a line for each network, over a band from the smallest to the largest."""
    figure = go.Figure()
    for net in nets:
        found = spread(net.table)
        red, green, blue = bytes.fromhex(net.colour[1:])
        figure.add_trace(
            go.Scatter(
                x=[*found["blocks"], *found["blocks"][::-1]],
                y=[*(100 * found["max"]), *(100 * found["min"])[::-1]],
                mode="lines",
                fill="toself",
                fillcolor=f"rgba({red},{green},{blue},0.2)",
                line={"width": 0},
                legendgroup=net.name,
                showlegend=False,
                hoverinfo="skip",
            )
        )
        figure.add_trace(
            go.Scatter(
                x=found["blocks"],
                y=100 * found["median"],
                name=as_text(net.name),
                legendgroup=net.name,
                mode="lines+markers",
                line={"color": net.colour, "width": 3},
                marker={"symbol": net.symbol, "size": 10},
                text=[
                    f"{row['blocks']} gone: {whole(row['median'])} % wrong"
                    + (
                        f" (median of {row['count']} draws, {errors_words((row['min'], row['max']))})"
                        if row["blocks"]
                        else ""
                    )
                    for row in found.to_dict("records")
                ],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    counts = {int(count) for net in nets for count in spread(net.table)["count"][1:]}
    note = f"{pictures_words(nets[0].table)} Lines: median of {_number_of(counts)}; bands: from the least to the "
    note += f"largest, others can lie beyond. {chance_words(nets[0].table)} One run each."
    title = wrapped(as_text(finding(nets)))
    figure = arranged(figure, title=title, x="blocks gone, at random", y="test error (%)", note=note, height=LOW)
    return figure.update_yaxes(range=[0, 100])


def _number_of(counts: set[int]) -> str:
    """How many draws there are; a small net has fewer sets of so many blocks."""
    return f"{'up to ' * (len(counts) > 1)}{max(counts)} draws"


def compared_at(nets: Sequence[Recorded]) -> int:
    """The largest number of blocks that was drawn of all of them."""
    return int(max(set.intersection(*(set(net.table["blocks"]) for net in nets))))


def finding(nets: Sequence[Recorded]) -> str:
    """What the draws of one number of blocks lead to, in one line: a sample, beyond which others can lie."""
    blocks = compared_at(nets)
    drawn = [(net.name, net.table.loc[net.table["blocks"] == blocks, "errors"]) for net in nets]
    spans = listed([(name, errors_words(errors)) for name, errors in drawn])
    draws = _number_of({len(errors) for _, errors in drawn})
    return f"{draws} without {blocks} block{'s' * (blocks > 1)}: {spans}"


def words(nets: Sequence[Recorded], _view: View) -> str:
    """The chart in words, as alt text."""
    parts = []
    for net in nets:
        steps = ", ".join(
            f"{row['blocks']:.0f} {whole(row['median'])} %" for row in spread(net.table).to_dict("records")
        )
        parts.append(f"{net.name}: {steps}")
    return f"{finding(nets)}. {pictures_words(nets[0].table)} Median error by blocks gone: {'; '.join(parts)}"
