"""What each block adds to the probability of the answer, on average over all orders of putting the blocks back."""

from __future__ import annotations

import math

import plotly.graph_objects as go

import resnet_core as rc
from app.lesions.charts.notes import NOT_NUMBERS, told
from app.shared.drawing.bars import decimals
from app.shared.drawing.colours import OUTPUT, RESIDUAL
from app.shared.drawing.fields import named_ticks
from app.shared.drawing.layout import arranged, as_text, wrapped
from resnet_core.checks.judges import plus_minus


def shapley_chart(found: rc.Subnetworks, answer: str, *, trained: bool) -> go.Figure:
    """A bar a block, with its margin where it is from a sample."""
    values, margin = found.shapley, found.margin
    names = list(values.index)
    exact = found.orders is None
    figure = go.Figure(
        go.Bar(
            x=list(range(len(values))),
            y=values,
            marker={"color": [OUTPUT if value >= 0 else RESIDUAL for value in values]},
            error_y=None if exact else {"type": "data", "array": margin, "thickness": 1.5},
            customdata=[[name, decimals(value, 3)] for name, value in values.items()],
            hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
        )
    )
    title, note = told(finding(found, answer), detail(found), trained=trained)
    figure = arranged(figure, title=wrapped(as_text(title)), x="block", y="Shapley value", note=note)
    ticks = named_ticks(names)
    return figure.update_xaxes(tickvals=ticks, ticktext=[names[tick] for tick in ticks])


def finding(found: rc.Subnetworks, answer: str) -> str:
    """Which block adds most, if chance leaves one, in one line."""
    values = found.shapley
    if not values.notna().all():
        return NOT_NUMBERS
    best = str(values.idxmax())
    low = values[best] - found.margin[best]
    rivals = [name for name in values.index if name != best and values[name] + found.margin[name] >= low]
    if values[best] <= 0:
        return f"No block adds to {answer}"
    if rivals:
        return f"No block clearly adds most to {answer}"
    return f"{best} adds most to {answer}: {_worth(found, best)}"


def detail(found: rc.Subnetworks) -> str:
    """From where to where the values lead, and how sure they are."""
    table = found.table
    empty, whole = float(table["probability"].iloc[0]), float(table["probability"].iloc[-1])
    sure = (
        ""
        if found.orders is None
        else f" A sample of {found.orders} random orders; bars: its margin. Rare large values can lie beyond."
    )
    return f"This photo. The values sum to {decimals(whole)} (all blocks) minus {decimals(empty)} (no block).{sure}"


def words(found: rc.Subnetworks, answer: str) -> str:
    """The chart in words, as alt text."""
    largest = found.shapley.sort_values(ascending=False).head(5)
    said = "Shapley values, the largest first"
    if found.orders is not None:
        said = "The largest Shapley values of this sample, whose order is in part chance"
    return (
        f"{finding(found, answer)}. {said}: {', '.join(f'{name} {_worth(found, str(name))}' for name in largest.index)}"
    )


def _worth(found: rc.Subnetworks, block: str) -> str:
    """The value of a block, with its margin if it is from a sample."""
    value = found.shapley[block]
    return plus_minus(value, found.margin[block]) if math.isfinite(value) else decimals(value)
