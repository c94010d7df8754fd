"""What the lesson on lesions measures: recorded errors without each block, and the answer for the step's photo."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

import resnet_core as rc
from app.course.lesson import Measured
from app.course.measured.settings import Settings, built, net_of, photo_of
from app.lesions import computed
from app.lesions.charts.notes import errors_words
from app.lesions.controls import GONE
from app.lesions.recorded import measured_again
from app.shared.drawing.bars import percent
from resnet_core.lesions.recorded import recorded_study


def error_without_a_block(_settings: Settings, of: str) -> Measured:
    """The error on the test pictures without one block that begins no stage: the median over these blocks."""
    return _recorded(of, lambda name: not _starts_a_stage(name))


def error_without_a_start(_settings: Settings, of: str) -> Measured:
    """The same for the blocks that begin a stage."""
    return _recorded(of, _starts_a_stage)


def share_kept_without(settings: Settings, _of: str) -> Measured:
    """The probability of the whole network's first answer, as a share of what it was before the blocks went."""
    gone = tuple(settings.get(GONE, ()))
    first = computed.effect(net_of(settings), photo_of(settings), gone, 0.0).iloc[0]
    kept = float(first["probability_after"] / first["probability_before"])
    words = {"class": str(first["class"]), "gone": ", ".join(gone), "paths": percent(0.5 ** len(gone))}
    shares = {when: percent(first[f"probability_{when}"]) for when in ("before", "after")}
    return Measured(kept, kept, words | shares)


def _starts_a_stage(name: str) -> bool:
    return name.endswith(".0")


def _recorded(of: str, among: Callable[[str], bool]) -> Measured:
    """The recorded errors of a network, such as plain-56, without each of some blocks; batch norm as trained."""
    variant, shortcut = built(of)
    known = rc.WEIGHTS.get((variant, f"cifar10{computed.PLAIN if shortcut == 'none' else ''}"))
    table = None if known is None else recorded_study(known)
    if table is None:
        raise rc.ResNetCoreError(f"No study of {of} without its blocks is on this machine.")
    table = table[~measured_again(table)]
    whole, each = table.iloc[0], table[[bool(name) and among(name) for name in table["deleted"]]]
    found = float(each["errors"].median())
    return Measured(found, found, _words(whole, each["errors"]))


def _words(whole: pd.Series, errors: pd.Series) -> dict[str, str]:
    return {
        "whole": f"{100 * whole['errors']:.0f} %",
        "without": errors_words(errors),
        "blocks": str(len(errors)),
        "pictures": f"{whole['pictures']:,}",
    }
