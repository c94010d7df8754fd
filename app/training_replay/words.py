"""Recorded training runs in sentences, made from their numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

import resnet_core as rc
from app.shared.lists import deepest, listed
from app.shared.magnitudes import compared, figures
from app.training_replay.measured import after_epoch, percent_of

CLOSE = 0.005  # of the pictures: with one seed each, a smaller difference between two runs does not count
LIKE = 1e-4  # of the largest learning rate: one step more in an epoch changes it by less


def named(runs: Iterable[rc.Run]) -> dict[str, rc.Run]:
    """The runs by name, plain nets first, each kind from shallow to deep; two of the same net get their ids."""
    ordered = sorted(runs, key=lambda run: (not run.is_plain, rc.VARIANTS[run.variant].depth, run.id))
    counts = Counter(run.title for run in ordered)
    return {run.title if counts[run.title] == 1 else f"{run.title}, {run.id}": run for run in ordered}


def error_finding(curves: pd.DataFrame, epoch: int) -> str:
    """Deeper against shallower nets of a kind by training error, as in the paper's Fig. 6; else a net against its twin.

    Errors are called different only where their words differ.
    """
    rows = curves[curves["epoch"] == epoch]
    if rows.empty:
        return "No run is chosen" if curves.empty else f"No chosen run has an epoch {epoch}"
    kinds = [rows[rows["shortcut"] == "none"], rows[rows["shortcut"] != "none"]]
    pairs = [(kind.iloc[-1], kind.iloc[0]) for kind in kinds if kind["layers"].nunique() > 1]
    if not pairs:
        pairs = [
            (plain, other)
            for (_, plain), (_, other) in product(*(kind.iterrows() for kind in kinds))
            if plain["layers"] == other["layers"]
        ]
    said = [_compared(*pair) for pair in pairs] or [_alone(row) for _, row in rows.iterrows()]
    return f"After {epoch} epoch{'s' * (epoch != 1)} (one run each) {'; '.join(said)}"


def _compared(one: Any, other: Any) -> str:
    mine, theirs = percent_of(one["train_error"]), percent_of(other["train_error"])
    if mine == theirs:
        return f"{one['net']} and {other['net']} have the same training error ({mine})"
    if abs(one["train_error"] - other["train_error"]) < CLOSE:
        return f"{one['net']} and {other['net']} have about the same training error ({mine} and {theirs})"
    word = "higher" if one["train_error"] > other["train_error"] else "lower"
    return f"{one['net']} has a {word} training error than {other['net']} ({mine} against {theirs})"


def _alone(row: Any) -> str:
    train, (kind, after) = percent_of(row["train_error"]), after_epoch(row)
    return f"{row['net']} has a training error of {train} ({kind}: {percent_of(after)})"


def error_words(curves: pd.DataFrame, epoch: int) -> str:
    """The errors of every chosen net in an epoch, as text."""
    rows = curves[curves["epoch"] == epoch]
    parts = [f"Epoch {epoch}"]
    if len(schedules(curves)) == 1 and not rows.empty:
        parts.append(
            f"trained on crops of {rows['size'].iloc[0]} px, learning rate at its end {rate(rows['lr'].iloc[0])}"
        )
    errors = []
    for _, row in rows.iterrows():
        kind, after = after_epoch(row)
        errors.append(f"{row['net']} {percent_of(row['train_error'])} training, {percent_of(after)} {kind} error")
    return f"{', '.join(parts)}: {'; '.join(errors)}"


def norm_finding(norms: pd.DataFrame, epoch: int) -> str:
    """How the first block compares with the last in the deepest plain and the deepest residual net.

    The block with the least gradient is named where that is less than half of both.
    """
    here = norms[norms["epoch"] == epoch]
    if here.empty:
        return "No run is chosen" if norms.empty else f"No chosen run has an epoch {epoch}"
    of_block = here.set_index(["net", "block"])["grad_norm"]
    found = [(row["net"], _over_depth(of_block[row["net"]])) for row in deepest(first_over_last(here))]
    (net, words), *others = found
    said = f"Epoch {epoch}, {net}: the first block's gradient is {words}"
    return said + "".join(f"; {other}: {more}" for other, more in others)


def _over_depth(of_block: pd.Series[float]) -> str:
    """The first block's gradient against the last's, and the block with the smallest if it is another."""
    first, least, last = (float(value) for value in (of_block.iloc[0], of_block.min(), of_block.iloc[-1]))
    if not all(0 < value < np.inf for value in (first, last)):
        return f"{figures(first, 1)}, and that of the last {figures(last, 1)}"
    words = compared([first / last], "the last")
    if 0 < 2 * least < min(first, last):
        return f"{words}, and {compared([first / least], f'that of {of_block.idxmin()}')}"
    return words


def first_over_last(norms: pd.DataFrame) -> pd.DataFrame:
    """The first block's norm over the last's, one row per epoch and net: net, shortcut, epoch, ratio."""
    grouped = norms.groupby(["net", "shortcut", "epoch"], sort=False)["grad_norm"]
    return (grouped.first() / grouped.last()).rename("ratio").reset_index()


def range_words(norms: pd.DataFrame) -> str:
    """The range of the ratio of the first block to the last over all epochs, for every net."""
    said = [
        f"{net}: {f'{figures(known.min(), 2)} to {figures(known.max(), 2)}' if len(known) else 'none'}"
        for net, ratios in first_over_last(norms).groupby("net", sort=False)["ratio"]
        for known in [ratios[np.isfinite(ratios)]]
    ]
    return (
        f"First block's gradient over the last's, least to largest of all epochs: {'; '.join(said)}. The title gives "
        "orders of magnitude, of one run per net."
    )


def schedules(curves: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The different courses of learning rate and picture size, by the names of the nets that share each."""
    courses: list[tuple[list[str], pd.DataFrame]] = []
    for net, rows in curves.groupby("net", sort=False):
        names = next((names for names, known in courses if _same_course(known, rows)), None)
        if names is None:
            courses.append(([str(net)], rows))
        else:
            names.append(str(net))
    return {", ".join(names): rows for names, rows in courses}


