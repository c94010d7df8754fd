"""Networks that keep some of the blocks, each a dot: how many it keeps, and how probable the answer is in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

import resnet_core as rc
from app.lesions.charts.notes import told
from app.shared.drawing.bars import percent
from app.shared.drawing.colours import OUTPUT, RESIDUAL, SUM
from app.shared.drawing.layout import arranged, as_text, wrapped

SPREAD = 0.34  # of the dots around their number of blocks
NAMED = 6  # so many blocks are named under the pointer, of longer lists those that are missing
NUMBERS = ("blocks", "probability", "error")


def block_names(table: pd.DataFrame) -> list[str]:
    """The columns of `rc.Subnetworks.table` that are blocks."""
    return [str(name) for name in table if name not in NUMBERS]


def subnetworks_chart(found: rc.Subnetworks, answer: str, *, trained: bool) -> go.Figure:
    """A dot a network, green where it says `answer` first, and the median of each number of blocks as a line."""
    table = found.table
    figure = go.Figure()
    aside = np.random.default_rng(0).uniform(-SPREAD, SPREAD, len(table))
    says = table["error"] == 0
    for which, name, colour, symbol in (
        (says, f"says {answer} first", OUTPUT, "circle"),
        (~says, "says something else", RESIDUAL, "x"),
    ):
        rows = table[which]
        figure.add_trace(
            go.Scatter(
                x=rows["blocks"] + aside[which],
                y=rows["probability"],
                mode="markers",
                name=as_text(name),
                marker={"color": colour, "size": 7, "opacity": 0.75, "symbol": symbol},
                text=[kept_words(row, block_names(table)) for row in rows.to_dict("records")],
                hovertemplate="%{text}<br>%{y:.1%}<extra></extra>",
                cliponaxis=False,
            )
        )
    medians = table.groupby("blocks")["probability"].median()
    figure.add_trace(
        go.Scatter(
            x=medians.index,
            y=medians,
            mode="lines",
            name="median",
            line={"color": SUM, "width": 3},
            hovertemplate="%{x} blocks: median %{y:.1%}<extra></extra>",
        )
    )
    title, note = told(finding(found, answer), detail(found), trained=trained)
    y = as_text(f"probability of {answer}")
    figure = arranged(figure, title=wrapped(as_text(title)), x="blocks kept", y=y, note=note)
    return figure.update_yaxes(tickformat=".0%", range=[-0.03, 1.05])


def kept_words(row: dict[object, object], names: list[str]) -> str:
    """Which blocks a network keeps, or lacks if these are fewer."""
    kept = [name for name in names if row[name]]
    lacking = [name for name in names if not row[name]]
    if not lacking:
        return "all blocks"
    if not kept:
        return "no block"
    short, word = (kept, "only") if len(kept) < len(lacking) else (lacking, "without")
    more = f" and {len(short) - NAMED} more" if len(short) > NAMED else ""
    return f"{word} {', '.join(short[:NAMED])}{more}"


def finding(found: rc.Subnetworks, answer: str) -> str:
    """How many of the networks still say it, in one line."""
    table = found.table
    count = int((table["error"] == 0).sum())
    drawn = "" if found.orders is None else "drawn "
    return f"{count} of {len(table)} {drawn}subnetworks say {answer} first"


def detail(found: rc.Subnetworks) -> str:
    """With how many blocks they do, as figures: one block less than all, and half of them."""
    table, count = found.table, len(block_names(found.table))
    parts = []
    for kept in dict.fromkeys((count - 1, count // 2)):
        rows = table[table["blocks"] == kept]
        if len(rows):
            parts.append(f"with {kept} of {count} blocks {int((rows['error'] == 0).sum())} of {len(rows)}")
    how = "All of them, exactly" if found.orders is None else f"Met along {found.orders} random orders of the blocks"
    return f"This photo. {how}: {', '.join(parts)}." if parts else f"This photo. {how}."


def words(found: rc.Subnetworks, answer: str) -> str:
    """The chart in words, as alt text."""
    medians = found.table.groupby("blocks")["probability"].median()
    steps = ", ".join(f"{blocks} blocks {percent(float(value))}" for blocks, value in medians.items())
    return f"{finding(found, answer)}. Median probability of {answer} by blocks kept: {steps}"
