"""How the answer to one photo developed: a line for each net over the epochs whose weights were kept."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

import resnet_core as rc
from app.shared.drawing.bars import percent
from app.shared.drawing.layout import arranged, percent_ticks, wrapped
from app.shared.lists import listed
from app.training_replay.charts.curves import LineStyles, with_epoch_axis


def answers_chart(table: pd.DataFrame, styles: LineStyles, epoch: int, whole: pd.DataFrame) -> go.Figure:
    """The probability of each net's last answer over the kept epochs, on an axis from 0 to 1; `epoch` is marked.

    `table` ends with `epoch`; what comes after it, as in `whole`, has its place on the axis.
    """
    figure = go.Figure()
    for net, rows in table.groupby("net", sort=False):
        style = styles[str(net)]
        told = [
            f"says {answer} ({percent(share)})"
            for answer, share in zip(rows["answer"], rows["probability"], strict=True)
        ]
        figure.add_trace(
            go.Scatter(
                x=rows["epoch"],
                y=rows["of_asked"],
                name=f"{net}: {rows['asked'].iloc[0]}",
                mode="lines+markers",
                line={"color": style.colour, "width": 3},
                marker={"symbol": style.symbol, "size": 11, "color": style.colour},
                customdata=told,
                hovertemplate=f"after epoch %{{x}} {net} %{{customdata}}<extra></extra>",
            )
        )
    title = wrapped(answers_verdict(table, epoch))
    note = f"{answers_finding(table)}. Each line: the probability of that answer after so many epochs."
    figure = arranged(figure, title=title, x="epoch", y="probability", note=note)
    return with_epoch_axis(figure, whole, epoch).update_yaxes(range=[-0.02, 1.16], **percent_ticks(1))


def answers_verdict(table: pd.DataFrame, epoch: int) -> str:
    """What each net says of the photo by then, in one line."""
    last = table.groupby("net", sort=False)["answer"].last()
    nets = {answer: [str(net) for net in last.index[last == answer]] for answer in dict.fromkeys(last)}
    (first, names), *others = nets.items()
    said = [f"{listed(names)} say{'s' * (len(names) == 1)} {first}"]
    return f"By epoch {epoch} {', '.join([*said, *(f'{listed(names)} {answer}' for answer, names in others)])}"


def answers_finding(table: pd.DataFrame) -> str:
    """The last answer of each net, and the kept epoch since which it has not changed."""
    return "; ".join(_settled(str(net), rows) for net, rows in table.groupby("net", sort=False))


def _settled(net: str, rows: pd.DataFrame) -> str:
    answer, share = rows["answer"].iloc[-1], rows["probability"].iloc[-1]
    others = rows["epoch"][rows["answer"] != answer]
    since = rows["epoch"][rows["epoch"] > (others.max() if len(others) else 0)].iloc[0]
    if since == rows["epoch"].max():
        when = f"after epoch {since}"
    else:
        when = f"in all kept epochs from {since} on" if len(others) else "from the start"
    return f"{net} says {answer} {when} ({percent(share)})"


def kept_words(runs: Mapping[str, rc.Run]) -> str:
    """After which epochs there are weights of which nets; an epoch uses the last before it."""
    nets: dict[tuple[int, ...], list[str]] = {}
    for name, run in runs.items():
        nets.setdefault(tuple(run.epoch_weights), []).append(name)
    said = [
        f"{', '.join(names)} after epoch{'s' * (len(epochs) > 1)} {', '.join(map(str, epochs))}"
        f"{' only' * (len(epochs) == 1)}"
        for epochs, names in nets.items()
    ]
    return f"Stored weights: {'; '.join(said)}."


def kept_at(epochs: Mapping[int, str], epoch: int) -> int | None:
    """The last epoch up to `epoch` whose weights were kept; None before the first."""
    return max((each for each in epochs if each <= epoch), default=None)
