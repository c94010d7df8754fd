"""What the lesson on depth reads from recorded training runs: errors and gradients."""

from __future__ import annotations

import pandas as pd

import resnet_core as rc
from app.course.lesson import Measured
from app.course.measured.settings import Settings, number_of, pair
from app.shared.magnitudes import compared
from app.training_replay.measured import percent_of
from app.training_replay.words import first_over_last, named
from resnet_core.training import tables


def training_error_over(settings: Settings, of: str) -> Measured:
    """The training error of the first network over that of the second, after the step's epoch."""
    rows = [_row(settings, net) for net in pair(of)]
    first, second = (float(row["train_error"]) for row in rows)
    words = {"first": percent_of(first), "second": percent_of(second), "epoch": str(rows[0]["epoch"])}
    return Measured(first / second, first / second, words)


def first_over_last_in_training(_settings: Settings, of: str) -> Measured:
    """The gradient of a network's first block over that of its last, from the least to the largest of all epochs."""
    found = first_over_last(tables.norms_of({of: _run(of)}))["ratio"].tolist()
    words = {"compared": compared(found, "that of the last block"), "epochs": str(len(found))}
    return Measured(min(found), max(found), words)


def _run(net: str) -> rc.Run:
    found = named(rc.RUNS.values()).get(net)
    if found is None:
        raise rc.ResNetCoreError(f"No recorded run of {net} is on this machine.")
    return found


def _row(settings: Settings, net: str) -> pd.Series:
    """The errors of a network after the step's epoch, at first the first, as on the page."""
    curves = tables.curves_of({net: _run(net)})
    epoch = number_of(settings, "epoch", curves["epoch"], 1)
    return curves[curves["epoch"] == epoch].iloc[0]
