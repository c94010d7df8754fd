"""The loss by SGD step of several networks, whose it raised, and whom it broke."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.gradients.charts.norms import lines_of
from app.gradients.words import once
from app.shared.drawing.layout import arranged, wrapped

LITTLE = 0.01  # of a loss: less change than that is no direction
WAYS = {
    frozenset({"fell"}): "fell in",
    frozenset({"rose"}): "rose in",
    frozenset({"hardly"}): "hardly changed in",
    frozenset({"fell", "hardly"}): "fell or hardly changed, by seed, in",
    frozenset({"rose", "hardly"}): "rose or hardly changed, by seed, in",
    frozenset({"fell", "rose"}): "fell with some seeds and rose with others in",
    frozenset({"fell", "rose", "hardly"}): "fell with some seeds and rose with others in",
}


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


def diverged_words(net: str, step: int) -> str:
    """Who diverged and when, in a sentence of its own."""
    when = "before the first step" if step == 0 else f"after {step} step{'s' * (step != 1)} at the earliest"
    return f"{net} diverged: {when} its loss is not a finite number."


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
    sound = losses[~losses["net"].isin(list(broken))]
    ways: dict[str, list[str]] = {way: [] for way in dict.fromkeys(WAYS.values())}
    for net, runs in sound.groupby("net", sort=False):
        by_seed = runs.groupby("seed", sort=False)["loss"]
        ways[WAYS[frozenset(map(_way, by_seed.first(), by_seed.last()))]].append(str(net))
    parts = [f"{way} {', '.join(nets)}" for way, nets in ways.items() if nets]
    if broken:
        parts.append(
            f"diverged in {', '.join(f'{net} after step {step} at the earliest' for net, step in broken.items())}"
        )
    return f"The loss {'; '.join(parts)}{once(losses)}"


def _way(first: float, last: float) -> str:
    if abs(last - first) <= LITTLE * abs(first):
        return "hardly"
    return "fell" if last < first else "rose"
