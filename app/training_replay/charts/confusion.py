"""The confusion matrix of a network after one epoch of its training, as shares."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.shared.drawing.bars import percent
from app.shared.drawing.layout import FONT_SIZE, arranged, wrapped
from app.shared.drawing.svg import INK

FEW = 2  # pairs of classes that are named
CELL, NAMES = 24, 60  # pixels of a row, and of the names under the square
NOTE = "{right} of the {kind} pictures. A row: the answers to one class, in %."
SCALE = [[0, "#F3F7FB"], [1, "#4A9FD0"]]  # light also on a dark page: the numbers are dark in every cell


def confusion_chart(counts: pd.DataFrame, net: str, epoch: int, kind: str = "test") -> go.Figure:
    """A heat map of shares (0..1), true classes down and answers across; `counts` are those of `counts_at`.

    `kind` says which pictures were counted: test or held-out ones.
    """
    names, numbers = list(counts.index), counts.to_numpy()  # (classes, classes)
    shares = _shares(numbers)
    hovers = [
        [f"{name} taken for {answer}: {number} of {sum(row)}" for answer, number in zip(names, row, strict=True)]
        for name, row in zip(names, numbers, strict=True)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=names,
            y=names,
            zmin=0,
            zmax=1,
            colorscale=SCALE,
            text=[[number or "" for number in row] for row in (100 * shares).round().astype(int).tolist()],
            texttemplate="%{text}",
            textfont={"size": FONT_SIZE - 2, "color": INK},
            customdata=hovers,
            hovertemplate="%{customdata}<extra></extra>",
            xgap=2,
            ygap=2,
            showscale=False,
        )
    )
    title, note = wrapped(verdict(counts, net, epoch)), NOTE.format(kind=kind, right=right(counts).capitalize())
    figure = arranged(figure, title=title, x="answer", y="", note=note, height=CELL * len(names))
    figure.update_xaxes(showgrid=False, tickangle=-90, automargin=True)
    figure.update_yaxes(showgrid=False, autorange="reversed")
    figure.layout.margin.b += NAMES
    figure.layout.height += NAMES
    return figure


def _shares(numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each row as shares of its sum; a class without pictures has none."""
    shares: NDArray[np.float64] = numbers / np.maximum(numbers.sum(axis=1, keepdims=True), 1)
    return shares


def finding(counts: pd.DataFrame, net: str, epoch: int) -> str:
    """How often the network is right, and which class it most often calls which other.

    Two such pairs whose counts differ by no more than chance are both named; more are counted.
    """
    said, pairs = f"After epoch {epoch} {net} is {right(counts)}", _most_frequent(counts)
    if not pairs:
        return said
    if len(pairs) > FEW:
        return f"{said}; its most frequent errors, {len(pairs)} pairs of classes, are about as frequent as each other"
    return f"{said}; most often {_named(counts, pairs)}"


def verdict(counts: pd.DataFrame, net: str, epoch: int) -> str:
    """The same in one line: the most frequent errors alone."""
    pairs = _most_frequent(counts)
    if len(pairs) > FEW:
        return f"{net}, epoch {epoch}: {len(pairs)} confusions about equally often"
    return f"{net}, epoch {epoch}: {_named(counts, pairs) or right(counts)}"


def right(counts: pd.DataFrame) -> str:
    """On which share of the pictures the network is right."""
    numbers = counts.to_numpy()
    return f"right on {percent(numbers.trace() / numbers.sum())}"


def _most_frequent(counts: pd.DataFrame) -> list[tuple[int, int]]:
    """Class and answer of the most frequent errors, none that is rarer by more than chance; [] without errors."""
    wrong = counts.to_numpy().copy()
    np.fill_diagonal(wrong, 0)
    most = int(wrong.max())
    close = np.flatnonzero(wrong > most - 2 * np.sqrt(most + wrong))
    return [divmod(int(index), len(counts)) for index in close] if most else []


def _named(counts: pd.DataFrame, pairs: list[tuple[int, int]]) -> str:
    names, shares = counts.index, _shares(counts.to_numpy())
    return ", ".join(f"{names[true]} called {names[answer]}: {percent(shares[true, answer])}" for true, answer in pairs)


def confusion_words(counts: pd.DataFrame, net: str, epoch: int) -> str:
    """The chart in words, as alt text: the finding and how often each class is recognised."""
    shown = [name for name in counts.index if counts.loc[name].sum()]
    each = [f"{name} {percent(counts.loc[name, name] / counts.loc[name].sum())}" for name in shown]
    return f"{finding(counts, net, epoch)}. Recognised: {', '.join(each)}"
