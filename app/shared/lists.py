"""Lists within sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, or `a, b and c`."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def deepest(rows: pd.DataFrame) -> list[Any]:
    """The last plain and the last residual network among rows of one network each, if there are any."""
    kinds = (rows[rows["shortcut"] == "none"], rows[rows["shortcut"] != "none"])
    return [some.iloc[-1] for some in kinds if not some.empty]
