"""What gradients along the layers of several networks say, in numbers and in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
ALIKE = 2.0  # norms within this factor count as the same size
LEAST = float(np.finfo(np.float32).smallest_subnormal) / 2  # single precision rounds what is smaller to 0


@dataclass(frozen=True)
class Quantity:
    """What is drawn along the layers: a column of `rc.gradient_flow`, its name in a sentence, and its axis."""

    column: str
    noun: str
    axis: str
    reading: str


QUANTITIES = {
    "raw": Quantity(
        "grad_norm",
        "gradient",
        "L2 norm of each conv's weight gradient",
        "A raw norm says little by itself: where batch norm follows a conv, ten times the weights have a tenth of the "
        "gradient, and the network computes the same.",
    ),
    "relative step": Quantity(
        "relative_update",
        "relative step",
        "relative step lr·|g| / |w|",
        "The length of one SGD step over the length of the weights: 0.01 means that a step changes them by 1 %.",
    ),
    "scale-free": Quantity(
        "grad_norm_at_unit_weight",
        "scale-free gradient",
        "scale-free gradient |g|·|w|",
        "Where batch norm follows a conv, what the network computes does not depend on the length |w| of its weights, "
        "and |g| shrinks as |w| grows: |g|·|w| is how long the gradient would be at |w| = 1. Without batch norm it has "
        "no such meaning.",
    ),
}


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


def end_ratios(table: pd.DataFrame, column: str = "grad_norm") -> pd.DataFrame:
    """A column's value at the first conv over that at the last: one row a net, median, least and largest over seeds.

    `first` is the median of the first conv's value itself: where both ends are exactly 0 there is no ratio.
    """
    ends = table.groupby(["net", "variant", "shortcut", "seed"], sort=False)[column].agg(["first", "last"])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (ends["first"].to_numpy() / ends["last"].to_numpy()).astype(float)
    found = ends.assign(ratio=ratio).reset_index()
    grouped = found.groupby(["net", "variant", "shortcut"], sort=False)
    ratios = grouped["ratio"].agg(["median", "min", "max"])
    return ratios.assign(first=grouped["first"].median()).reset_index()


def end_words(row: Any, quantity: Quantity) -> str:
    """A row of `end_ratios` in words."""
    ratio, first = float(row["median"]), float(row["first"])
    if np.isnan(ratio) and first == 0:
        return "exactly 0, and so is the last"
    if np.isinf(ratio):
        return f"{size(first)}, and the last exactly 0"
    if 0 < first < LEAST and quantity.column == "grad_norm":
        return f"{size(first)}, not 0: single precision cannot hold it"
    words = times(ratio)
    return f"{words}, {size(first)}" if words.startswith("about") else words


def times(ratio: float) -> str:
    """A ratio of the first layer's gradient to the last's in words."""
    if np.isnan(ratio):
        return "not to be compared: the loss diverged"
    if ratio == 0:
        return "exactly 0"
    if ratio >= ALIKE:
        return f"{_count(ratio)} times the last"
    if ratio <= 1 / ALIKE:
        return f"{_count(1 / ratio)} times smaller than the last"
    return "about as large as the last"


def size(number: float) -> str:
    """Two significant figures, as a power of ten where that is shorter: 0.35, 87, 8.3×10⁻⁵³."""
    if number and not 1e-3 <= number < 1e4:
        power = int(np.floor(np.log10(number)))
        return f"{number / 10.0**power:.1f}×10{str(power).translate(SUPERSCRIPTS)}"
    return f"{float(f'{number:.2g}'):g}"


def _count(number: float) -> str:
    """Two significant figures as one says them: 87, 1.7 thousand, 4.6 million, 8.1×10¹⁴."""
    if number >= 1e9:
        return size(number)
    unit, word = next(each for each in ((1e6, " million"), (1e3, " thousand"), (1, "")) if number >= each[0])
    return f"{float(f'{number / unit:.2g}'):g}{word}"


def finding(table: pd.DataFrame, quantity: Quantity) -> str:
    """How the first layer compares with the last in the deepest plain and the deepest residual net."""
    if table.empty:
        return "Nothing is measured yet"
    said = [(row["net"], end_words(row, quantity)) for row in deepest(end_ratios(table, quantity.column))]
    first_net, first_words = said[0]
    sentence = f"{first_net}: the first layer's {quantity.noun} is {first_words}"
    return sentence + "".join(f"; {net}: {words}" for net, words in said[1:])


def zero_words(table: pd.DataFrame, *, double: bool) -> str:
    """Whose gradients are exactly 0 at how many convs, and what that proves; "" if there are none."""
    zero = table[table["grad_norm"] == 0].groupby("net", sort=False)["conv"].nunique()
    if zero.empty:
        return ""
    convs = table.groupby("net", sort=False)["conv"].nunique()[list(zero.index)]
    counts = ", ".join(
        f"{some} of {every} convs of {net}" for net, some, every in zip(zero.index, zero, convs, strict=True)
    )
    told = (
        "in double precision too: no gradient reaches them."
        if double
        else "in single precision. Double precision tells whether they are 0 or only too small."
    )
    return f"The gradients of {counts} are exactly 0 {told}"


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


def ratio_words(table: pd.DataFrame, quantity: Quantity) -> str:
    """The gist of the chart by depth for those who do not see it."""
    rows = end_ratios(table, quantity.column).iterrows()
    return "; ".join(f"{row['net']}: {end_words(row, quantity)}" for _, row in rows)
