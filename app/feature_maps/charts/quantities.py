"""The quantities that are drawn along depth, each with the sentence on what a network shows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from app.shared.magnitudes import figures

# Closer values count as about the same. Ours: over the sample photos the medians of one trained network differ by
# more, such as the std of F(x) in ResNet-18 from 0.71 to 0.99 and its share of zeros from 0.45 to 0.54.
NEAR, NEAR_SHARE = 0.1, 0.02  # of norms, as a share of the larger one; of shares and cosines

Close = Callable[[float, float], bool]  # whether two values count as the same
close_sizes: Close = partial(math.isclose, rel_tol=NEAR)
close_shares: Close = partial(math.isclose, abs_tol=NEAR_SHARE)


@dataclass(frozen=True)
class Quantity:
    """What is drawn along the blocks: a column of `rc.measures`, its name and what it means.

    `gap` says where there is no value; `finding` says what the finite rows of one network show for one photo; `level`
    is a value with a meaning, drawn as a horizontal line. `close` says whether two values count as the same, and
    `normalised` whether trained networks cannot be compared with untrained ones in this quantity.
    """

    column: str
    title: str
    axis: str
    source: str
    finding: Callable[[pd.DataFrame], str]
    words: Callable[[float], str] = partial(figures, digits=2)
    gap: str = "a value is missing"
    level: tuple[float, str] | None = None
    tickformat: str = ""
    close: Close = close_sizes
    normalised: bool = False


def blocks(rows: pd.DataFrame) -> str:
    """The number of blocks in the rows, in words."""
    return f"{len(rows)} block{'' if len(rows) == 1 else 's'}"


@dataclass(frozen=True)
class _Ends:
    """The blocks with the smallest and the largest value of a column; no name if another block comes close."""

    low: float
    high: float
    least: str | None
    most: str | None

    def between(self, words: Callable[[float], str], unit: str = "") -> str:
        """Which block has most and which least, if they stand out."""
        low, high = words(self.low), words(self.high)
        if low == high:
            return f"equally in all blocks drawn ({unit}{low})"
        if self.most and self.least:
            return f"most in {self.most} ({unit}{high}), least in {self.least} ({low})"
        if self.most:
            return f"most in {self.most} ({unit}{high}), elsewhere down to {low}"
        if self.least:
            return f"least in {self.least} ({unit}{low}), elsewhere up to {high}"
        return f"by {unit}{low} to {high}, with no block alone at either end"


def _ends(rows: pd.DataFrame, column: str, close: Close) -> _Ends:
    values = rows[column].astype(float).sort_values()
    names = rows["block"].reindex(values.index)
    alone = len(values) > 1
    return _Ends(
        low=float(values.iloc[0]),
        high=float(values.iloc[-1]),
        least=str(names.iloc[0]) if alone and not close(values.iloc[0], values.iloc[1]) else None,
        most=str(names.iloc[-1]) if alone and not close(values.iloc[-2], values.iloc[-1]) else None,
    )


def _ratio_finding(rows: pd.DataFrame) -> str:
    alike = rows["ratio"].map(lambda ratio: close_sizes(ratio, 1.0))
    larger, about = int(((rows["ratio"] > 1) & ~alike).sum()), int(alike.sum())
    ends = _ends(rows, "ratio", close_sizes)
    said = f"F(x) is larger than the shortcut in {larger or 'none'} of {blocks(rows)}"
    said += f", about as large in {about}" if about else ""
    if close_sizes(ends.high, 1.0):
        return said
    high = f"{figures(ends.high, 2)}×"
    return f"{said}; largest in {ends.most} ({high})" if ends.most else f"{said}; at most {high}"


def _std_finding(rows: pd.DataFrame) -> str:
    ends = _ends(rows, "residual_std", close_sizes)
    return f"F(x) spreads {ends.between(partial(figures, digits=2), 'std ')}"


def _zeros_finding(rows: pd.DataFrame) -> str:
    ends = _ends(rows, "zeros", close_shares)
    span = f"{ends.low:.0%}" if f"{ends.low:.0%}" == f"{ends.high:.0%}" else f"{ends.low:.0%} to {ends.high:.0%}"
    return f"ReLU sets {span} of y to 0{f', most in {ends.most}' if ends.most else ''}"


def _cosine_finding(rows: pd.DataFrame) -> str:
    ends = _ends(rows, "cosine", close_shares)
    return f"y resembles x {ends.between('{:.2f}'.format, 'cosine ')}"


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
        close=close_shares,
        tickformat=".0%",
    ),
    "cosine": Quantity(
        "cosine",
        "cosine between x and y",
        "cosine of x and y",
        "Cosine of the angle between a block's input x and output y: 1 = same direction",
        _cosine_finding,
        words="{:.2f}".format,
        close=close_shares,
        gap="a block that changes the shape of x has no cosine",
    ),
}
