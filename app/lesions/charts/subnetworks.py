"""Networks that keep some of the blocks, each a dot: how many it keeps, and how probable the answer is in it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go

import resnet_core as rc
from app.lesions.charts.notes import NOT_NUMBERS, told
from app.shared.drawing.bars import percent
from app.shared.drawing.colours import OUTPUT, RESIDUAL, SUM
from app.shared.drawing.layout import arranged, as_text, percent_ticks, wrapped

SPREAD = 0.34  # of the dots around their number of blocks
NAMED = 6  # so many blocks are named under the pointer, of longer lists those that are missing
MOST, Z = 0.5, 1.96  # "most" of the networks; standard deviations that hold 95 % of a normal distribution
NUMBERS = ("blocks", "probability", "error", "pictures", "recalibrated")


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
                customdata=[percent(share) for share in rows["probability"]],
                hovertemplate="%{text}<br>%{customdata}<extra></extra>",
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
            customdata=[percent(share) for share in medians],
            hovertemplate="%{x} blocks: median %{customdata}<extra></extra>",
        )
    )
    title, note = told(finding(found, answer), detail(found), trained=trained)
    y = as_text(f"probability of {answer}")
    figure = arranged(figure, title=wrapped(as_text(title)), x="blocks kept", y=y, note=as_text(note))
    return figure.update_yaxes(range=[-0.03, 1.05], **percent_ticks(1))


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
    if not math.isfinite(table["probability"].iloc[-1]):
        return NOT_NUMBERS
    if found.orders is not None:
        count = len(block_names(table))
        low, high = between(*_say(table, count // 2))
        return f"With {count // 2} of {count} blocks {_percents(low, high)} of the nets say {answer}"
    count = int((table["error"] == 0).sum())
    return f"{count} of {len(table)} subnetworks say {answer} first"


def _say(table: pd.DataFrame, kept: int) -> tuple[int, int]:
    """How many of the networks with so many blocks say it, and how many there are."""
    rows = table[table["blocks"] == kept]
    return int((rows["error"] == 0).sum()), len(rows)


def between(count: int, total: int) -> tuple[float, float]:
    """A share that may be by chance: its 95 % interval (Wilson 1927)."""
    share, spread = count / total, Z**2 / total
    middle = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt(share * (1 - share) / total + spread / total / 4) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def _percents(low: float, high: float) -> str:
    return f"{math.floor(100 * low)} to {math.ceil(100 * high)}\N{NO-BREAK SPACE}%"


def detail(found: rc.Subnetworks) -> str:
    """With one block less than all, and with half of them, how many do."""
    count = len(block_names(found.table))
    parts = []
    for kept in dict.fromkeys((count - 1, count // 2)):
        say, total = _say(found.table, kept)
        chance = ""
        if found.orders is not None:
            chance = f" ({_percents(*between(say, total))})"
        parts.append(f"{say} of {total} with {kept} blocks{chance}")
    how = "All of them" if found.orders is None else "A sample, with 95 % intervals"
    return f"This photo. {how}: {', '.join(parts)}."


def words(found: rc.Subnetworks, answer: str) -> str:
    """The chart in words, as alt text."""
    medians = found.table.groupby("blocks")["probability"].median()
    exact = found.orders is None
    if not exact:  # another sample moves them too far for a list
        medians = medians.loc[[len(medians) - 1, 0]]
    steps = ", ".join(f"{percent(float(value))} with {blocks}" for blocks, value in medians.items())
    what = f"Median probability of {answer}" if exact else f"{detail(found)} Probability of {answer}"
    return f"{finding(found, answer)}. {what} by blocks kept: {steps}"
