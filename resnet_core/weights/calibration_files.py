"""`VARIANT-ID-reliability.json` beside our weights: what `python -m resnet_core.training.reliability --write` measured.

Each list of bins holds low, high, count, right and confidence of a bin; the errors are only for people who read it.
"""

from __future__ import annotations

import json
import math
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from resnet_core.errors import WeightsError
from resnet_core.weights.calibration import Bin, Calibration, calibration_error, chance_error

ENDING = "-reliability.json"
AGREES = 1e-3  # of an accuracy from another machine, where rounding may turn a close decision
COLUMNS = [field.name for field in fields(Bin)]
LISTS = ("bins", "held_out", "scaled")


def calibration_path(weights: Path) -> Path:
    """The path of the calibration of a file of weights."""
    return weights.with_name(weights.stem + ENDING)


def write_calibration(path: Path, calibration: Calibration, command: str) -> None:
    """Write it with the `command` that measured it. Raises `WeightsError` if the disk fails."""
    lists = {name: getattr(calibration, name) for name in LISTS}
    told = {
        "command": command,
        "pictures": calibration.pictures,
        "accuracy": calibration.accuracy,
        "seed": calibration.seed,
        "temperature": calibration.temperature,
        "error": {name: calibration_error(bins) for name, bins in lists.items() if bins},
        "error_by_chance": {name: chance_error(bins) for name, bins in lists.items() if bins},
        "columns": COLUMNS,
    }
    rows = ",\n".join(f'"{name}": [{_rows(bins)}]' for name, bins in lists.items())
    try:
        path.write_text(f"{json.dumps(told, indent=1)[:-2]},\n{rows}\n}}\n", encoding="utf-8")
    except OSError as error:
        raise WeightsError(f"The reliability cannot be kept in {path}: {error.strerror or error}.") from error


def _rows(bins: tuple[Bin, ...]) -> str:
    return ",\n".join(json.dumps(astuple(each)) for each in bins)


def read_calibration(path: Path, accuracy: float | None) -> Calibration | None:
    """The calibration of weights of this `accuracy`; None if it is missing, damaged or of other weights."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        bins, held_out, scaled = (tuple(_bin(row) for row in told[name]) for name in LISTS)
        temperature = None if told["temperature"] is None else float(told["temperature"])
        found = Calibration(bins, int(told["seed"]), temperature, held_out, scaled)
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    return found if accuracy is not None and _sound(found) and abs(found.accuracy - accuracy) <= AGREES else None


def _bin(row: Any) -> Bin:
    low, high, count, right, confidence = row
    return Bin(float(low), float(high), int(count), int(right), float(confidence))


def _sound(calibration: Calibration) -> bool:
    """True if the bins are in order and not empty, and a temperature comes with its measured bins."""
    temperature = calibration.temperature
    halves = (calibration.held_out, calibration.scaled)
    if temperature is not None and not (0 < temperature < math.inf and all(halves)):
        return False
    for bins in (calibration.bins, *halves):
        ends = [end for each in bins for end in (each.low, each.high)]
        if ends != sorted(ends) or not all(0 <= end <= 1 for end in ends):
            return False
        if not all(0 <= each.right <= each.count > 0 and 0 <= each.confidence <= 1 for each in bins):
            return False
    return bool(calibration.bins)
