"""What the first lesson measures: answers to the sample photos, and how often such answers are right."""

from __future__ import annotations

import pandas as pd

import resnet_core as rc
from app.course.lesson import Measured
from app.course.measured.settings import Settings, is_on, net_of, photo_of, photos
from app.engine import compute
from app.engine.selection import Net, Photo
from app.predict.reliability import table_of
from app.predict.words import bin_range, how_often, row_of
from app.shared.drawing.bars import percent


def first_probability(settings: Settings, _of: str) -> Measured:
    """The probability of the first answer to the step's photo."""
    net = net_of(settings)
    answer = _answer(settings, net, photo_of(settings))
    first = float(answer["probability"].iloc[0])
    return Measured(first, first, {**_words(answer), "words": str(len(answer))})


def right_beyond_said(settings: Settings, _of: str) -> Measured:
    """How often answers like the first one were right on test pictures, less the probability that they gave."""
    net = net_of(settings)
    answer = _answer(settings, net, photo_of(settings))
    table = table_of(net.known, _temperature(settings, net))
    row = None if table is None else row_of(table, float(answer["probability"].iloc[0]))
    if row is None:
        raise rc.ResNetCoreError(f"Nobody measured how often such answers of {net.label} are right.")
    low, high = (float(row[f"accuracy_{end}"] - row["confidence"]) for end in ("low", "high"))
    words = {"said": bin_range(row), "right": how_often(row), "pictures": f"{row['count']:,}"}
    return Measured(low, high, {**_words(answer), **words})


def sure_photos(settings: Settings, of: str) -> Measured:
    """How many sample photos get a first answer of at least so many per cent."""
    net, least = net_of(settings), float(of.removesuffix("%")) / 100
    answers = [_answer(settings, net, photo) for photo in photos()]
    sure = sum(bool(answer["probability"].iloc[0] >= least) for answer in answers)
    return Measured(sure, sure, {"count": str(sure), "photos": str(len(answers)), "words": str(len(answers[0]))})


def _answer(settings: Settings, net: Net, photo: Photo) -> pd.DataFrame:
    temperature = _temperature(settings, net)
    return compute.prediction(net, photo, **({} if temperature is None else {"temperature": temperature}))


def _temperature(settings: Settings, net: Net) -> float | None:
    known = net.known
    return known.temperature if known is not None and is_on(settings, "temperature") else None


def _words(answer: pd.DataFrame) -> dict[str, str]:
    first = answer.iloc[0]
    return {"class": str(first["class"]), "probability": percent(first["probability"])}
