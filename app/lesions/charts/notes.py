"""What the charts of this page have in common: their finding, which for random weights is none, and recorded nets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from app.shared.drawing.colours import INPUT, RESIDUAL, SHORTCUT
from resnet_core.weights.calibration import LEVEL

NOT_NUMBERS = "These answers are not numbers: the network's values overflow"
NOISE = "Random weights: a lesion study of noise says nothing"
LOW = 210  # pixels of a recorded study's plot, so that its axis is on the first screen
ROUNDING = 1e-6  # of a per cent
Z = 1.96  # standard deviations that hold 95 % of a normal distribution
INTERVAL = f"{100 * LEVEL:.0f} % interval"


@dataclass(frozen=True)
class View:
    """How a recorded study is looked at: batch norm measured again or not, blocks to be marked, blocks in all."""

    again: bool
    gone: tuple[str, ...]
    blocks: int


@dataclass(frozen=True, eq=False)
class Recorded:
    """The recorded study of one network, and how it is drawn."""

    name: str
    table: pd.DataFrame
    colour: str
    symbol: str


def drawn(studies: Iterable[tuple[str, pd.DataFrame]]) -> list[Recorded]:
    """Networks beside each other: plain ones orange squares, the others in two tones of blue."""
    tones = iter(((SHORTCUT, "circle"), (INPUT, "diamond")))
    return [
        Recorded(name, table, *((RESIDUAL, "square") if name.startswith("plain") else next(tones)))
        for name, table in studies
    ]


def told(finding: str, figures: str, *, trained: bool) -> tuple[str, str]:
    """Title and note of a chart; of random weights the title says that they have learned nothing."""
    return (finding, figures) if trained else (NOISE, f"One draw of them. {finding}. {figures}")


def told_alt(words: str, *, trained: bool) -> str:
    """A chart in words; of random weights with the same warning."""
    return words if trained else f"{NOISE}. One draw of them. {words}"


def errors_words(errors: Iterable[float]) -> str:
    """From the least to the largest error in per cent, rounded outward so that both lie within."""
    known = [100 * error for error in errors]
    ends = (math.floor(min(known) + ROUNDING), math.ceil(max(known) - ROUNDING))
    return f"{' to '.join(dict.fromkeys(map(str, ends)))}\N{NO-BREAK SPACE}%"


def listed(spans: Sequence[tuple[str, str]]) -> str:
    """Networks with what each errs on, the verb once."""
    return ", ".join(f"{name}{'' if place else ' errs'} on {errors}" for place, (name, errors) in enumerate(spans))


def pictures_words(table: pd.DataFrame) -> str:
    """On how many pictures all this was counted, and on how many batch norm was measured again, if it was."""
    row = table.iloc[0]
    count = f"On {int(row['pictures']):,} test pictures (a JPEG copy of CIFAR-10)."
    again = int(row.get("recalibrated", 0))
    return f"{count} Batch norm measured again on {again:,} training pictures." if again else count


def chance_words(table: pd.DataFrame) -> str:
    """How wide the interval of one error is at most, from the choice of pictures, in points."""
    margin = math.ceil(100 * Z * math.sqrt(0.25 / table["pictures"].iloc[0]))
    return f"Other pictures: {INTERVAL}s of at most ± {margin} point{'s' * (margin > 1)}."
