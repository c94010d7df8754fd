"""Charts of recorded training runs over their epochs: errors and learning rate, with one epoch marked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

import resnet_core as rc
from app.shared.drawing.bars import percent
from app.shared.drawing.colours import PLAIN_TONES, RESIDUAL_TONES
from app.shared.drawing.layout import GREY, arranged, percent_ticks, wrapped
from app.training_replay import schedules, words
from app.training_replay.measured import KINDS
from resnet_core.training.runs import ERROR_COLUMNS

PLAIN_SYMBOLS = ("square", "diamond", "square-open", "diamond-open", "x")
SYMBOLS = ("circle", "triangle-up", "circle-open", "triangle-up-open", "cross")
DASHES = ("solid", "dash", "dot", "dashdot")
MARKED = 9  # the number of markers that distinguish a line
LARGE, SMALL = 290, 110  # heights of the charts of errors and of the learning rate


@dataclass(frozen=True)
class LineStyle:
    """How a net is drawn: colour and symbol show whether it is plain or residual; the symbol is its own."""

    colour: str
    symbol: str


LineStyles = Mapping[str, LineStyle]


def line_styles(runs: Mapping[str, rc.Run]) -> dict[str, LineStyle]:
    """The style of each net among all that can be chosen together, so that none changes with the choice.

    The first and the last of a kind, the shallowest and the deepest, have different colours.
    """
    styles: dict[str, LineStyle] = {}
    for plain, tones, symbols in ((True, PLAIN_TONES, PLAIN_SYMBOLS), (False, RESIDUAL_TONES, SYMBOLS)):
        nets = [net for net, run in runs.items() if run.is_plain is plain]
        for number, net in enumerate(nets):
            styles[net] = LineStyle(tones[number * len(tones) // len(nets)], symbols[number % len(symbols)])
    return styles


def error_chart(curves: pd.DataFrame, styles: LineStyles, epoch: int, restarts: Collection[int] = ()) -> go.Figure:
    """Training error dashed, that after the epoch bold, as in the paper's Fig. 6; at `epoch` marks, `restarts` dotted.

    What comes after `epoch` is not drawn, but has its place on both axes. `curves` is that of `tables.curves_of`,
    `epoch` and `restarts` are counted from 1.
    """
    figure = go.Figure()
    for net, whole in curves.groupby("net", sort=False):
        style, rows = styles[str(net)], whole[whole["epoch"] <= epoch]
        figure.add_trace(_line(rows, "train_error", "training", style))
        measured_on = rows["measured_on"].iloc[0]
        figure.add_trace(_line(rows, ERROR_COLUMNS[measured_on], KINDS[measured_on], style))
        if len(whole) >= epoch:
            figure.add_trace(_marks(rows[rows["epoch"] == epoch], style))
    title = wrapped(words.error_verdict(curves, epoch))
    note = words.error_figures(curves, epoch) if len(curves) else ""
    figure = with_epoch_axis(
        arranged(figure, title=title, x="epoch", y="error", note=note, height=LARGE), curves, epoch, restarts
    )
    errors = curves[[name for name in {"train_error", *ERROR_COLUMNS.values()} if name in curves]].to_numpy(float)
    highest = float(np.nanmax(errors, initial=0)) or 1.0
    return figure.update_yaxes(range=[0, 1.05 * highest], **percent_ticks(highest))


def _line(rows: pd.DataFrame, column: str, what: str, style: LineStyle) -> go.Scatter:
    """One error over the epochs; the bold line carries the net's symbol, and stands for it in the legend."""
    net, bold = rows["net"].iloc[0], column != "train_error"
    return go.Scatter(
        x=rows["epoch"],
        y=rows[column],
        name=net,
        legendgroup=net,
        showlegend=bold,
        mode="lines+markers" if bold else "lines",
        line={"color": style.colour, "width": 3.5 if bold else 2, "dash": "solid" if bold else "dash"},
        marker={
            "symbol": style.symbol,
            "size": 9,
            "maxdisplayed": MARKED,
            "color": style.colour,
            "line": {"width": 2 * style.symbol.endswith("open"), "color": style.colour},
        },
        customdata=[percent(error) for error in rows[column]],
        hovertemplate=f"epoch %{{x}}, {what}: %{{customdata}}<extra>{net}</extra>",
    )


def _marks(rows: pd.DataFrame, style: LineStyle) -> go.Scatter:
    """Large symbols on both lines at the marked epoch."""
    after = rows[ERROR_COLUMNS[rows["measured_on"].iloc[0]]]
    return go.Scatter(
        x=[*rows["epoch"], *rows["epoch"]],
        y=[*rows["train_error"], *after],
        legendgroup=rows["net"].iloc[0],
        showlegend=False,
        mode="markers",
        cliponaxis=False,
        marker={"symbol": style.symbol, "size": 13, "color": style.colour, "line": {"width": 2, "color": style.colour}},
        hoverinfo="skip",
    )


def lr_chart(curves: pd.DataFrame, epoch: int, restarts: Collection[int] = ()) -> go.Figure:
    """The learning rate at the end of every epoch, one line for each different schedule."""
    figure = go.Figure()
    courses = schedules.schedules(curves)
    for number, (nets, rows) in enumerate(courses.items()):
        figure.add_trace(
            go.Scatter(
                x=rows["epoch"],
                y=rows["lr"],
                name=nets,
                showlegend=len(courses) > 1,
                line={"color": GREY, "width": 3, "dash": DASHES[number % len(DASHES)]},
                customdata=[
                    f"{schedules.rate(lr)} at its end, crops of {size} px"
                    for lr, size in zip(rows["lr"], rows["size"], strict=True)
                ],
                hovertemplate="epoch %{x}: %{customdata}<extra></extra>",
            )
        )
    finding, sizes = schedules.lr_finding(curves, restarts), schedules.sizes_words(curves)
    figure = arranged(
        figure,
        title=wrapped(schedules.lr_verdict(curves, restarts)),
        x="epoch",
        y="learning rate",
        note=f"{finding}. Trained on crops of {sizes}." if sizes else "",
        height=SMALL,
    )
    return with_epoch_axis(figure, curves, epoch, restarts).update_yaxes(rangemode="tozero", nticks=4)


def with_epoch_axis(figure: go.Figure, curves: pd.DataFrame, epoch: int, restarts: Collection[int] = ()) -> go.Figure:
    """The axis of the epochs, with the marked one, and a dotted line before each restart of the learning rate."""
    last = max([epoch, *curves["epoch"]])
    late = 2 * epoch > last
    for restart in restarts:
        figure.add_vline(x=restart - 0.5, line={"dash": "dot", "width": 1.5, "color": GREY})
    figure.add_vline(
        x=epoch,
        line={"width": 2, "color": GREY},
        annotation={
            "text": f"epoch {epoch}",
            "xanchor": "right" if late else "left",
            "xshift": -4 if late else 4,
            "yanchor": "bottom",
            "y": 1,
        },
    )
    return figure.update_xaxes(range=[0.4, last + 0.6], dtick=1 if last < 10 else None)
