"""How similar the maps of several methods are: a square of rank correlations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.attributions.words import DEGREES, NOT_DRAWN, Drawn, Pair, finding, pairs
from app.shared.drawing.colours import DIVERGING
from app.shared.drawing.layout import FONT_SIZE, arranged, wrapped

NAME = 13  # characters in a line of a method's name
CELL, NAMES, BAR = 48, 58, 52  # pixels of a row at least, of the names under the square and of the colour bar
LEAST = 150  # pixels of the square
FROM = ", ".join(f"{agree.removeprefix('agree ')} from {least}" for least, agree, _ in DEGREES)
NOTE = (
    "Spearman's rank correlation of two maps' pixels: 1 = the same order, 0 = unrelated. Two signed maps are compared "
    f"with their signs, others by size. In words: {FROM}."
)
GAP = "A dash: no correlation, since a map of one value has no order."


def agreement_chart(matrix: pd.DataFrame, drawn: Drawn = NOT_DRAWN) -> go.Figure:
    """A heat map of the correlations (-1..1) with the number in each cell; rows and columns are the methods.

    The cell of an undefined correlation is empty, with a dash.
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
            colorscale=[[number / 4, f"rgb{stop}"] for number, stop in enumerate(DIVERGING)],
            text=_cells(matrix, drawn),
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
    square = max(LEAST, CELL * len(names))
    figure = arranged(figure, title=wrapped(finding(matrix, drawn)), x="", y="", note=note, height=square)
    ticks = {"tickvals": list(range(len(names))), "ticktext": names, "showgrid": False, "zeroline": False}
    figure.update_xaxes(**ticks, range=[-0.5, len(names) - 0.5], autotickangles=[0, -90], automargin=True)
    figure.update_yaxes(**ticks, range=[len(names) - 0.5, -0.5])
    figure.layout.margin.t += BAR
    figure.layout.margin.b += NAMES
    figure.layout.height += NAMES + BAR
    figure.layout.meta["top"] += BAR
    return figure


def _bar() -> dict[str, object]:
    """The legend, above the square and as wide."""
    return {
        "orientation": "h",
        "thickness": 14,
        "outlinewidth": 0,
        "len": 1,
        "x": 0.5,
        "y": 1,
        "yanchor": "bottom",
        "ypad": 8,
        "title": {"text": "", "side": "right"},  # without a side, Plotly moves the figure's title up
        "tickvals": [-1, -0.5, 0, 0.5, 1],
        "tickfont": {"size": FONT_SIZE},
    }


def _dashes(figure: go.Figure, values: np.ndarray) -> None:
    """A dash in the cell of each undefined correlation, in the page's own colour."""
    rows, columns = np.nonzero(np.isnan(values))
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        figure.add_annotation(x=column, y=row, text="–", showarrow=False, font={"size": FONT_SIZE + 2})


def _cells(matrix: pd.DataFrame, drawn: Drawn) -> list[list[str]]:
    """The number in each cell; on the diagonal always 1."""
    values = {frozenset((pair.first, pair.second)): pair.said for pair in pairs(matrix, drawn)}
    own = {str(name): Pair(str(name), str(name), float(matrix.loc[name, name])).said for name in matrix.index}
    return [
        [own[str(row)] if row == column else values[frozenset((str(row), str(column)))] for column in matrix.columns]
        for row in matrix.index
    ]
