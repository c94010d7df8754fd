"""The quantities that are drawn along depth, each with the sentence that says what a network shows in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any

import pandas as pd

from app.shared.magnitudes import figures

# Medians nearer than this are about the same. Ours: over the sample photos those of one trained network differ by more,
# such as the std of F(x) in ResNet-18 from 0.71 to 0.99 and its share of zeros from 0.45 to 0.54.
NEAR, NEAR_SHARE = 0.1, 0.02  # of sizes, as a share of the larger one; of shares and cosines


@dataclass(frozen=True)
class Quantity:
    """What is drawn along the blocks: a column of `rc.measures`, its name and what it means.

    `gap` says where there is no value; `finding` makes a sentence from the finite rows of one network; `level` is a
    value with a meaning of its own, drawn as a line across. `close` says which two values are no finding, and
    `normalised` whether the quantity is only to be compared where batch norm has statistics, or nowhere has.
    """

    column: str
    title: str
    axis: str
    source: str
    finding: Callable[[str, pd.DataFrame], str]
    words: Callable[[float], str] = partial(figures, digits=2)
    gap: str = "a value is missing"
    level: tuple[float, str] | None = None
    tickformat: str = ""
    close: Callable[[float, float], bool] = partial(math.isclose, rel_tol=NEAR)
    normalised: bool = False


def blocks(rows: pd.DataFrame) -> str:
    """How many blocks the rows are, in words."""
    return f"{len(rows)} block{'' if len(rows) == 1 else 's'}"


def _ends(rows: pd.DataFrame, column: str) -> tuple[dict[Hashable, Any], dict[Hashable, Any]]:
    """The rows with the least and the largest value."""
    records = rows.to_dict("records")
    return min(records, key=itemgetter(column)), max(records, key=itemgetter(column))


def _ratio_finding(net: str, rows: pd.DataFrame) -> str:
    larger = int((rows["ratio"] > 1).sum())
    _, most = _ends(rows, "ratio")
    return (
        f"In {net} F(x) is larger than the shortcut in {larger or 'none'} of {blocks(rows)}; "
        f"largest in {most['block']} ({figures(most['ratio'], 2)}×)"
    )


def _std_finding(net: str, rows: pd.DataFrame) -> str:
    least, most = _ends(rows, "residual_std")
    return (
        f"In {net} F(x) spreads most in {most['block']} (std {figures(most['residual_std'], 2)}), "
        f"least in {least['block']} ({figures(least['residual_std'], 2)})"
    )


def _zeros_finding(net: str, rows: pd.DataFrame) -> str:
    _, most = _ends(rows, "zeros")
    return (
        f"In {net} {rows['zeros'].median():.0%} of y is exactly 0 in the median block; "
        f"most in {most['block']} ({most['zeros']:.0%})"
    )


def _cosine_finding(net: str, rows: pd.DataFrame) -> str:
    least, most = _ends(rows, "cosine")
    return (
        f"In {net} y is most like x in {most['block']} (cosine {most['cosine']:.2f}), "
        f"least in {least['block']} ({least['cosine']:.2f})"
    )


QUANTITIES = {
    "ratio": Quantity(
        "ratio",
        "ratio of F(x) to the shortcut",
        "‖F(x)‖ / ‖shortcut(x)‖",
        "L2 norm of F(x) over that of shortcut(x)",
        _ratio_finding,
        gap="a block without a shortcut, or with one of zeros, has no ratio",
        level=(1, "as large as the shortcut"),
        normalised=True,
    ),
    "residual_std": Quantity(
        "residual_std",
        "std of F(x)",
        "std of F(x)",
        "Spread of F(x) after batch norm, before the addition, as in the paper's Fig. 7",
        _std_finding,
        normalised=True,
    ),
    "zeros": Quantity(
        "zeros",
        "share of zeros in y",
        "zeros in y",
        "Share of the block's output y that is exactly 0 after the last ReLU",
        _zeros_finding,
        words="{:.0%}".format,
        close=partial(math.isclose, abs_tol=NEAR_SHARE),
        tickformat=".0%",
    ),
    "cosine": Quantity(
        "cosine",
        "cosine between x and y",
        "cosine of x and y",
        "Cosine of the angle between a block's input x and output y: 1 = same direction",
        _cosine_finding,
        words="{:.2f}".format,
        close=partial(math.isclose, abs_tol=NEAR_SHARE),
        gap="a block that changes the shape of x has no cosine",
    ),
}
