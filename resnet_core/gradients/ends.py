"""How the gradients at the two ends of networks compare: tables from those of `gradient_flow`."""

from __future__ import annotations

import numpy as np
import pandas as pd


def ends(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """A column's value at both ends of each network: net, variant, shortcut, seed, first, last, ratio (first / last).

    The ratio is infinite where only the last is 0, and NaN where both are or one is not finite.
    """
    found = table.groupby(["net", "variant", "shortcut", "seed"], sort=False)[column].agg(["first", "last"])
    first, last = (found[end].to_numpy(dtype=float) for end in ("first", "last"))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(np.isfinite(first) & np.isfinite(last), first / last, np.nan)
    return found.assign(ratio=ratio).reset_index()


def end_ratios(table: pd.DataFrame, column: str = "grad_norm") -> pd.DataFrame:
    """A column's value at the first conv over that at the last: one row a net, median, least and largest over seeds.

    `defined` counts the seeds that have such a ratio, of `seeds`; the other three are theirs.
    """
    grouped = ends(table, column).groupby(["net", "variant", "shortcut"], sort=False)["ratio"]
    ratios = grouped.agg(["median", "min", "max", "count", "size"])
    return ratios.rename(columns={"count": "defined", "size": "seeds"}).reset_index()
