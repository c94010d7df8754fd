"""The loss by SGD step of several networks: where it rose, and which diverged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.gradients.charts.norms import lines_of
from app.gradients.words import runs_words
from app.shared.drawing.layout import arranged, wrapped

LITTLE = 0.01  # of a loss: a smaller change does not count


def loss_table(runs: Sequence[tuple[str, str, int, Sequence[float]]]) -> pd.DataFrame:
    """One row a step of each run (net, shortcut, seed, losses): net, shortcut, seed, step, loss."""
    return pd.DataFrame(
        [(net, shortcut, seed, step, loss) for net, shortcut, seed, losses in runs for step, loss in enumerate(losses)],
        columns=["net", "shortcut", "seed", "step", "loss"],
    )


def diverged_words(losses: pd.DataFrame) -> list[str]:
    """Networks whose loss became NaN or infinite, with how many seeds and when first: a sentence each."""
    said = []
    for net, runs in losses.groupby("net", sort=False):
        broken, seeds = runs[~np.isfinite(runs["loss"])], runs["seed"].nunique()
        if broken.empty:
            continue
        step, times = int(broken["step"].min()), broken["seed"].nunique()
        who = f"{net} diverged" + (f" with {times} of {seeds} seeds" if seeds > 1 else "")
        when = "before the first step" if step == 0 else f"after {step} step{'s' * (step != 1)}"
        at_first = " at the earliest" if times > 1 and step else ""
        another = "" if seeds > 1 else " Another seed can do otherwise."
        said.append(f"{who}: {when}{at_first} its loss is not a finite number.{another}")
    return said


def loss_chart(losses: pd.DataFrame) -> go.Figure:
    """The loss by SGD step: one line a net, the median over its seeds."""
    figure = go.Figure()
    for net, line in lines_of(losses).items():
        rows = losses[(losses["net"] == net) & np.isfinite(losses["loss"])].groupby("step")["loss"].median()
        figure.add_trace(go.Scatter(x=rows.index, y=rows, name=net, mode="lines+markers", line=line))
    figure.update_xaxes(dtick=max(1, int(losses["step"].max()) // 5))  # whole steps only
    title = wrapped(loss_words(losses))
    return arranged(figure, title=title, x="SGD steps taken", y="cross-entropy")


def loss_words(losses: pd.DataFrame) -> str:
    """Networks whose loss fell, rose or diverged from the first step to the last, and seeds, in one sentence."""
    said: dict[str, list[str]] = {}
    for net, runs in losses.groupby("net", sort=False):
        ways = Counter(_way(loss.to_numpy()) for _, loss in runs.groupby("seed", sort=False)["loss"])
        words = next(iter(ways))
        if len(ways) > 1:
            words = ", ".join(f"{way} with {times} of {ways.total()} seeds" for way, times in ways.most_common())
        said.setdefault(words, []).append(str(net))
    parts = [f"{words} in {', '.join(nets)}" for words, nets in said.items()]
    return f"The loss {'; '.join(parts)}{runs_words(losses)}"


def _way(losses: NDArray[np.float64]) -> str:
    first, last = losses[0], losses[-1]
    if not np.isfinite(losses).all():
        return "diverged"
    if abs(last - first) <= LITTLE * abs(first):
        return "hardly changed"
    return "fell" if last < first else "rose"
