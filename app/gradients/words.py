"""Gradients along the layers of several networks, in numbers and in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from app.shared.lists import deepest
from app.shared.magnitudes import compared, counted, sized
from resnet_core.gradients.ends import ends

State = Literal["ratio", "tiny", "first 0", "last 0", "both 0", "infinite", "diverged"]  # of one seed's two ends
LEAST = float(np.finfo(np.float32).smallest_subnormal) / 2  # single precision rounds what is smaller to 0


@dataclass(frozen=True)
class GradientQuantity:
    """A quantity along the layers: a column of `rc.gradient_flow`, its name in a sentence, and its axis."""

    column: str
    noun: str
    axis: str
    reading: str


QUANTITIES = {
    "raw": GradientQuantity(
        "grad_norm",
        "gradient",
        "L2 norm of a conv's gradient",
        "A raw norm says little by itself: where batch norm follows a conv, longer weights have a smaller gradient, "
        "and what leaves the batch norm is nearly the same.",
    ),
    "relative step": GradientQuantity(
        "relative_update",
        "relative step",
        "relative step lr·|g| / |w|",
        "The length of one SGD step over the length of the weights: 0.01 means that a step changes them by 1 %.",
    ),
    "scale-free": GradientQuantity(
        "grad_norm_at_unit_weight",
        "scale-free gradient",
        "scale-free gradient |g|·|w|",
        "Where batch norm follows a conv, what leaves it hardly depends on the length |w| of the conv's weights, and "
        "|g| shrinks as |w| grows: |g|·|w| is about how long the gradient would be at |w| = 1, in the deepest plain "
        "nets within a few times. Without batch norm it has no such meaning.",
    ),
}


def spread(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Median, least and largest value over the seeds, one row a conv of each net, in forward order."""
    keys = ["net", "depth", "conv"]
    grouped = table.groupby(keys, sort=False, dropna=False)[column]
    found = grouped.agg(["median", "min", "max"]).reset_index()
    last = found.groupby("net", sort=False)["depth"].transform("max")
    return found.assign(relative=(found["depth"] - 1) / (last - 1).clip(lower=1))


def end_words(runs: pd.DataFrame, quantity: GradientQuantity) -> str:
    """How the first layer compares with the last in one network: rows of `ends`, one for each seed."""
    states = [_state(run, quantity) for run in runs.to_dict("records")]
    counts = Counter(states)
    said = {state: STATES[state](runs[[each == state for each in states]]) for state in counts}
    if len(counts) == 1:
        return next(iter(said.values()))
    return ", ".join(f"with {count} of {len(runs)} seeds {said[state]}" for state, count in counts.most_common())


def _state(run: Mapping[Hashable, Any], quantity: GradientQuantity) -> State:
    """Which comparison one seed allows."""
    first, last = float(run["first"]), float(run["last"])
    if np.isnan(first) or np.isnan(last):
        return "diverged"
    if np.isinf(first) or np.isinf(last):
        return "infinite"
    if first == 0:
        return "both 0" if last == 0 else "first 0"
    if last == 0:
        return "last 0"
    return "tiny" if first < LEAST and quantity.column == "grad_norm" else "ratio"


def _ratio_words(runs: pd.DataFrame) -> str:
    words = compared(runs["ratio"].tolist(), "the last")
    return f"{words}, {sized(runs['first'].tolist())}" if words.startswith("about as") else words


STATES: dict[State, Callable[[pd.DataFrame], str]] = {
    "ratio": _ratio_words,
    "tiny": lambda runs: f"{sized(runs['first'].tolist())}, not 0: single precision cannot hold it",
    "first 0": lambda _runs: "exactly 0",
    "last 0": lambda runs: f"{sized(runs['first'].tolist())}, and the last exactly 0",
    "both 0": lambda _runs: "exactly 0, and so is the last",
    "infinite": lambda _runs: "not to be compared: a norm is infinite",
    "diverged": lambda _runs: "not to be compared: the loss diverged",
}


def finding(table: pd.DataFrame, quantity: GradientQuantity) -> str:
    """How the first layer compares with the last in the deepest plain and the deepest residual net."""
    if table.empty:
        return "Nothing is measured yet"
    found = ends(table, quantity.column)
    (first, words), *others = [
        (row["net"], end_words(found[found["net"] == row["net"]], quantity)) for row in deepest(found)
    ]
    sentence = f"{first}: the first layer's {quantity.noun} is {words}"
    return sentence + "".join(f"; {net}: {more}" for net, more in others) + runs_words(table)


def runs_words(table: pd.DataFrame) -> str:
    """How many seeds a sentence is about: it holds for these, and another can lie beyond them."""
    seeds = table["seed"].nunique()
    return " (one run each)" if seeds == 1 else f" ({seeds} seeds)"


def of_seeds(known: int, seeds: int) -> str:
    """With how many of the seeds a number is known, if not with all; "" otherwise."""
    return "" if known == seeds else f" with {known} of {seeds} seeds"


def zero_words(table: pd.DataFrame, *, double: bool) -> str:
    """Which networks have gradients of exactly 0, at how many convs, and what that proves; "" if none."""
    zeros = (table["grad_norm"] == 0).groupby([table["net"], table["seed"]], sort=False).agg(["sum", "size"])
    counts = []
    for net, runs in zeros.groupby("net", sort=False):
        if runs["sum"].any():
            counts.append(f"{counted(runs['sum'].tolist())} of {runs['size'].iloc[0]} convs of {net}")
    if not counts:
        return ""
    told = (
        "in double precision too: no gradient reaches them."
        if double
        else "in single precision. Double precision tells whether they are 0 or only too small."
    )
    return f"The gradients of {', '.join(counts)} are exactly 0 {told}"


def flow_words(table: pd.DataFrame, quantity: GradientQuantity) -> str:
    """The chart along the layers in words, as alt text."""
    if table.empty:
        return "No measurements yet"
    parts = []
    for net, runs in ends(table, quantity.column).groupby("net", sort=False):
        sound = runs[np.isfinite(runs["first"]) & np.isfinite(runs["last"])]
        at = [sized(sound[end].tolist()) for end in ("first", "last")] if len(sound) else []
        some = of_seeds(len(sound), len(runs))
        parts.append(f"{net}: {' at the first conv, '.join(at)} at the last{some}" if at else f"{net}: no finite value")
    return f"{quantity.axis}. {'; '.join(parts)}{runs_words(table)}"


def ratio_words(table: pd.DataFrame, quantity: GradientQuantity) -> str:
    """The chart by depth in words, as alt text."""
    by_net = ends(table, quantity.column).groupby("net", sort=False)
    return "; ".join(f"{net}: {end_words(runs, quantity)}" for net, runs in by_net) + runs_words(table)
