"""What every block does, from the first to the last, of one network or of several on the same axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.feature_maps.charts.quantities import QUANTITIES, Finding, Quantity, blocks
from app.shared.drawing.colours import OUTPUT, RESIDUAL, SHORTCUT, SUM
from app.shared.drawing.fields import FEW_BESIDE, marker_size, named_ticks
from app.shared.drawing.layout import GREY, arranged, as_text, percent_ticks, wrapped
from app.shared.drawing.shortcuts import SHORTCUTS

__all__ = ["QUANTITIES", "Quantity", "Series", "depth_chart", "depth_table", "depth_words"]

HEIGHT = 216  # pixels of a plot
BETWEEN = " · "  # in a label, between the name of a network and its weights
DASHES = ("solid", "dash", "dot")
PLAIN, WITH_SHORTCUTS = (RESIDUAL, "#D55E00", GREY), (SHORTCUT, OUTPUT, SUM)  # a plain net is F(x) alone


@dataclass(frozen=True, eq=False)
class Series:
    """One network: its name, the rows of `rc.measures` for one photo, and whether its batch norm is trained."""

    label: str
    table: pd.DataFrame
    trained: bool = True


def depth_table(series: Sequence[Series]) -> pd.DataFrame:
    """The rows of `rc.measures` of all networks, with a last column `net`."""
    if not series:
        return pd.DataFrame()
    return pd.concat([one.table.assign(net=one.label) for one in series], ignore_index=True)


def depth_chart(series: Sequence[Series], quantity: Quantity) -> go.Figure:
    """One line per network, one marker per block; by block name, or by relative depth if the blocks differ."""
    figure = go.Figure()
    aligned = len({tuple(one.table["block"]) for one in series}) <= 1
    colours = _colours(series)
    for number, (one, colour) in enumerate(zip(series, colours, strict=True)):
        figure.add_trace(_line(one, quantity, colour, DASHES[number % len(DASHES)], aligned=aligned))
    if len(series) == 1:
        figure.data[0].showlegend = False  # the title names it
    longest = max((len(one.table) for one in series), default=1)
    ends = [-0.4, longest - 0.6] if aligned else [-0.03, 1.03]
    if quantity.level is not None:
        figure.add_trace(_level(quantity.level, ends))
    figure.add_traces(_kinds(series))
    found, why = finding(series, quantity), problems(series, quantity)
    said = [found.detail, quantity.source, "" if why in found.detail else why]
    note = " ".join(f"{part.rstrip('.')}." for part in said if part)
    x = "block" if aligned else "relative depth (1 = last block)"
    figure = arranged(
        figure, title=wrapped(as_text(found.title)), x=x, y=quantity.axis, note=as_text(note), height=HEIGHT
    )
    figure.update_xaxes(range=ends)
    if aligned and series:
        names = list(series[0].table["block"])
        ticks = named_ticks(names, FEW_BESIDE)
        figure.update_xaxes(tickvals=ticks, ticktext=[names[tick] for tick in ticks])
    if quantity.is_share:
        highest = max((_finite(one.table, quantity).max() for one in series), default=1.0)
        figure.update_yaxes(percent_ticks(float(np.nan_to_num(highest))))
    return figure.update_yaxes(rangemode="tozero")


def _colours(series: Sequence[Series]) -> list[str]:
    plain, others = iter(PLAIN), iter(WITH_SHORTCUTS)
    return [next(plain if (one.table["shortcut_kind"] == "none").all() else others) for one in series]


def _line(one: Series, quantity: Quantity, colour: str, dash: str, *, aligned: bool) -> go.Scatter:
    table = one.table
    count = len(table)
    values = _finite(table, quantity)
    size = marker_size(count)
    kinds = [SHORTCUTS[kind] for kind in table["shortcut_kind"]]
    words = ["" if np.isnan(value) else quantity.words(value) for value in values]
    return go.Scatter(
        x=list(range(count)) if aligned else [(index + 1) / count for index in range(count)],
        y=values,
        name=as_text(one.label),
        mode="lines+markers",
        line={"color": colour, "width": 3, "dash": dash},
        marker={"symbol": [kind.symbol for kind in kinds], "size": size, "color": colour, "line": _edge(colour)},
        customdata=[list(row) for row in zip(table["block"], (kind.short for kind in kinds), words, strict=True)],
        hovertemplate="%{customdata[0]} (%{customdata[1]}): %{customdata[2]}<extra>" + as_text(one.label) + "</extra>",
        showlegend=True,
        cliponaxis=False,
    )


def _edge(colour: str) -> dict[str, object]:
    return {"width": 2, "color": colour}  # the default would be dark on a dark page


def _level(value: float, ends: list[float]) -> go.Scatter:
    line = {"color": GREY, "width": 2, "dash": "dashdot"}
    return go.Scatter(x=ends, y=[value, value], mode="lines", line=line, hoverinfo="skip", showlegend=False)


def _kinds(series: Sequence[Series]) -> list[go.Scatter]:
    """The meaning of the markers, only for the legend."""
    present = {kind for one in series for kind in one.table["shortcut_kind"]}
    return [
        go.Scatter(
            x=[None],
            y=[None],
            name=look.short,
            mode="markers",
            marker={"symbol": look.symbol, "size": 11, "color": GREY, "line": _edge(GREY)},
        )
        for kind, look in SHORTCUTS.items()
        if kind in present and len(present) > 1
    ]


def _finite(table: pd.DataFrame, quantity: Quantity) -> pd.Series:
    """The values that can be drawn, and NaN for all others."""
    values = table[quantity.column].astype(float)
    return values.where(np.isfinite(values) & table["finite"])


def finding(series: Sequence[Series], quantity: Quantity) -> Finding:
    """What the lines show for this photo, from the numbers."""
    if not series:
        return Finding("Nothing is measured yet")
    cut = [(one.label, one.table.assign(**{quantity.column: _finite(one.table, quantity)})) for one in series]
    drawn = [(label, rows) for label, table in cut if not (rows := table.dropna(subset=[quantity.column])).empty]
    if not drawn:
        return Finding("Nothing to draw", problems(series, quantity))
    untrained = [one.label for one in series if not one.trained]
    if quantity.normalised and len(drawn) > 1 and 0 < len(untrained) < len(series):
        return Finding(f"Not compared: {quantity.title}", f"{', '.join(untrained)} is untrained")
    by_chance = any(label in untrained for label, _ in drawn)
    label, rows = drawn[0]
    if len(drawn) == 1:
        found = quantity.finding(rows)
        found = replace(found, detail=f"{label}, this photo{found.detail and ': '}{found.detail}")
    else:
        found = _comparison(drawn, quantity, by_chance=by_chance)
    return replace(found, detail=f"{found.detail} (one draw of the random weights)") if by_chance else found


def _comparison(drawn: list[tuple[str, pd.DataFrame]], quantity: Quantity, *, by_chance: bool) -> Finding:
    """The medians over the blocks, compared; values that are close, or different `by_chance`, count as equal."""
    medians = [float(table[quantity.column].median()) for _, table in drawn]
    words = [quantity.words(median) for median in medians]
    labels = [label for label, _ in drawn]
    listed = ", ".join(f"{label} {word}" for label, word in zip(labels, words, strict=True))
    detail = f"Medians of this photo over the blocks: {listed}"
    what = quantity.title
    if len(medians) != 2 or by_chance:
        return Finding(f"Median {what}", detail)
    if words[0] == words[1]:
        return Finding(f"The same {what}", detail)
    if quantity.close(*medians):
        return Finding(f"About the same {what}", detail)
    than = "Smaller" if medians[0] < medians[1] else "Larger"
    return Finding(f"{than} {what} in {_short(labels)[0]}", detail)


def _short(labels: Sequence[str]) -> list[str]:
    """The names of the networks, or what they are trained on if only that differs."""
    names, weights = (list(parts) for parts in zip(*(label.partition(BETWEEN)[::2] for label in labels), strict=True))
    if len(set(names)) == len(names):
        return names
    return weights if len(set(weights)) == len(weights) else list(labels)


def problems(series: Sequence[Series], quantity: Quantity) -> str:
    """Which values are not drawn, and why, in sentences; "" if all are."""
    said = []
    for one in series:
        values = one.table[quantity.column].astype(float)
        broken = one.table[~one.table["finite"] | np.isinf(values)]
        if not broken.empty:
            said.append(
                f"{one.label} has NaN or infinite values in {len(broken)} of {blocks(one.table)}, "
                f"first in {broken['block'].iloc[0]}; they are not drawn."
            )
        if values[one.table["finite"]].isna().any():
            said.append(f"{quantity.gap[0].upper()}{quantity.gap[1:]}.")
    return " ".join(dict.fromkeys(said))


def depth_words(series: Sequence[Series], quantity: Quantity) -> str:
    """The chart in words, as alt text."""
    parts = [f"{quantity.title} along the blocks", str(finding(series, quantity))]
    for one in series:
        values = _finite(one.table, quantity).dropna()
        if not values.empty:
            ends = [f"{one.table['block'][index]} {quantity.words(values[index])}" for index in values.index]
            parts.append(f"{one.label} from {ends[0]} to {ends[-1]}")
    why = problems(series, quantity)
    return ". ".join(part.rstrip(".") for part in (*parts, "" if why in parts[1] else why) if part)
