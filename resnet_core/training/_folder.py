"""The folder of a training run: a checkpoint to resume from, and tables of the finished epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import torch
from torch import Tensor


class Resumable(Protocol):
    """Something whose state a checkpoint holds: a network, an optimiser, an average of weights."""

    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state_dict: dict[str, Any], /) -> object: ...


@dataclass
class Epochs:
    """The finished epochs: `rows` of the curves, and the counts of `_epoch.evaluate`."""

    rows: list[dict[str, float]] = field(default_factory=list)
    confusions: list[list[list[int]]] = field(default_factory=list)

    def add(self, row: dict[str, float], counts: Tensor) -> None:
        """One more epoch."""
        self.rows.append(row)
        self.confusions.append(counts.tolist())


@dataclass(frozen=True)
class RunFolder:
    """`path` holds the run described by `run`: net, shortcut, seed and recipe.

    `classes` are the class names, in the order of the logits.
    """

    path: Path
    run: dict[str, Any]
    classes: Sequence[str]

    @property
    def checkpoint(self) -> Path:
        return self.path / "checkpoint.pt"

    def resume(self, parts: Mapping[str, Resumable]) -> Epochs:
        """Load the checkpoint, if there is one, into the `parts` of training.

        Exits if it belongs to another run; a run whose recipe has only added cycles continues.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        if not self.checkpoint.exists():
            return Epochs()
        state = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
        theirs = {"held_out": 0.0, **state["run"]}  # older versions held out no pictures
        mine = {**self.run, "cycles": self.run["cycles"][: len(theirs.get("cycles", ()))]}
        other = [
            f"{what} {theirs.get(what)!r}, not {value!r}" for what, value in mine.items() if theirs.get(what) != value
        ]
        if other:
            raise SystemExit(
                f"{self.checkpoint} belongs to another run ({'; '.join(other)}): give this one its own folder."
            )
        for name, part in parts.items():
            part.load_state_dict(state[name])
        return Epochs(state["rows"], state["confusions"])

    def save(self, parts: Mapping[str, Resumable], done: Epochs) -> None:
        """Write checkpoint and tables; a checkpoint is written completely or not at all."""
        part = self.checkpoint.with_suffix(".part")
        states = {name: part.state_dict() for name, part in parts.items()}
        torch.save({"run": self.run, "rows": done.rows, "confusions": done.confusions, **states}, part)
        part.replace(self.checkpoint)
        pd.DataFrame(done.rows).to_csv(self.path / "curves.csv", index=False, float_format="%.6g")
        confusion_table(done.confusions, self.classes).to_csv(self.path / "confusion.csv", index=False)


def confusion_table(confusions: Sequence[Sequence[Sequence[int]]], classes: Sequence[str]) -> pd.DataFrame:
    """One row per epoch and true class: epoch (from 1), class, and for each class how often it was the answer."""
    rows = [
        {"epoch": epoch, "class": name, **dict(zip(classes, counts, strict=True))}
        for epoch, confusion in enumerate(confusions, 1)
        for name, counts in zip(classes, confusion, strict=True)
    ]
    return pd.DataFrame(rows, columns=["epoch", "class", *classes])
