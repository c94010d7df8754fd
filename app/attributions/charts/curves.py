"""Deletion and insertion: how the answer changes as pixels go or come in the order of a map (Petsiuk et al. 2018)."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.shared.drawing.bars import percent
from app.shared.drawing.colours import OUTPUT, RESIDUAL, SHORTCUT, SUM
from app.shared.drawing.layout import GREY, arranged, percent_ticks, wrapped
from app.shared.lists import listed

COLOURS, DASHES = (OUTPUT, RESIDUAL, SHORTCUT, SUM), ("solid", "dash", "dashdot", "longdash")
SYMBOLS = ("circle", "square", "diamond", "triangle-up")  # methods differ by shape, not by colour alone
RANDOM = "random maps"
HEIGHT = 220  # pixels of the plot
MARKED = 11  # the number of markers that distinguish a line


@dataclass(frozen=True)
class Curve:
    """One of the two games: what the axis counts, and whether a good map has a small or a large area."""

    axis: str
    what: str
    better: Callable[[float, float], bool]
    goal: str


@dataclass(frozen=True)
class Value:
    """The value that is measured at each step."""

    axis: str
    format: str
    rough: str  # of random maps, of which others would change the digit after it


CURVES = {
    "deletion": Curve(
        "pixels taken away, strongest first",
        "Deletion",
        lambda area, other: area < other,
        "A good map has a small area.",
    ),
    "insertion": Curve(
        "pixels put in, strongest first",
        "Insertion",
        lambda area, other: area > other,
        "A good map has a large area.",
    ),
}
VALUES = {
    "probability": Value("probability of the class", "{:.2f}", "{:.1f}"),
    "logit": Value("logit", "{:.3g}", "{:.1g}"),
}


def areas(table: pd.DataFrame, curve: str, value: str = "probability") -> dict[str, float]:
    """The area under the line of each method, by the trapezoid rule; NaN where a point is not finite.

    None is given of the random maps: others would change its second digit. How many are beaten is said.
    """
    own = table[(table["curve"] == curve) & (table["order"] == "map")].sort_values("share", kind="stable")
    found = {
        str(method): float(np.trapezoid(line[value].astype(float), line["share"].astype(float)))
        for method, line in own.groupby("method", sort=False)
    }
    return {method: found[method] if np.isfinite(found[method]) else np.nan for method in found}


def curves_chart(table: pd.DataFrame, curve: str, value: str = "probability") -> go.Figure:
    """One line a method, and dotted what random maps do; for one method alone in grey, with their spread.

    `table` has the columns method, curve (one of `CURVES`), order ("map" or "random"), share (0..1), and those of
    `VALUES`; beaten and draws: how many of so many random maps the map beats; low and high, if there, are the ends of
    the random maps' probabilities. Only this `curve` is drawn.
    """
    game, read = CURVES[curve], VALUES[value]
    rows = table[table["curve"] == curve].sort_values("share")
    lines, chance = rows[rows["order"] == "map"], rows[rows["order"] == "random"]
    methods = list(dict.fromkeys(table["method"]))
    alone = len(methods) == 1
    figure = go.Figure()
    if alone and value == "probability" and {"low", "high"} <= set(table) and not chance.empty:
        figure.add_trace(_band(chance))
    for number, method in enumerate(methods):
        style = {"color": COLOURS[number % len(COLOURS)], "width": 3, "dash": DASHES[number % len(DASHES)]}
        dotted = {"color": GREY if alone else style["color"], "width": 2.5, "dash": "dot"}
        symbol = SYMBOLS[number % len(SYMBOLS)]
        figure.add_trace(_line(chance[chance["method"] == method], value, RANDOM, dotted, None))
        figure.add_trace(_line(lines[lines["method"] == method], value, str(method), style, symbol))
    for again in [trace for trace in figure.data if trace.name == RANDOM][1:]:
        again.showlegend = False
    figure = arranged(figure, title=wrapped(title(table, curve)), x=game.axis, y=read.axis, height=HEIGHT)
    figure.update_xaxes(range=[-0.02, 1.02], **percent_ticks(1))
    if value == "probability":
        figure.update_yaxes(rangemode="tozero", **percent_ticks(float(np.nanmax(rows[value].astype(float), initial=0))))
    return figure


def _line(rows: pd.DataFrame, value: str, name: str, style: dict[str, object], symbol: str | None) -> go.Scatter:
    """A line with a marker here and there; that of random maps without any."""
    every = max(1, round(len(rows) / MARKED))
    digits = VALUES[value].format if symbol else VALUES[value].rough
    return go.Scatter(
        x=rows["share"],
        y=rows[value].where(np.isfinite(rows[value].astype(float))),
        name=name,
        legendgroup=name,
        mode="lines+markers" if symbol else "lines",
        line=style,
        marker={
            "symbol": symbol,
            "size": [0 if number % every else 9 for number in range(len(rows))],
            "color": style["color"],
            "opacity": 1,
            "line": {"width": 0},
        },
        customdata=[
            f"{percent(share)}: {digits.format(each)}" for share, each in zip(rows["share"], rows[value], strict=True)
        ],
        hovertemplate="%{customdata}<extra>" + name + "</extra>",
    )


def _band(chance: pd.DataFrame) -> go.Scatter:
    return go.Scatter(
        x=[*chance["share"], *chance["share"][::-1]],
        y=[*chance["high"], *chance["low"][::-1]],
        fill="toself",
        fillcolor="rgba(128,128,128,0.18)",
        line={"width": 0},
        name="all random maps",
        legendgroup=RANDOM,
        showlegend=False,
        hoverinfo="skip",
    )


def title(table: pd.DataFrame, curve: str) -> str:
    """How many of its random maps each method beats, in the order of the legend."""
    what = CURVES[curve].what
    own = table[(table["curve"] == curve) & (table["order"] == "map")]
    counts = own.groupby("method", sort=False)[["beaten", "draws"]].first()
    if counts.empty:
        return f"{what} is not measured yet"
    said = [f"{beaten} of {draws}" for beaten, draws in counts.itertuples(index=False)]
    return f"{what} beats {listed(said)} random maps"


def areas_words(table: pd.DataFrame, curve: str, value: str = "probability", drawn: Container[str] = ()) -> str:
    """The area of each method, and which is better; `drawn` as in `finding`."""
    found = areas(table, curve, value)
    said = [f"{_named(method, drawn)} {_read(area, value)}" for method, area in found.items()]
    return f"Area: {'; '.join(said)}. {CURVES[curve].goal}"


def finding(table: pd.DataFrame, curve: str, value: str = "probability", drawn: Container[str] = ()) -> str:
    """How many of its random maps each method beats, and its area; a map of `drawn` methods is one draw of many."""
    what = CURVES[curve].what
    found = areas(table, curve, value)
    if not found:
        return f"{what} is not measured yet"
    counts = table[table["curve"] == curve].groupby("method")[["beaten", "draws"]].first()
    said = []
    for method, area in found.items():
        beaten, draws = counts.loc[method]
        who, words = _named(method, drawn), _read(area, value)
        if np.isnan(area):
            said.append(f"{who} (not finite)")
        elif not draws:
            said.append(f"{who} (area {words}) has no random maps to beat")
        else:
            said.append(f"{who} beats {beaten} of {draws} random maps (area {words})")
    return f"{what}: {'; '.join(said)}"


def _named(method: str, drawn: Container[str]) -> str:
    return f"{method} (one draw)" if method in drawn else method


def _read(number: float, value: str) -> str:
    return VALUES[value].format.format(number) if np.isfinite(number) else "not a number"


def curves_words(table: pd.DataFrame, curve: str, value: str = "probability", drawn: Container[str] = ()) -> str:
    """The chart in words, as alt text: the finding, and where each line starts and ends."""
    parts = [finding(table, curve, value, drawn)]
    rows = table[(table["curve"] == curve)].sort_values("share")
    for (method, order), line in rows.groupby(["method", "order"], sort=False):
        first, last = (_read(line[value].iloc[end], value) for end in (0, -1))
        parts.append(f"{method}, {'by its map' if order == 'map' else RANDOM}: {VALUES[value].axis} {first} to {last}")
    return ". ".join(parts)
