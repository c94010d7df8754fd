"""Charts of gradients along the layers of several networks, plain and residual."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.gradients.words import GradientQuantity, end_words, finding, runs_words, spread
from app.shared.drawing.colours import RESIDUAL, SHORTCUT
from app.shared.drawing.layout import GREY, arranged, stacked, wrapped
from app.shared.magnitudes import figures, power_of_ten
from resnet_core.gradients.ends import end_ratios, ends

PLAIN, WITH_SHORTCUTS = RESIDUAL, SHORTCUT  # a plain net is F(x) alone
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MANY = 40  # from so many convs on, markers would hide the dashes of a line


def lines_of(table: pd.DataFrame) -> dict[str, dict[str, object]]:
    """How each network (column net) is drawn: the colour tells plain from residual, the dash one depth from another."""
    lines: dict[str, dict[str, object]] = {}
    for colour, kind in ((PLAIN, table["shortcut"] == "none"), (WITH_SHORTCUTS, table["shortcut"] != "none")):
        for number, net in enumerate(dict.fromkeys(table["net"][kind])):
            lines[net] = {"color": colour, "width": 3, "dash": DASHES[number % len(DASHES)]}
    return {net: lines[net] for net in dict.fromkeys(table["net"])}


def flow_chart(table: pd.DataFrame, quantity: GradientQuantity, *, by_layer: bool) -> go.Figure:
    """One line a net (median over seeds, band from least to largest) on a log axis; exact zeros lie on its floor."""
    found = spread(table, quantity.column)
    positive = found[["median", "min", "max"]].to_numpy()
    positive = positive[np.isfinite(positive) & (positive > 0)]
    floor = _floor(positive)
    figure = go.Figure()
    for net, line in lines_of(table).items():
        rows = found[found["net"] == net]
        x = rows["depth"] if by_layer else rows["relative"]
        if table.loc[table["net"] == net, "seed"].nunique() > 1:
            figure.add_trace(_band(net, x, rows, floor, str(line["color"])))
        figure.add_trace(
            go.Scatter(
                x=x,
                y=rows["median"].where(rows["median"] != 0, floor),
                name=net,
                legendgroup=net,
                customdata=np.stack([rows["conv"], [figures(value, 2) for value in rows["median"]]], axis=-1),
                hovertemplate="%{customdata[0]}: %{customdata[1]}<extra>" + net + "</extra>",
                mode="lines+markers",
                marker={
                    "size": [8 if value == 0 else 6 * (len(rows) < MANY) for value in rows["median"]],
                    "symbol": ["x" if value == 0 else "circle" for value in rows["median"]],
                },
                line=line,
            )
        )
    if (found["median"] == 0).any():
        figure.add_hline(y=floor, line={"dash": "dot", "width": 1, "color": GREY})
        at = {"x": 1, "xref": "paper", "xanchor": "right", "y": np.log10(floor), "yanchor": "bottom"}
        figure.add_annotation(**at, text="exactly 0", showarrow=False)
    axis = "layer, counted from the input" if by_layer else "relative depth: 0 = first conv, 1 = last"
    figure = arranged(figure, title=_lines(finding(table, quantity)), x=axis, y=quantity.axis)
    return figure.update_yaxes(type="log", **_ticks(positive))


def _floor(positive: NDArray[np.floating]) -> float:
    """Where zeros are drawn: below everything else by an eighth of its decades, to leave space for their label."""
    if not positive.size:
        return 1e-12
    decades = np.log10(positive.max() / positive.min())
    return float(positive.min() / 10 ** max(1.5, decades / 8))


def _band(net: str, x: pd.Series, rows: pd.DataFrame, floor: float, colour: str) -> go.Scatter:
    low, high = (rows[end].where(rows[end] != 0, floor) for end in ("min", "max"))
    red, green, blue = bytes.fromhex(colour[1:])
    return go.Scatter(
        x=[*x, *x[::-1]],
        y=[*high, *low[::-1]],
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},0.18)",
        line={"width": 0},
        name=f"{net}, all seeds",
        legendgroup=net,
        showlegend=False,
        hoverinfo="skip",
    )


def ratio_chart(table: pd.DataFrame, quantity: GradientQuantity) -> go.Figure:
    """The first layer over the last, by depth: plain and residual nets on one log axis."""
    ratios = end_ratios(table, quantity.column)
    depths = ratios["variant"].str.removeprefix("resnet").astype(int)
    drawn = np.isfinite(ratios["median"]) & (ratios["median"] > 0)
    whole = drawn & (ratios["defined"] == ratios["seeds"]) & np.isfinite(ratios["max"]) & (ratios["min"] > 0)
    figure = go.Figure()
    for name, colour, symbol, rows in (
        ("plain", PLAIN, "square", ratios["shortcut"] == "none"),
        ("residual", WITH_SHORTCUTS, "circle", ratios["shortcut"] != "none"),
    ):
        some = ratios[rows & drawn]
        if some.empty:
            continue
        middle = some["median"]
        figure.add_trace(
            go.Scatter(
                x=depths[some.index],
                y=middle,
                error_y={"array": some["max"] - middle, "arrayminus": middle - some["min"], "thickness": 2},
                name=name,
                text=some["net"],
                hovertemplate="%{text}: %{y:.2g}<extra></extra>",
                mode="lines+markers",
                marker={"size": 11, "symbol": symbol},
                line={"color": colour, "width": 3},
            )
        )
    figure.add_hline(y=1, line={"dash": "dot", "width": 2, "color": GREY})
    figure.update_xaxes(tickvals=sorted(set(depths)))
    title = wrapped(f"First / last {quantity.noun} by depth (dotted: equal)")
    runs = ends(table, quantity.column)
    without = [f"{net} is {end_words(runs[runs['net'] == net], quantity)}" for net in ratios["net"][~whole]]
    note = f"Without a ratio for each seed: {'; '.join(without)}{runs_words(table)}" if without else ""
    figure = arranged(figure, title=title, x="depth: convs of F(x), stem and head", y="first / last", note=note)
    shown = ratios.loc[drawn, ["median", "min", "max"]].to_numpy().ravel()
    return figure.update_yaxes(type="log", **_ticks(np.append(shown, 1.0)))


def _lines(sentence: str) -> str:
    """A finding as a title: each network gets its own lines, and a number stays with its next word."""
    held = re.sub(r"(?<=\d) (?=times|thousand|million)|(?<=thousand) |(?<=million) ", "\N{NO-BREAK SPACE}", sentence)
    return stacked(held)


def _ticks(values: NDArray[np.floating]) -> dict[str, list[Any]]:
    """Ticks of a log axis that shows `values`: powers of ten, with others between them where they are few."""
    values = values[np.isfinite(values) & (values > 0)]
    if not values.size:
        return {}
    low, high = int(np.floor(np.log10(values.min()))), int(np.ceil(np.log10(values.max())))
    if high - low <= 2:
        digits = (1, 2, 3, 5, 7) if values.max() < 10 * values.min() else (1, 2, 5)
        ticks = [digit * 10.0**power for power in range(low, high + 1) for digit in digits]
        return {"tickvals": ticks, "ticktext": [f"{tick:.3g}" for tick in ticks]}
    powers = range(low, high + 1, -(-(high - low) // 8))
    ticks = [10.0**power for power in powers]
    plain = {power: f"{10.0**power:g}" for power in range(-2, 4)}
    return {"tickvals": ticks, "ticktext": [plain.get(p, power_of_ten(p)) for p in powers]}
