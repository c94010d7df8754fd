"""What a reliability table says about an answer and a network, in sentences."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

import resnet_core as rc
from app.shared.drawing.bars import percent, whole
from app.shared.sentences import plain
from resnet_core.weights.calibration import LEVEL, Calibration, calibration_error, chance_error, wilson

Row = Mapping[Hashable, Any]  # of `rc.Weights.reliability`
Strength = Literal["sure", "leaning", "undecided", "unknown", "broken"]
VERDICTS: dict[Strength, str] = {
    "sure": "It says: {name}",
    "leaning": "It leans towards: {name}",
    "undecided": "It is undecided; first guess: {name}",
    "unknown": "Its first answer: {name}",
    "broken": "Its answers are not numbers: the weights are broken",
}
SURE, LEANING = 0.8, 0.5  # at least this share of such answers was right, by the 95 % interval
FEW = 30  # pictures: fewer are not enough for a statement
WIDE = 0.1  # a wider interval of a share allows only tenths
UNKNOWN = (
    "Nothing is known about how often such an answer is right: these weights come without a measurement of it on test "
    "pictures."
)
OTHERS = "All of these show a class that it knows: of other photos this tells nothing."
BY_INTERVAL = f"of 100 such answers are right, by their {100 * LEVEL:.0f} % interval. "
MEANS: dict[Strength, str] = {
    "sure": f"“Says”: at least {100 * SURE:.0f} {BY_INTERVAL}",
    "leaning": f"“Leans”: at least {100 * LEANING:.0f} {BY_INTERVAL}",
    "undecided": f"“Undecided”: fewer than {100 * LEANING:.0f} of 100 such answers may be right. ",
    "unknown": "",
    "broken": "",
}


def row_of(table: pd.DataFrame, probability: float) -> Row | None:
    """The row of `rc.Weights.reliability` for this probability; None if there is none."""
    inside = (table["low"] <= probability) & (probability < table["high"])
    if probability == 1:
        inside = table["high"] == 1
    return table[inside].to_dict("records")[-1] if inside.any() else None


def verdict(network: rc.ResNet, name: str, how: Strength) -> str:
    """The first line of the answer, in Markdown, by how often such answers were right."""
    if network.weights is None:
        return "What it says, by chance"
    return VERDICTS[how].format(name=plain(name))


def strength(table: pd.DataFrame | None, probability: float) -> Strength:
    """How reliable a first answer is, by how often such answers were right, not by its own probability."""
    if not math.isfinite(probability):
        return "broken"
    row = None if table is None else row_of(table, probability)
    if row is None or row["count"] < FEW:
        return "unknown"
    if row["accuracy_low"] >= SURE:
        return "sure"
    return "leaning" if row["accuracy_low"] >= LEANING else "undecided"


def evidence(table: pd.DataFrame | None, probability: float, *, scaled: bool) -> str:
    """What the first line of the answer means, and how often such answers were right; "" for NaN.

    A temperature changes neither: both are counted without it, on all test pictures.
    """
    without = f"Without T it has {percent(probability)}. " if scaled else ""
    said = answers_like_this(table, probability)
    return f"{MEANS[strength(table, probability)]}{without}{said}" if said else ""


def answers_like_this(table: pd.DataFrame | None, probability: float) -> str:
    """How often first answers of about this probability were right; "" for NaN."""
    if not math.isfinite(probability):
        return ""
    if table is None:
        return UNKNOWN
    row = row_of(table, probability)
    if row is None:
        return "No test picture got an answer like this: how often it is right is not known."
    pictures = f"{row['count']:,} test picture{'s' * (row['count'] != 1)}"
    if row["count"] < FEW:
        return f"Only {pictures} got an answer like this: too few to tell how often it is right."
    low, high = (_of_100(row, name) for name in ("accuracy_low", "accuracy_high"))
    return (
        f"Answers at {bin_range(row)}, of all classes together, were right {how_often(row)} (between {low} and {high} "
        f"of 100, as far as {pictures} tell). {OTHERS}"
    )


def bin_range(row: Row) -> str:
    """The probabilities of a row of the table, such as `60 to 70 %`."""
    return f"{100 * row['low']:.3g} to {100 * row['high']:.3g} %"


def how_often(row: Row) -> str:
    """A share with as many digits as its interval allows; never rounded to all or nothing."""
    if row["accuracy_high"] - row["accuracy_low"] <= WIDE:
        return f"in {_of_100(row, 'accuracy')} of 100 cases"
    tenths = round(10 * row["accuracy"])
    if tenths in (0, 10):
        return "in nearly all cases" if tenths else "in hardly any case"
    return f"in about {tenths} of 10 cases"


def _of_100(row: Row, name: str) -> str:
    """A share as a whole number of 100; the ends of an interval are rounded outward."""
    if name == "accuracy":
        return whole(row[name])
    return f"{(math.floor if name == 'accuracy_low' else math.ceil)(100 * row[name])}"


def temperature_words(calibration: Calibration | None) -> str:
    """Which temperature is in use, how it was fitted, and its effect on pictures that it was not fitted on."""
    if calibration is None or calibration.temperature is None:
        return ""
    tested = sum(each.count for each in calibration.held_out)
    fitted, chance = calibration.pictures - tested, chance_error(calibration.scaled)
    without, scaled = (calibration_error(bins) for bins in (calibration.held_out, calibration.scaled))
    return (
        f"Logits are divided by T = {calibration.temperature:.2g}, fitted on {fitted:,} of the test pictures, one "
        f"random split. On the other {tested:,} the calibration error (ECE) is {without:.2f} without T and "
        f"{scaled:.2f} with it; about {chance:.2f} would be chance. The order of the answers stays, and so do the "
        "maps, which are of logits."
    )


def finding(table: pd.DataFrame, net: str) -> str:
    """Whether a network is right as often as it says, as far as so few pictures can show."""
    pictures = int(table["count"].sum())
    if not pictures:
        return "Nothing is measured yet"
    said, right = (float((table["count"] * table[name]).sum()) / pictures for name in ("confidence", "accuracy"))
    low, high = wilson(np.array(round(right * pictures)), np.array(pictures))
    words = [f"{whole(share)} %" for share in (said, right)]
    way = "about as often as" if words[0] == words[1] or low <= said <= high else "more often than"
    if way == "more often than" and right < said:
        way = "less often than"
    return (
        f"{net} is right {way} it says: on average it says {words[0]} and is right on {words[1]} "
        f"of {pictures:,} test pictures"
    )


def reliability_alt(table: pd.DataFrame, net: str) -> str:
    """The chart in words, as alt text: the finding and every bin."""
    each = [f"{bin_range(row)}: {_of_100(row, 'accuracy')} % of {row['count']:,}" for row in table.to_dict("records")]
    return f"{finding(table, net)}. Right, by the probability of the first answer: {'; '.join(each)}"
