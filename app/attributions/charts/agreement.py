"""How alike the maps of several methods are: a square of rank correlations, and who agrees with whom."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.shared.drawing.bars import decimals
from app.shared.drawing.colours import DIVERGING
from app.shared.drawing.layout import ABOVE, FONT_SIZE, arranged, wrapped

NAME = 13  # characters in a line of a method's name
CELL, NAMES, BAR = 64, 58, 52  # pixels of a row at least, of the names under the square and of the colour bar
NOTE = (
    "Spearman's rank correlation between the pixels of two maps: 1 = the same order, 0 = unrelated. Two signed maps "
    "are compared with their signs, others by size."
)
GAP = "A dash: no correlation, since a map of one value has no order."
# From this size of the correlation on two maps are said to agree, or to contradict each other, so far.
DEGREES = ((0.9, "almost fully"), (0.6, "largely"), (0.3, "in part"), (0.1, "a little"))


def agreement_chart(matrix: pd.DataFrame) -> go.Figure:
    """A heat map of the correlations (-1..1) with the number in each cell; rows and columns are the methods.

    A correlation that is not a number leaves its cell open, with a dash.
    """
    names = [wrapped(str(name), NAME) for name in matrix.index]
    values = matrix.to_numpy(dtype=float)
    hovers = [[f"{row} and {column}" for column in matrix.columns] for row in matrix.index]
    figure = go.Figure(
        go.Heatmap(
            z=[[None if np.isnan(value) else value for value in row] for row in values],
            x=list(range(len(names))),
            y=list(range(len(names))),
            zmin=-1,
            zmax=1,
            colorscale=[[place / 4, f"rgb{stop}"] for place, stop in enumerate(DIVERGING)],
            text=[[_number(value) for value in row] for row in values],
            texttemplate="%{text}",
            textfont={"size": FONT_SIZE + 2},
            customdata=hovers,
            hovertemplate="%{customdata}: %{text}<extra></extra>",
            hoverongaps=False,
            xgap=3,
            ygap=3,
            colorbar=_bar(),
        )
    )
    _dashes(figure, values)
    note = f"{NOTE} {GAP}" if np.isnan(values).any() else NOTE
    square = max(280, CELL * len(names))
    figure = arranged(figure, title=wrapped(finding(matrix)), x="", y="", note=note, height=square)
    ticks = {"tickvals": list(range(len(names))), "ticktext": names, "showgrid": False, "zeroline": False}
    figure.update_xaxes(**ticks, range=[-0.5, len(names) - 0.5], autotickangles=[0, -90], automargin=True)
    figure.update_yaxes(**ticks, range=[len(names) - 0.5, -0.5])
    figure.layout.margin.t += BAR
    figure.layout.margin.b += NAMES
    figure.layout.height += NAMES + BAR
    figure.layout.title.y = 1 - ABOVE / figure.layout.height
    return figure


def _bar() -> dict[str, object]:
    """The legend, over the square from edge to edge."""
    return {
        "orientation": "h",
        "thickness": 14,
        "outlinewidth": 0,
        "len": 1,
        "x": 0.5,
        "y": 1,
        "yanchor": "bottom",
        "ypad": 8,
        "title": {"text": "", "side": "right"},  # with the side left open, Plotly moves the figure's title up
        "tickvals": [-1, -0.5, 0, 0.5, 1],
        "tickfont": {"size": FONT_SIZE},
    }


def _dashes(figure: go.Figure, values: np.ndarray) -> None:
    """What is not a number is told in its open cell, in the page's own colour."""
    rows, columns = np.nonzero(np.isnan(values))
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        figure.add_annotation(x=column, y=row, text="–", showarrow=False, font={"size": FONT_SIZE + 2})


def _number(value: float) -> str:
    return "" if np.isnan(value) else decimals(value)


@dataclass(frozen=True)
class Pair:
    """Two methods and the rank correlation of their maps, NaN if there is none."""

    first: str
    second: str
    correlation: float

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"


def pairs(matrix: pd.DataFrame) -> list[Pair]:
    """Each pair of methods once, in the order of the matrix."""
    names = [str(name) for name in matrix.index]
    values = matrix.to_numpy(dtype=float)
    return [
        Pair(names[one], names[two], float(values[one, two]))
        for one, two in itertools.combinations(range(len(names)), 2)
    ]


def finding(matrix: pd.DataFrame) -> str:
    """Which two methods agree least and which most, in a sentence; pairs without a number are told."""
    if len(matrix) < 2:
        return "One map alone: choose a second method to compare it with"
    found = pairs(matrix)
    known = sorted((pair for pair in found if not np.isnan(pair.correlation)), key=attrgetter("correlation"))
    if not known:
        return f"Nothing to compare: {_unknown(found)}"
    least, most = known[0], known[-1]
    low, high = _number(least.correlation), _number(most.correlation)
    if low == high:
        who = str(least) if len(known) == 1 else "All pairs"
        said = f"{who} {_degree(least.correlation)} ({low})"
    else:
        said = f"{least} agree least ({low}), {most} most ({high})"
    return said if len(known) == len(found) else f"{said}; {_unknown(found)}"


def _degree(correlation: float) -> str:
    how_far = next((words for least, words in DEGREES if abs(round(correlation, 2)) >= least), None)
    if how_far is None:
        return "have nothing in common"
    return f"{'agree' if correlation > 0 else 'contradict each other'} {how_far}"


def _unknown(found: list[Pair]) -> str:
    """Which maps have no correlation with any other, or else which pairs have none."""
    names = dict.fromkeys(name for pair in found for name in (pair.first, pair.second))
    known = {name for pair in found if not np.isnan(pair.correlation) for name in (pair.first, pair.second)}
    broken = [str(pair) for pair in found if np.isnan(pair.correlation)]
    alone = [name for name in names if name not in known]
    who = ", ".join(alone) if 0 < len(alone) < len(names) else "; ".join(broken)
    return f"no correlation for {who}"


def agreement_words(matrix: pd.DataFrame) -> str:
    """The gist of the chart for those who do not see it: the finding and every pair."""
    said = [f"{pair} {_number(pair.correlation) or 'none'}" for pair in pairs(matrix)]
    return f"{finding(matrix)}. Rank correlations: {', '.join(said)}" if said else finding(matrix)
