"""On which pictures, and how, the errors of recorded runs and of their stored weights were measured."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

import pandas as pd

import resnet_core as rc
from resnet_core.training.runs import ERROR_COLUMNS, MeasuredOn

KINDS: dict[MeasuredOn, str] = {"test": "test", "held out": "held-out"}  # words for errors after an epoch
PRECISION = "rounded to half precision, and the curve was computed in the precision of training"


def percent_of(share: float, digits: int = 1) -> str:
    """A share with one decimal: 10.2 %."""
    return f"{100 * share:.{digits}f} %"


def after_epoch(row: pd.Series[float]) -> tuple[str, float]:
    """The error after the epoch in a row of `curves_of`, and the word for its pictures."""
    measured_on: MeasuredOn = row["measured_on"]  # type: ignore[assignment]
    return KINDS[measured_on], row[ERROR_COLUMNS[measured_on]]


def kinds(measured_on: Iterable[MeasuredOn]) -> str:
    """The pictures behind some curves: `test`, `held-out`, or both."""
    return " and ".join(sorted({KINDS[each] for each in measured_on}))


def measured_words(runs: Mapping[str, rc.Run]) -> str:
    """How the errors of the curves were measured; runs that differ are named."""
    kind = kinds(run.measured_on for run in runs.values())
    said = _by_words({name: _where(run) for name, run in runs.items()})
    return (
        "Each net was trained once. Training errors are means over the epoch, on randomly cropped and flipped pictures "
        f"and while the net still changes: they can lie above the {kind} error, which is measured after the "
        f"epoch, {said}."
    )


def _where(run: rc.Run) -> str:
    """The pictures behind the curve of a run, and their size."""
    if run.measured_on == "held out":
        pictures = f"on {100 * run.recipe.held_out:.0f} % of the training pictures, which were held out,"
    elif run.curve_pictures is None:
        pictures = "on all test pictures"
    else:
        pictures = f"on a share of the test pictures only (about {run.curve_pictures} of them)"
    full = f" at their full {run.recipe.transform.crop} px"
    return pictures + (", shrunk like those of the epoch" if run.recipe.smallest_crop else full)


def stored_words(runs: Mapping[str, rc.Run]) -> str:
    """The test errors of stored weights, the ends of their curves, and why the two differ; "" if none.

    Both with two decimals, as in the table of the paper.
    """
    known = {name: run for name, run in runs.items() if run.weights.accuracy is not None}
    if not known:
        return ""
    errors = []
    for name, run in known.items():
        ends = run.curves[run.error_column].iloc[-1]
        error = percent_of(1 - (run.weights.accuracy or 0), 2)
        errors.append(f"{name} {error} (end of its curve: {percent_of(ends, 2)})")
    why = _by_words({name: _differs(run) for name, run in known.items()})
    return f"Test error of the weights that are stored: {', '.join(errors)}. They are {why}."


def _differs(run: rc.Run) -> str:
    """How the test of a run's weights differs from the last point of its curve."""
    recipe, last = run.recipe, int(run.curves["size"].iloc[-1])
    tested = []
    if run.measured_on == "held out":
        tested.append("on the test pictures")
    elif run.curve_pictures is not None:
        tested.append("on all test pictures")
    if recipe.smallest_crop and last != recipe.transform.crop:
        tested.append(f"at {recipe.transform.crop} px instead of {last} px")
    found = ["a moving average of those behind the curve"] * bool(recipe.averaging)
    found += [f"tested {' and '.join(tested)}"] * bool(tested)
    return ", ".join(found) or PRECISION


def _by_words(words: Mapping[str, str]) -> str:
    """A statement on nets: once if it is the same for all, else for each group."""
    groups: dict[Hashable, list[str]] = {}
    for name, said in words.items():
        groups.setdefault(said, []).append(name)
    if len(groups) == 1:
        return next(iter(words.values()))
    return "; ".join(f"{said} ({', '.join(names)})" for said, names in groups.items())
