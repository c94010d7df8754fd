"""What the lesson on read-outs measures: the head after every block of the last stage, for the step's photo."""

from __future__ import annotations

import pandas as pd

import resnet_core as rc
from app.course.lesson import Measured
from app.course.measured.settings import Settings, net_of, photo_of
from app.lesions import computed
from app.lesions.charts.readout import answer_of
from app.lesions.controls import GONE
from app.shared.drawing.bars import percent


def early_answer(settings: Settings, _of: str) -> Measured:
    """The probability of the network's answer, read out after the first block of the last stage."""
    return _first_read(settings, "target_probability")


def early_sureness(settings: Settings, _of: str) -> Measured:
    """The probability of whatever is the first answer there."""
    return _first_read(settings, "probability")


def largest_step(settings: Settings, _of: str) -> Measured:
    """The largest rise of the answer's probability by one block of the last stage, over the whole rise."""
    table = _read(settings)
    read = table["target_probability"]
    rise, step = float(read.iloc[-1] - read.iloc[0]), float(read.diff().max())
    if rise <= 0:
        raise rc.ResNetCoreError("Here the answer does not become more probable from block to block.")
    at = str(table["block"].iloc[int(read.diff().to_numpy()[1:].argmax()) + 1])
    return Measured(step / rise, step / rise, {"share": percent(step / rise), "block": at, "class": answer_of(table)})


def apart_from_read_out(settings: Settings, _of: str) -> Measured:
    """How far the answer without the last blocks is from the read-out before them: a difference of probabilities."""
    net, photo, gone = net_of(settings), photo_of(settings), tuple(settings.get(GONE, ()))
    table = computed.read_out(net, photo)
    kept = [name not in gone for name in table["block"]]
    if not kept[0] or sorted(kept, reverse=True) != kept or len(gone) != kept.count(False):
        raise rc.ResNetCoreError("Take out the last blocks of the last stage, and no others.")
    read = float(table["target_probability"].iloc[kept.count(True) - 1])
    left = float(computed.effect(net, photo, gone, 0.0)["probability_after"].iloc[0])
    words = {"read": percent(read), "left": percent(left), "class": answer_of(table)}
    return Measured(abs(left - read), abs(left - read), words)


def _first_read(settings: Settings, column: str) -> Measured:
    table = _read(settings)
    first, last = table.iloc[0], table.iloc[-1]
    found = float(first[column])
    words = {
        "early": str(first["class"]),
        "sure": percent(first["probability"]),
        "answer": answer_of(table),
        "share": percent(first["target_probability"]),
        "end": percent(last["probability"]),
    }
    return Measured(found, found, words)


def _read(settings: Settings) -> pd.DataFrame:
    return computed.read_out(net_of(settings), photo_of(settings))
