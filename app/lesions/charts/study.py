"""How often networks err on all test pictures without each of their blocks, from recorded tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from app.shared.drawing.bars import percent
from app.shared.drawing.colours import RESIDUAL, SHORTCUT
from app.shared.drawing.fields import named_ticks
from app.shared.drawing.layout import arranged, as_text, wrapped
from resnet_core.weights.calibration import LEVEL

MARKS = ((SHORTCUT, "circle"), (RESIDUAL, "square"))  # a residual network, and its plain twin


def study_chart(names: Sequence[str], tables: Sequence[pd.DataFrame], gone: Sequence[str]) -> go.Figure:
    """A point a block for each network, a dotted line for the whole one; larger points for the blocks in `gone`."""
    blocks = list(dict.fromkeys(name for table in tables for name in table["deleted"] if name))
    figure = go.Figure()
    for name, table, (colour, symbol) in zip(names, tables, MARKS, strict=False):
        without = table[table["blocks"] == 1]
        figure.add_trace(
            go.Scatter(
                x=[blocks.index(block) for block in without["deleted"]],
                y=100 * without["errors"],
                name=as_text(name),
                mode="markers",
                marker={
                    "color": colour,
                    "symbol": symbol,
                    "size": [16 if block in gone else 9 for block in without["deleted"]],
                },
                error_y={"type": "data", "array": 100 * without["margin"], "thickness": 1.5},
                customdata=[[block, percent(error)] for block, error in zip(*_points(without), strict=True)],
                hovertemplate="without %{customdata[0]}: %{customdata[1]} wrong<extra></extra>",
            )
        )
        figure.add_hline(y=100 * table["errors"].iloc[0], line={"dash": "dot", "width": 2, "color": colour})
    intervals = f"{100 * LEVEL:.0f} % intervals of the change"
    note = f"{pictures_words(tables)} Dotted: with all blocks. Bars: {intervals}. One run each."
    figure = arranged(
        figure, title=wrapped(as_text(finding(names, tables))), x="block that is gone", y="test error (%)", note=note
    )
    ticks = named_ticks(blocks)
    return figure.update_xaxes(tickvals=ticks, ticktext=[blocks[tick] for tick in ticks]).update_yaxes(
        rangemode="tozero"
    )


def _points(table: pd.DataFrame) -> tuple[list[str], list[float]]:
    return list(table["deleted"]), list(table["errors"])


def finding(names: Sequence[str], tables: Sequence[pd.DataFrame]) -> str:
    """From where to where the error goes when one block is gone, in one line."""
    spans: list[str] = []
    for name, table in zip(names, tables, strict=True):
        errors = table.loc[table["blocks"] == 1, "errors"]
        ends = dict.fromkeys(f"{100 * error:.0f}" for error in (errors.min(), errors.max()))
        spans.append(f"{name}{'' if spans else ' errs'} on {' to '.join(ends)}\N{NO-BREAK SPACE}%")
    return f"Without one block {', '.join(spans)}"


def pictures_words(tables: Sequence[pd.DataFrame]) -> str:
    """On how many pictures all this was counted."""
    return f"On {int(tables[0]['pictures'].iloc[0]):,} test pictures (a JPEG copy of CIFAR-10)."


def words(names: Sequence[str], tables: Sequence[pd.DataFrame]) -> str:
    """The chart in words, as alt text."""
    parts = []
    for name, table in zip(names, tables, strict=True):
        worst = table[table["blocks"] == 1].sort_values("errors", ascending=False).head(3)
        listed = ", ".join(f"{block} {percent(error)}" for block, error in zip(*_points(worst), strict=True))
        parts.append(f"{name}: {percent(table['errors'].iloc[0])} with all blocks, most without {listed}")
    return f"{finding(names, tables)}. {pictures_words(tables)} {'; '.join(parts)}"
