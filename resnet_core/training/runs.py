"""Recorded training runs: the files that `resnet_core.training` wrote next to our own weights.

`VARIANT-ID.csv` holds the curves and the gradient norms of the blocks, `VARIANT-ID-confusion.csv`, if there is one, the
answers to the pictures behind the curves after each epoch. Those are held-out training pictures or, in older runs, test
pictures; the columns of the curves are named accordingly.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from resnet_core.training._recipes import Recipe, recipe_of
from resnet_core.variants import VARIANTS, variant_of
from resnet_core.weights.bundled import PRETRAINED
from resnet_core.weights.catalogue import WEIGHTS
from resnet_core.weights.files import Weights

COLUMNS = ("epoch", "size", "lr", "train_loss", "train_error", "test_loss", "test_error", "seconds")
HELD_OUT_COLUMNS = tuple(name.replace("test_", "held_out_") for name in COLUMNS)
NORM_COLUMNS = ("epoch", "block", "depth", "grad_norm")
CONFUSION_COLUMNS = ("epoch", "class", "answer", "pictures")
AGREES = 1e-5  # of a share that the curves hold to six digits
MeasuredOn = Literal["test", "held out"]
ERROR_COLUMNS: dict[MeasuredOn, str] = {"test": "test_error", "held out": "held_out_error"}
GRAD_NORM = "grad_norm/"  # begins the name of a block's column


@dataclass(frozen=True, eq=False)
class Run:
    """How one set of our weights was trained.

    `recipe` and `seed` are those of the weights' header; the tables say what was really done in each epoch.
    `curves` has one row an epoch, counted from 1: epoch, size (of the training pictures, in pixels), lr (of the last
    step), train_loss and train_error (means over the epoch's batches, while the weights still change, on augmented
    pictures), held_out_loss, held_out_error (after the epoch, on training pictures that no step saw) and seconds.
    Errors are shares from 0 to 1. In older runs, without held-out pictures, the columns are test_loss and test_error,
    on test pictures: all of them, or about `curve_pictures`. `measured_on` says which.
    `grad_norms` has one row a block of each epoch, in forward order: epoch, block, depth (1 is the block next to the
    input) and grad_norm, the L2 norm of the gradient over all parameters of the block, mean over the epoch's batches.
    `confusion` has one row an epoch, class and answer: epoch, class, answer and pictures (how many of the class, among
    those behind the curves, got that answer after the epoch); no rows if it was not recorded. `epoch_weights` are the
    ids in `WEIGHTS` of the weights after some epochs, with those of the last.
    """

    weights: Weights
    recipe: Recipe
    seed: int
    curves: pd.DataFrame
    grad_norms: pd.DataFrame
    confusion: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(CONFUSION_COLUMNS)))
    epoch_weights: Mapping[int, str] = field(default_factory=dict)
    curve_pictures: int | None = None

    @property
    def measured_on(self) -> MeasuredOn:
        """The pictures behind the curves: "held out" of training, or those of the "test"."""
        return "held out" if self.recipe.held_out else "test"

    @property
    def error_column(self) -> str:
        """The column of `curves` with the error after the epoch."""
        return ERROR_COLUMNS[self.measured_on]

    @property
    def variant(self) -> str:
        """The network's name in `VARIANTS`."""
        return self.weights.variant

    @property
    def id(self) -> str:
        """The id of the weights in `WEIGHTS`."""
        return self.weights.id

    @property
    def is_plain(self) -> bool:
        """True for a network without shortcuts."""
        return self.weights.is_plain

    @property
    def title(self) -> str:
        """The network's name, such as `ResNet-20` or `plain-20`."""
        return VARIANTS[self.variant].titled(self.weights.shortcut)

    @property
    def restarts(self) -> tuple[int, ...]:
        """The epochs that begin a new cycle of the learning rate: where the recipe says so and the rate rises."""
        lr = self.curves["lr"].to_numpy()
        ends = list(accumulate(cycle.epochs for cycle in self.recipe.cycles))[:-1]
        return tuple(end + 1 for end in ends if end < len(lr) and lr[end] > lr[end - 1])


def recorded(weights: Mapping[tuple[str, str], Weights], folder: Path) -> tuple[dict[tuple[str, str], Run], list[str]]:
    """The runs of the bundled ones among `weights`, from their files in `folder`, and why others have none.

    A run whose confusion table is damaged is included without it; the reason is reported.
    """
    found: dict[tuple[str, str], Run] = {}
    damaged: list[str] = []
    for key, known in weights.items():
        if known.source == "bundled" and known.is_final:
            with _noting_damage(f"{'-'.join(key)}.csv", damaged):
                found[key] = _run(known, folder / f"{'-'.join(key)}.csv", _epoch_weights(known, weights))
    for key, run in found.items():
        path = folder / f"{'-'.join(key)}-confusion.csv"
        if path.exists():
            with _noting_damage(path.name, damaged):
                found[key] = replace(run, confusion=_confusion(path.read_text(encoding="utf-8"), run))
    return found, damaged


