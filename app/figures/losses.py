"""The loss by SGD step of several networks, whose it raised, and whom it broke."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.figures.gradients import lines_of
from app.figures.layout import arranged, wrapped


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
    figure.update_xaxes(dtick=max(1, int(losses["step"].max()) // 5))  # there are no half steps
    title = wrapped(loss_words(losses))
    return arranged(figure, title=title, x="SGD steps taken", y="cross-entropy")


def loss_words(losses: pd.DataFrame) -> str:
    """Whose loss fell and whose rose, from the first step to the last, and who diverged, in one sentence."""
    broken = diverged(losses)
    runs = losses[~losses["net"].isin(list(broken))].groupby(["net", "seed"], sort=False)["loss"]
    change = (runs.last() - runs.first()).groupby("net", sort=False).median()
    sound = [str(net) for net in change.index]
    parts = [
        f"{word} in {', '.join(nets)}"
        for word, nets in (
            ("fell", [net for net in sound if change[net] < 0]),
            ("rose", [net for net in sound if change[net] >= 0]),
            ("diverged", [f"{net} after step {step}" for net, step in broken.items()]),
        )
        if nets
    ]
    return f"The loss {'; '.join(parts)}"
