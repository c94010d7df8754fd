"""Gradient norms along the layers of several networks, plain beside residual, and what the class should notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.figures.colours import RESIDUAL, SHORTCUT
from app.figures.layout import arranged, wrapped

PLAIN, WITH_SHORTCUTS = RESIDUAL, SHORTCUT  # a plain net is F(x) alone
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
ALIKE = 2.0  # norms within this factor count as the same size


@dataclass(frozen=True)
class Quantity:
    """What is drawn along the layers: a column of `rc.gradient_flow` and its axis."""

    column: str
    axis: str
    reading: str


QUANTITIES = {
    "raw": Quantity(
        "grad_norm",
        "L2 norm of the gradient of each conv's weights",
        "A raw norm says little by itself: behind batch norm a conv with ten times the weights has a tenth of the "
        "gradient and computes the same.",
    ),
    "scale-free": Quantity(
        "relative_update",
        "lr·|g| / |w|: length of one SGD step over length of the weights",
        "The step in units of the weights themselves: 0.01 means that one SGD step changes them by 1 %.",
    ),
}


def lines_of(table: pd.DataFrame) -> dict[str, dict[str, object]]:
    """How each network (column net) is drawn: the colour tells plain from residual, the dash one depth from another."""
    lines: dict[str, dict[str, object]] = {}
    for colour, kind in ((PLAIN, table["shortcut"] == "none"), (WITH_SHORTCUTS, table["shortcut"] != "none")):
        for place, net in enumerate(dict.fromkeys(table["net"][kind])):
            lines[net] = {"color": colour, "width": 3, "dash": DASHES[place % len(DASHES)]}
    return {net: lines[net] for net in dict.fromkeys(table["net"])}


def deepest(rows: pd.DataFrame) -> list[Any]:
    """The last plain and the last residual network among rows of one network each, as far as there are any."""
    kinds = (rows[rows["shortcut"] == "none"], rows[rows["shortcut"] != "none"])
    return [some.iloc[-1] for some in kinds if not some.empty]


def spread(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Median, least and largest value over the seeds, one row a conv of each net, in forward order."""
    keys = ["net", "depth", "conv"]
    grouped = table.groupby(keys, sort=False, dropna=False)[column]
    found = grouped.agg(["median", "min", "max"]).reset_index()
    last = found.groupby("net", sort=False)["depth"].transform("max")
    return found.assign(relative=(found["depth"] - 1) / (last - 1).clip(lower=1))


def end_ratios(table: pd.DataFrame) -> pd.DataFrame:
    """First conv's gradient norm over the last conv's: one row a net with median, least and largest over the seeds.

    `first` is the median of the first conv's norm itself: where both ends are exactly 0 there is no ratio.
    """
    ends = table.groupby(["net", "variant", "shortcut", "seed"], sort=False)["grad_norm"].agg(["first", "last"])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (ends["first"].to_numpy() / ends["last"].to_numpy()).astype(float)
    found = ends.assign(ratio=ratio).reset_index()
    grouped = found.groupby(["net", "variant", "shortcut"], sort=False)
    ratios = grouped["ratio"].agg(["median", "min", "max"])
    return ratios.assign(first=grouped["first"].median()).reset_index()


def end_words(row: Any) -> str:
    """A row of `end_ratios` in words."""
    if np.isnan(row["median"]) and row["first"] == 0:
        return "exactly 0, and so is the last"
    return times(float(row["median"]))


def times(ratio: float) -> str:
    """A ratio of the first layer's gradient to the last's in words."""
    if np.isnan(ratio):
        return "not to be compared: the loss diverged"
    if np.isinf(ratio):
        return "infinitely larger than the last, which is exactly 0"
    if ratio == 0:
        return "exactly 0"
    if ratio >= ALIKE:
        return f"{_count(ratio)} times the last"
    if ratio <= 1 / ALIKE:
        return f"{_count(1 / ratio)} times smaller than the last"
    return "about as large as the last"


def _count(number: float) -> str:
    """Two significant figures as one says them: 87, 1.7 thousand, 4.6 million, 8.1×10¹⁴."""
    if number >= 1e9:
        power = int(np.floor(np.log10(number)))
        return f"{number / 10.0**power:.1f}×10{str(power).translate(SUPERSCRIPTS)}"
    size, word = next(each for each in ((1e6, " million"), (1e3, " thousand"), (1, "")) if number >= each[0])
    return f"{float(f'{number / size:.2g}'):g}{word}"


def finding(table: pd.DataFrame) -> str:
    """One sentence: how the first layer's gradient compares with the last's in the deepest plain and residual net."""
    if table.empty:
        return "Nothing is measured yet"
    said = [(row["net"], end_words(row)) for row in deepest(end_ratios(table))]
    first_net, first_words = said[0]
    sentence = f"{first_net}: the first layer's gradient is {first_words}"
    return sentence + "".join(f"; {net}: {words}" for net, words in said[1:])


