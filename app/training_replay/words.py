"""Recorded training runs in sentences, made from their numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

import resnet_core as rc
from app.shared.lists import deepest
from app.shared.magnitudes import compared, figures
from app.training_replay.measured import after_epoch, kinds, percent_of
from app.training_replay.schedules import rate, schedules

CLOSE = 0.005  # of the pictures: with one seed each, a smaller difference between two runs does not count


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
        return _nothing(curves, epoch)
    said = [_compared(*pair) for pair in _pairs(rows)] or [_alone(row) for _, row in rows.iterrows()]
    return f"After {epoch} epoch{'s' * (epoch != 1)} (one run each) {'; '.join(said)}"


def error_verdict(curves: pd.DataFrame, epoch: int) -> str:
    """The same in one line without numbers: who learns worse than whom, by the training error of this epoch."""
    rows = curves[curves["epoch"] == epoch]
    if rows.empty:
        return _nothing(curves, epoch)
    said = [_judged(*pair) for pair in _pairs(rows)]
    if not said:
        errors = [f"{row['net']} {percent_of(row['train_error'])}" for _, row in rows.iterrows()]
        return f"Epoch {epoch}, training error: {', '.join(errors)}"
    first, *others = said
    shorter = [f"{one} {words} {other}".replace(" learns ", " ") for one, words, other in others]
    return f"Epoch {epoch}: {', '.join([' '.join(first), *shorter])}"


def error_figures(curves: pd.DataFrame, epoch: int) -> str:
    """The training errors behind the verdict, and what the lines are."""
    rows = curves[curves["epoch"] == epoch]
    errors = ", ".join(f"{row['net']} {percent_of(row['train_error'])}" for _, row in rows.iterrows())
    bold = kinds(curves["measured_on"])
    each = "one run each" if curves["net"].nunique() > 1 else "one run"
    alike = any("about" in words for _, words, _ in (_judged(*pair) for pair in _pairs(rows)))
    close = f" About as well: within {100 * CLOSE:g} points." if alike else ""
    return f"Training error ({each}): {errors or 'none'}. Dashed: training. Bold: {bold}.{close}"


def _nothing(table: pd.DataFrame, epoch: int) -> str:
    return "No run is chosen" if table.empty else f"No chosen run has an epoch {epoch}"


def _pairs(rows: pd.DataFrame) -> list[tuple[Any, Any]]:
    """The deepest and the shallowest net of each kind; where no kind has two depths, a plain net and its twin."""
    nets = [rows[rows["shortcut"] == "none"], rows[rows["shortcut"] != "none"]]
    pairs = [(kind.iloc[-1], kind.iloc[0]) for kind in nets if kind["layers"].nunique() > 1]
    return pairs or [
        (plain, other)
        for (_, plain), (_, other) in product(*(kind.iterrows() for kind in nets))
        if plain["layers"] == other["layers"]
    ]


def _judged(one: Any, other: Any) -> tuple[str, str, str]:
    """How a net learns beside another: worse than, better than, about as well as."""
    if abs(one["train_error"] - other["train_error"]) < CLOSE:
        return one["net"], "learns about as well as", other["net"]
    worse = one["train_error"] > other["train_error"]
    return one["net"], f"learns {'worse' if worse else 'better'} than", other["net"]


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
        return _nothing(norms, epoch)
    return f"Epoch {epoch}, {norm_figures(norms, epoch)}"


def norm_figures(norms: pd.DataFrame, epoch: int) -> str:
    """The same without the epoch; "" if no net has it."""
    here = norms[norms["epoch"] == epoch]
    said = [f"{net}: {_over_depth(of_block)}" for net, of_block in _deepest_norms(here)]
    return "; ".join(said).replace(": ", ": the first block's gradient is ", 1)


def norm_verdict(norms: pd.DataFrame, epoch: int) -> str:
    """The same of the deepest plain net alone, or the deepest residual one, in one line."""
    here = norms[norms["epoch"] == epoch]
    if here.empty:
        return _nothing(norms, epoch)
    net, of_block = _deepest_norms(here)[0]
    return f"Epoch {epoch}: {net}'s first gradient is {_first_and_last(of_block, 'its last')}"


def _deepest_norms(here: pd.DataFrame) -> list[tuple[str, pd.Series[float]]]:
    """The norms by block of the deepest plain and the deepest residual net."""
    of_block = here.set_index(["net", "block"])["grad_norm"]
    return [(row["net"], of_block[row["net"]]) for row in deepest(first_over_last(here))]


def _first_and_last(of_block: pd.Series[float], the_last: str) -> str:
    first, last = float(of_block.iloc[0]), float(of_block.iloc[-1])
    if not all(0 < value < np.inf for value in (first, last)):
        return f"{figures(first, 1)}, {the_last} {figures(last, 1)}"
    return compared([first / last], the_last)


def _over_depth(of_block: pd.Series[float]) -> str:
    """The first block's gradient against the last's, and the block with the smallest if it is another."""
    first, least, last = (float(value) for value in (of_block.iloc[0], of_block.min(), of_block.iloc[-1]))
    words = _first_and_last(of_block, "the last")
    if 0 < 2 * least < min(first, last) < max(first, last) < np.inf:
        return f"{words}, and {compared([first / least], f'that of {of_block.idxmin()}')}"
    return words


def first_over_last(norms: pd.DataFrame) -> pd.DataFrame:
    """The first block's norm over the last's, one row per epoch and net: net, shortcut, epoch, ratio."""
    grouped = norms.groupby(["net", "shortcut", "epoch"], sort=False)["grad_norm"]
    return (grouped.first() / grouped.last()).rename("ratio").reset_index()


def range_words(norms: pd.DataFrame) -> str:
    """The range of the ratio of the first block to the last over all epochs, for every net."""
    said = [
        f"{net}: {' to '.join(dict.fromkeys(ends)) or 'none'}"
        for net, ratios in first_over_last(norms).groupby("net", sort=False)["ratio"]
        for known in [ratios[np.isfinite(ratios)]]
        for ends in [[compared([end], "the last") if end else "0" for end in (known.min(), known.max())[: len(known)]]]
    ]
    return f"The first block's gradient, smallest to largest of all epochs (one run each): {'; '.join(said)}."


def unseen(runs: Mapping[str, rc.Run]) -> str:
    """What the runs cannot show without two plain nets of different depth; "" with them."""
    if len({rc.VARIANTS[run.variant].depth for run in runs.values() if run.is_plain}) > 1:
        return ""
    return (
        "The paper's case for shortcuts compares depths (Figs. 4 and 6): of two plain nets the deeper one has the "
        "higher training error. Without two plain nets of different depth, as here, that cannot be seen."
    )
