"""The quantities that are drawn along depth, each with the sentence on what a network shows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from app.shared.drawing.bars import whole
from app.shared.magnitudes import between, figures

# Closer values count as about the same. Ours: over the sample photos the medians of one trained network differ by
# more, such as the std of F(x) in ResNet-18 from 0.71 to 0.99 and its share of zeros from 0.45 to 0.54.
NEAR, NEAR_SHARE = 0.1, 0.02  # of norms, as a share of the larger one; of shares and cosines
ALIKE = "about as large (within a tenth)"  # see NEAR
SMALL = 1e-4  # of a percent: rounding noise
KEEPS = 0.9  # from this cosine on, an angle of 26 degrees, y keeps the direction of x
TREND = 0.95  # from this rank correlation with depth on, a share grows or falls with it

Close = Callable[[float, float], bool]  # whether two values count as the same
close_sizes: Close = partial(math.isclose, rel_tol=NEAR)
close_shares: Close = partial(math.isclose, abs_tol=NEAR_SHARE)


@dataclass(frozen=True)
class Finding:
    """What a chart shows: the title in one line, and in small letters what else is to be known."""

    title: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.title}. {self.detail}" if self.detail else self.title


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
    finding: Callable[[pd.DataFrame], Finding]
    words: Callable[[float], str] = partial(figures, digits=2)
    gap: str = "a value is missing"
    level: float | None = None
    is_share: bool = False
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


def _ratio_finding(rows: pd.DataFrame) -> Finding:
    alike = rows["ratio"].map(lambda ratio: close_sizes(ratio, 1.0))
    counts = {
        "smaller": int(((rows["ratio"] < 1) & ~alike).sum()),
        "larger": int(((rows["ratio"] > 1) & ~alike).sum()),
        ALIKE: int(alike.sum()),
    }
    main = max(counts, key=lambda word: counts[word])
    sign = {"smaller": "<", "larger": ">", ALIKE: "≈"}[main]
    others = [f"{word} in {count}" for word, count in counts.items() if count and word != main]
    ends = _ends(rows, "ratio", close_sizes)
    high = f"{figures(ends.high, 2)}×"
    others.append(f"largest in {ends.most} ({high})" if ends.most else f"largest {high}")
    return Finding(f"F(x) {sign} shortcut in {counts[main]} of {blocks(rows)}", ", ".join(others))


def _std_finding(rows: pd.DataFrame) -> Finding:
    ends = _ends(rows, "residual_std", close_sizes)
    low, high = figures(ends.low, 2), figures(ends.high, 2)
    if ends.most:
        least = f"smallest in {ends.least} ({low})" if ends.least else f"elsewhere down to {low}"
        return Finding(f"std of F(x) is largest in {ends.most} ({high})", least)
    if ends.least:
        return Finding(f"std of F(x) is smallest in {ends.least} ({low})", f"elsewhere up to {high}")
    return Finding(f"std of F(x): {between(low, high)}", "no block stands out")


def _zeros_finding(rows: pd.DataFrame) -> Finding:
    ends = _ends(rows, "zeros", close_shares)
    low, high = f"{100 * ends.low:.0f}", f"{100 * ends.high:.0f}"
    span = f"{between(low, high)}\N{NO-BREAK SPACE}%"
    trend = float(rows["zeros"].rank().corr(pd.Series(range(len(rows)), rows.index, dtype=float)))
    most = f"most in {ends.most}" if ends.most else ""
    if low != high and abs(trend) >= TREND and not close_shares(ends.low, ends.high):
        return Finding(f"{'More' if trend > 0 else 'Fewer'} zeros with depth: {span}", most)
    return Finding(f"ReLU sets {span} of y to 0", most)


def _cosine_finding(rows: pd.DataFrame) -> Finding:
    ends = _ends(rows, "cosine", close_shares)
    named = {"most": ends.most, "least": ends.least}
    places = [f"{word} in {name}" for word, name in named.items() if name]
    if ends.low < KEEPS:
        return Finding(f"Cosine of x and y: {between(f'{ends.low:.2f}', f'{ends.high:.2f}')}", ", ".join(places))
    return Finding(
        f"y keeps x's direction (cosine from {math.floor(100 * ends.low + SMALL) / 100:.2f})", ", ".join(places)
    )


QUANTITIES = {
    "ratio": Quantity(
        "ratio",
        "F(x)/shortcut",
        "‖F(x)‖ / ‖shortcut(x)‖",
        "L2 norms; 1 = F(x) is as large as the shortcut",
        _ratio_finding,
        gap="a block without a shortcut, or with one of zeros, has no ratio",
        level=1,
        normalised=True,
    ),
    "cosine": Quantity(
        "cosine",
        "cosine of x and y",
        "cosine of x and y",
        "1 = the same direction",
        _cosine_finding,
        words="{:.2f}".format,
        close=close_shares,
        gap="a block that changes the shape of x has no cosine",
    ),
    "zeros": Quantity(
        "zeros",
        "share of zeros",
        "zeros in y",
        "Share of y that the last ReLU sets to exactly 0",
        _zeros_finding,
        words=lambda share: f"{whole(share)} %",
        close=close_shares,
        is_share=True,
    ),
    "residual_std": Quantity(
        "residual_std",
        "std of F(x)",
        "std of F(x)",
        "After batch norm, before the addition, as in the paper's Fig. 7",
        _std_finding,
        normalised=True,
    ),
}