def flow_chart(table: pd.DataFrame, quantity: Quantity, *, by_layer: bool) -> go.Figure:
    """One line a net (median over seeds, band from least to largest) on a log axis; exact zeros lie on its floor."""
    found = spread(table, quantity.column)
    positive = found[["median", "min", "max"]].to_numpy()
    positive = positive[np.isfinite(positive) & (positive > 0)]
    floor = float(positive.min()) / 30 if positive.size else 1e-12
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
                customdata=np.stack([rows["conv"], [f"{value:.3g}" for value in rows["median"]]], axis=-1),
                hovertemplate="%{customdata[0]}: %{customdata[1]}<extra>" + net + "</extra>",
                mode="lines+markers",
                marker={"size": 6, "symbol": ["x" if value == 0 else "circle" for value in rows["median"]]},
                line=line,
            )
        )
    if (found["median"] == 0).any():
        figure.add_hline(y=floor, line={"dash": "dot", "width": 1}, annotation={"text": "exactly 0"})
    title = wrapped(finding(table))
    axis = "layer, counted from the input" if by_layer else "relative depth: 0 = first conv, 1 = last"
    return arranged(figure, title=title, x=axis, y=quantity.axis).update_yaxes(type="log", exponentformat="power")


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


def ratio_chart(table: pd.DataFrame) -> go.Figure:
    """First layer's gradient over the last's, by depth: plain and residual nets on one log axis."""
    ratios = end_ratios(table)
    depths = ratios["variant"].str.removeprefix("resnet").astype(int)
    figure = go.Figure()
    for name, colour, symbol, rows in (
        ("plain", PLAIN, "square", ratios["shortcut"] == "none"),
        ("residual", WITH_SHORTCUTS, "circle", ratios["shortcut"] != "none"),
    ):
        some = ratios[rows & np.isfinite(ratios["median"]) & (ratios["median"] > 0)]
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
                hovertemplate="%{text}: %{y:.3g}<extra></extra>",
                mode="lines+markers",
                marker={"size": 11, "symbol": symbol},
                line={"color": colour, "width": 3},
            )
        )
    figure.add_hline(y=1, line={"dash": "dot", "width": 1})
    figure.update_xaxes(tickvals=sorted(set(depths)))
    title = wrapped("First layer's gradient over the last's, by depth; the dotted line: both alike")
    figure = arranged(figure, title=title, x="depth: layers with weights", y="first / last gradient norm")
    return figure.update_yaxes(type="log", exponentformat="power")


def flow_words(table: pd.DataFrame, quantity: Quantity) -> str:
    """The gist of the chart along the layers for those who do not see it."""
    if table.empty:
        return "No measurements yet"
    nets = list(dict.fromkeys(table["net"]))
    ends = spread(table, quantity.column)
    parts = []
    for net in nets:
        rows = ends[ends["net"] == net]
        parts.append(f"{net} from {rows['median'].iloc[0]:.2g} at the first conv to {rows['median'].iloc[-1]:.2g}")
    return f"{quantity.axis}. " + "; ".join(parts)


def ratio_words(table: pd.DataFrame) -> str:
    """The gist of the chart by depth for those who do not see it."""
    return "; ".join(f"{row['net']}: {end_words(row)}" for _, row in end_ratios(table).iterrows())


def loss_table(runs: Sequence[tuple[str, str, int, Sequence[float]]]) -> pd.DataFrame:
    """One row a step of each run (net, shortcut, seed, losses): net, shortcut, seed, step, loss."""
    return pd.DataFrame(
        [(net, shortcut, seed, step, loss) for net, shortcut, seed, losses in runs for step, loss in enumerate(losses)],
        columns=["net", "shortcut", "seed", "step", "loss"],
    )


def diverged(losses: pd.DataFrame) -> dict[str, int]:
    """Networks whose loss became NaN or infinite with any seed, and after how many steps that first happened."""
    broken = losses[~np.isfinite(losses["loss"])]
    return {str(net): int(step) for net, step in broken.groupby("net", sort=False)["step"].min().items()}


def loss_chart(losses: pd.DataFrame) -> go.Figure:
    """The loss by SGD step: one line a net, the median over its seeds."""
    figure = go.Figure()
    for net, line in lines_of(losses).items():
        rows = losses[(losses["net"] == net) & np.isfinite(losses["loss"])].groupby("step")["loss"].median()
        figure.add_trace(go.Scatter(x=rows.index, y=rows, name=net, mode="lines+markers", line=line))
    title, why = wrapped(loss_words(losses)), diverged(losses)
    note = "; ".join(f"{net} diverged after {step} steps" for net, step in why.items())
    return arranged(figure, title=title, x="SGD steps taken", y="cross-entropy", note=note)


def loss_words(losses: pd.DataFrame) -> str:
    """Whose loss fell and whose rose, from the first step to the last, in one sentence."""
    runs = losses.groupby(["net", "seed"], sort=False)["loss"].agg(lambda run: run.iloc[-1] - run.iloc[0])
    change = runs.groupby("net", sort=False).agg(lambda seeds: np.median(seeds))  # NaN if any run diverged
    fell = [str(net) for net in change.index if change[net] < 0]
    rest = [str(net) for net in change.index if net not in fell]
    parts = [f"The loss fell in {', '.join(fell)}"] if fell else []
    parts += [f"{'it rose' if fell else 'The loss rose'} or broke in {', '.join(rest)}"] if rest else []
    return "; ".join(parts)