@contextmanager
def _noting_damage(name: str, damaged: list[str]) -> Iterator[None]:
    """Append what is wrong with a file to `damaged`."""
    try:
        yield
    except FileNotFoundError:
        damaged.append(f"{name} is not there")
    except (OSError, ValueError, csv.Error) as error:
        damaged.append(f"{name} cannot be used: {error}")


def _epoch_weights(last: Weights, weights: Mapping[tuple[str, str], Weights]) -> dict[int, str]:
    """The weights of the run that ended with `last`, by epoch."""
    of_run = [known for (variant, _), known in weights.items() if (variant, known.run) == (last.variant, last.id)]
    return {known.epochs: known.id for known in sorted(of_run, key=lambda known: known.epochs)}


def _run(weights: Weights, path: Path, epoch_weights: Mapping[int, str]) -> Run:
    try:
        told: dict[str, Any] = json.loads(weights.recipe)
        recipe, seed = recipe_of(told), int(told.get("seed", 0))
        some = told.get("curve_pictures")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError("the header of the weights holds no sound recipe") from error
    blocks = list(variant_of(weights.variant).block_names)
    columns = HELD_OUT_COLUMNS if recipe.held_out else COLUMNS
    table = _table(path.read_text(encoding="utf-8"), columns, blocks)
    if len(table) != weights.epochs:
        raise ValueError(f"it holds {len(table)} epochs, and the weights were trained for {weights.epochs}")
    curves = table[list(columns)].astype({"epoch": int, "size": int})
    norms = table[[GRAD_NORM + block for block in blocks]].to_numpy()  # (epochs, blocks)
    depths = list(range(1, len(blocks) + 1))
    values = (curves["epoch"].repeat(len(blocks)).array, blocks * len(table), depths * len(table), norms.ravel())
    grad_norms = pd.DataFrame(dict(zip(NORM_COLUMNS, values, strict=True)))
    return Run(weights, recipe, seed, curves, grad_norms, epoch_weights=epoch_weights, curve_pictures=some)


def _confusion(text: str, run: Run) -> pd.DataFrame:
    """The counts of every epoch, class and answer. Raises `ValueError` with what is wrong with the file."""
    table = pd.read_csv(io.StringIO(text))
    classes = list(run.weights.classes)
    rows = [(epoch, name) for epoch in run.curves["epoch"] for name in classes]
    if table.columns.tolist() != ["epoch", "class", *classes]:
        raise ValueError("its columns are not the epoch, the class and the classes as answers")
    if list(zip(table["epoch"], table["class"], strict=True)) != rows:
        raise ValueError("its rows are not the classes of each epoch")
    counts = table[classes]
    if not all(pd.api.types.is_integer_dtype(kind) for kind in counts.dtypes) or (counts < 0).any(axis=None):
        raise ValueError("its counts are not whole numbers")
    squares = counts.to_numpy().reshape(-1, len(classes), len(classes))  # (epochs, classes, answers)
    pictures = squares.sum(axis=(1, 2))
    if not pictures.all():
        raise ValueError("an epoch of it has no pictures")
    errors = 1 - squares.trace(axis1=1, axis2=2) / pictures
    if not np.allclose(errors, run.curves[run.error_column], rtol=0, atol=AGREES):
        raise ValueError(f"it does not agree with the {run.measured_on} errors of its run")
    known = table[["epoch", "class"]].loc[table.index.repeat(len(classes))].reset_index(drop=True)
    return known.assign(answer=classes * len(table), pictures=counts.to_numpy().ravel())  # (epochs * classes * classes)


def _table(text: str, columns: tuple[str, ...], blocks: list[str]) -> pd.DataFrame:
    """The file as numbers. Raises `ValueError` that says what is wrong with it."""
    if not text.endswith("\n"):
        raise ValueError("its last line is cut off")
    names, *lines = csv.reader(io.StringIO(text))
    if len(set(names)) < len(names):
        raise ValueError("two of its columns have the same name")
    missing = [name for name in (*columns, *(GRAD_NORM + block for block in blocks)) if name not in names]
    if missing:
        raise ValueError(f"it has no column {', '.join(missing)}")
    short = [row for row, line in enumerate(lines, 1) if len(line) != len(names)]
    if short:
        raise ValueError(f"its row {short[0]} is not complete")
    table = pd.DataFrame(np.array(lines, dtype=float).reshape(len(lines), len(names)), columns=names)
    if not np.isfinite(table.to_numpy()).all():
        raise ValueError("it holds numbers that are not finite")
    if table["epoch"].tolist() != list(range(1, len(table) + 1)):
        raise ValueError("its epochs do not count up from 1")
    errors = table[[name for name in columns if name.endswith("_error")]].to_numpy()
    if ((errors < 0) | (errors > 1)).any():
        raise ValueError("its errors are not shares from 0 to 1")
    return table


RUNS, DAMAGED_FILES = recorded(WEIGHTS, PRETRAINED)
