"""The theoretical receptive field along the blocks, against the size of the picture."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

import resnet_core as rc
from app.shared.drawing.colours import OUTPUT
from app.shared.drawing.layout import GREY, arranged, wrapped

FEW, FEW_BESIDE = 10, 5  # up to so many layers are all named on the axis; where two charts stand side by side


def field_table(description: rc.Description) -> pd.DataFrame:
    """Stem and every block with the side of the square of pixels that one unit of its output can depend on."""
    stem = description.stages[description.stages["name"] == "stem"]
    return pd.concat([stem, description.blocks], ignore_index=True)[["name", "receptive_field", "jump"]]


def field_chart(description: rc.Description) -> go.Figure:
    """A line along the blocks, and the size of the picture as a dashed line across."""
    table = field_table(description)
    fields, size = table["receptive_field"], description.input_size
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(
            x=table.index,
            y=fields,
            name="theoretical receptive field",
            mode="lines+markers",
            line={"color": OUTPUT, "width": 3},
            marker={"size": marker_size(len(table)), "color": OUTPUT},
            customdata=[[name, field_share(field, size)] for name, field in zip(table["name"], fields, strict=True)],
            hovertemplate="%{customdata[0]}: %{y} px, %{customdata[1]}<extra></extra>",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[-0.4, len(table) - 0.6],
            y=[size, size],
            name=f"picture: {size} px",
            mode="lines",
            line={"color": GREY, "width": 3, "dash": "dash"},
            hoverinfo="skip",
        )
    )
    figure = arranged(figure, title=wrapped(finding(description)), x="after block", y="receptive field (px)")
    ticks = named_ticks(list(table["name"]), FEW_BESIDE)
    figure.update_xaxes(
        tickvals=ticks, ticktext=[table["name"][tick] for tick in ticks], range=[-0.4, len(table) - 0.6]
    )
    return figure.update_yaxes(rangemode="tozero")


def named_ticks(names: list[str], few: int = FEW) -> list[int]:
    """Where an axis along the blocks has labels: at all of a few layers, else at the first block of each stage."""
    if len(names) <= few:
        return list(range(len(names)))
    return [index for index, name in enumerate(names) if name.endswith(".0")]


def marker_size(count: int) -> float:
    """Markers in pixels that do not hide each other."""
    return min(11.0, max(3.0, 340 / max(count, 1)))


def field_share(field: int, size: int) -> str:
    """The field in units of the picture's side."""
    return f"{field / size:.3g} × the picture"


def finding(description: rc.Description) -> str:
    """From which block on the theoretical field is larger than the picture, if from any."""
    table, size = field_table(description), description.input_size
    larger = table[table["receptive_field"] > size]
    last = int(table["receptive_field"].iloc[-1])
    if larger.empty and last == size:
        return f"After the last block the theoretical field is exactly as large as the picture ({size} px)"
    if larger.empty:
        return f"Even the last block sees at most {last} of {size} pixels to a side"
    first = larger.iloc[0]
    start = "Already after the stem" if first["name"] == "stem" else f"From {first['name']} on"
    return f"{start} the theoretical field ({first['receptive_field']} px) is larger than the picture ({size} px)"


def field_words(description: rc.Description) -> str:
    """The gist of the chart for those who do not see it: the field after the stem and after each stage."""
    stages = description.stages[description.stages["name"] != "head"]
    steps = ", ".join(f"{row['name']} {row['receptive_field']}" for row in stages.to_dict("records"))
    return f"{finding(description)}. Side of the theoretical receptive field in pixels after {steps}"