def _same_course(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """The same picture sizes and learning rates; runs with a step more or less an epoch are alike."""
    sizes_match = one["size"].tolist() == other["size"].tolist()
    return sizes_match and bool(np.allclose(one["lr"], other["lr"], rtol=0, atol=LIKE * one["lr"].max()))


def lr_finding(curves: pd.DataFrame, restarts: Iterable[int]) -> str:
    """Where the learning rate is largest, where it starts again, and whether the training error rises there."""
    if curves.empty:
        return "No run is chosen"
    courses = schedules(curves)
    if len(courses) > 1:
        return f"{len(courses)} different schedules: compare these nets with care"
    (rows,) = courses.values()
    top = int(rows["lr"].argmax())
    said = f"The learning rate is largest in epoch {rows['epoch'].iloc[top]} ({rate(rows['lr'].iloc[top])})"
    epochs = list(restarts)
    if not epochs:
        return said
    change = curves.groupby("net", sort=False)["train_error"].diff()[curves["epoch"].isin(epochs)]
    everywhere = "; every training error rises there" if (change > 0).all() else ""
    when = f"epoch{'s' * (len(epochs) > 1)} {listed([str(each) for each in epochs])}"
    return f"{said} and starts again in {when}{everywhere}"


def size_words(rows: pd.DataFrame) -> str:
    """The sizes of the crops that were trained on, in the order of the epochs."""
    begins = rows[rows["size"] != rows["size"].shift()]
    first, *later = [(row["epoch"], row["size"]) for _, row in begins.iterrows()]
    return ", ".join([f"{first[1]:.0f} px", *(f"{size:.0f} px from epoch {epoch:.0f}" for epoch, size in later)])


def unseen(runs: Mapping[str, rc.Run]) -> str:
    """What the runs cannot show without two plain nets of different depth; "" with them."""
    if len({rc.VARIANTS[run.variant].depth for run in runs.values() if run.is_plain}) > 1:
        return ""
    return (
        "The paper's case for shortcuts compares depths (Figs. 4 and 6): of two plain nets the deeper one has the "
        "higher training error. Without two plain nets of different depth, as here, that cannot be seen."
    )


def rate(lr: float) -> str:
    """A learning rate in two digits; what rounding leaves at the end of a cycle becomes 0."""
    return f"{lr:.2g}" if lr >= 1e-5 else "0"
