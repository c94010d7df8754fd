"""Learning rate and picture sizes of recorded runs, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from app.shared.lists import listed

LIKE = 1e-4  # of the largest learning rate: one step more in an epoch changes it by less


def schedules(curves: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The different courses of learning rate and picture size, by the names of the nets that share each."""
    courses: list[tuple[list[str], pd.DataFrame]] = []
    for net, rows in curves.groupby("net", sort=False):
        names = next((names for names, known in courses if _same_course(known, rows)), None)
        if names is None:
            courses.append(([str(net)], rows))
        else:
            names.append(str(net))
    return {", ".join(names): rows for names, rows in courses}


def _same_course(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """The same picture sizes and learning rates; runs with a step more or less an epoch are alike."""
    sizes_match = one["size"].tolist() == other["size"].tolist()
    return sizes_match and bool(np.allclose(one["lr"], other["lr"], rtol=0, atol=LIKE * one["lr"].max()))


def lr_finding(curves: pd.DataFrame, restarts: Iterable[int]) -> str:
    """Where the learning rate is largest, where it starts again, and whether the training error rises there."""
    courses = schedules(curves)
    if len(courses) != 1:
        return lr_verdict(curves, restarts)
    epochs = list(restarts)
    change = curves.groupby("net", sort=False)["train_error"].diff()[curves["epoch"].isin(epochs)]
    everywhere = "; every training error rises there" if epochs and (change > 0).all() else ""
    return f"{_largest(courses)}{' and starts again in ' + _epochs(epochs) if epochs else ''}{everywhere}"


def lr_verdict(curves: pd.DataFrame, restarts: Iterable[int]) -> str:
    """The same in one line: where the learning rate starts again, or else is largest."""
    courses, epochs = schedules(curves), list(restarts)
    if not courses:
        return "No run is chosen"
    if len(courses) > 1:
        return f"{len(courses)} different schedules: compare these nets with care"
    return f"The learning rate starts again in {_epochs(epochs)}" if epochs else _largest(courses)


def _largest(courses: Mapping[str, pd.DataFrame]) -> str:
    (rows,) = courses.values()
    top = int(rows["lr"].argmax())
    return f"The learning rate is largest in epoch {rows['epoch'].iloc[top]} ({rate(rows['lr'].iloc[top])})"


def _epochs(epochs: list[int]) -> str:
    return f"epoch{'s' * (len(epochs) > 1)} {listed([str(each) for each in epochs])}"


def sizes_words(curves: pd.DataFrame) -> str:
    """On which crops the nets were trained, schedule by schedule; "" without any."""
    courses = schedules(curves)
    return "; ".join(f"{f'{nets}: ' * (len(courses) > 1)}{size_words(rows)}" for nets, rows in courses.items())


def size_words(rows: pd.DataFrame) -> str:
    """The sizes of the crops that were trained on, in the order of the epochs."""
    begins = rows[rows["size"] != rows["size"].shift()]
    first, *later = [(row["epoch"], row["size"]) for _, row in begins.iterrows()]
    return ", ".join([f"{first[1]:.0f} px", *(f"{size:.0f} px from epoch {epoch:.0f}" for epoch, size in later)])


def rate(lr: float) -> str:
    """A learning rate in two digits; what rounding leaves at the end of a cycle becomes 0."""
    return f"{lr:.2g}" if lr >= 1e-5 else "0"
