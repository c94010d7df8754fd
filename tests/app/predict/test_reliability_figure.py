"""What is said of an answer and of a network, and the diagram, from hand-made tables; numbers are read back."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest

from app.predict import words as words
from app.predict.charts import reliability_chart
from resnet_core.weights.calibration import Bin, Calibration, reliability_table
from tests.app.attributions.test_agreement_figure import title

BINS = (
    Bin(0.2, 0.4, 10, 5, 0.3),
    Bin(0.4, 0.5, 60, 24, 0.45),
    Bin(0.5, 0.6, 300, 210, 0.55),
    Bin(0.7, 0.9, 1000, 920, 0.8),  # nobody said 60 to 70 %
    Bin(0.9, 1.0, 40, 40, 0.95),
)
TABLE = reliability_table(BINS)


def one(count: int, right: int, confidence: float = 0.95) -> pd.DataFrame:
    """A table of one bin from 0.9 to 1."""
    return reliability_table([Bin(0.9, 1.0, count, right, confidence)])


def numbers(sentence: str) -> list[float]:
    return [float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?", sentence)]


@pytest.mark.parametrize(("probability", "bin_"), [(0.2, 0), (0.3999, 0), (0.4, 1), (0.89, 3), (0.9, 4), (1.0, 4)])
def test_an_answer_belongs_to_the_bin_that_its_probability_lies_in(probability: float, bin_: int) -> None:
    row = words.row_of(TABLE, probability)
    assert row is not None
    assert row["low"] == BINS[bin_].low


@pytest.mark.parametrize("probability", [0.1, 0.199, 0.65, math.nan, 1.5])
def test_an_answer_that_no_test_picture_got_has_none(probability: float) -> None:
    assert words.row_of(TABLE, probability) is None


@pytest.mark.parametrize(
    ("probability", "strength"),
    [
        (0.3, "unknown"),  # too few
        (0.45, "undecided"),  # 24 of 60
        (0.55, "leaning"),  # 210 of 300, and the interval starts above a half
        (0.8, "sure"),
        (0.99, "sure"),
        (0.65, "unknown"),
        (math.nan, "broken"),
        (math.inf, "broken"),
    ],
)
def test_the_verdict_follows_how_often_such_answers_were_right(probability: float, strength: str) -> None:
    assert words.strength(TABLE, probability) == strength
    assert words.strength(None, probability) == ("broken" if strength == "broken" else "unknown")


@pytest.mark.parametrize(("right", "strength"), [(43, "sure"), (40, "leaning"), (32, "leaning"), (29, "undecided")])
def test_a_verdict_needs_a_margin_beyond_its_noise(right: int, strength: str) -> None:
    assert words.strength(one(46, right), 0.95) == strength  # 40 of 46 are 87 %, but may be 74 %


@pytest.mark.parametrize("bin_", [2, 3])
def test_the_sentence_holds_the_numbers_of_its_bin(bin_: int) -> None:
    row = TABLE.iloc[bin_]
    sentence = words.answers_like_this(TABLE, row["confidence"])
    shares = (
        [round(100 * row[name]) for name in ("low", "high")],
        [math.floor(100 * row["accuracy_low"]), math.ceil(100 * row["accuracy_high"])],
    )
    if bin_ == 3:  # narrow enough for two digits
        assert numbers(sentence) == [*shares[0], 92, 100, *shares[1], 100, 1000]
    else:  # 65 to 75
        assert numbers(sentence) == [*shares[0], 7, 10, *shares[1], 100, 300]
        assert "in about 7 of 10 cases" in sentence
    assert sentence.endswith(words.OTHERS)


def test_what_is_neither_all_nor_nothing_is_not_said_to_be() -> None:
    assert "in more than 99 of 100 cases (between 99 and 100 of 100" in words.answers_like_this(one(2000, 1992), 0.95)
    assert "in more than 99 of 100 cases (between 98 and 100" in words.answers_like_this(one(500, 499), 0.95)
    assert "in 100 of 100 cases" in words.answers_like_this(one(500, 500), 0.95)
    assert "in nearly all cases" in words.answers_like_this(one(30, 30), 0.95)
    assert "in hardly any case" in words.answers_like_this(one(30, 0), 0.95)


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "Only 1 test picture got"), (29, "Only 29 test pictures got"), (30, "Answers at 90 to 100 %")],
)
def test_of_few_pictures_only_that_they_are_few(count: int, said: str) -> None:
    assert words.answers_like_this(one(count, count), 1.0).startswith(said)


def test_what_is_not_known_is_said() -> None:
    assert words.answers_like_this(TABLE, 0.65).startswith("No test picture got an answer like this")
    assert words.answers_like_this(TABLE.iloc[:0], 0.65).startswith("No test picture got an answer like this")
    assert words.answers_like_this(None, 0.65).startswith("Nothing is known about how often such an answer is right")
    assert words.answers_like_this(TABLE, math.nan) == words.answers_like_this(None, math.nan) == ""


def test_a_temperature_is_told_with_what_it_did_to_the_other_half() -> None:
    held_out, scaled = (Bin(0.5, 1.0, 1000, 900, 0.7),), (Bin(0.5, 1.0, 1000, 900, 0.88),)
    made = Calibration((Bin(0.5, 1.0, 3000, 2700, 0.7),), 0, 0.5237, held_out, scaled)
    chance = math.sqrt(2 / math.pi * 0.88 * 0.12 / 1000)
    sentence = words.temperature_words(made)
    assert numbers(sentence) == [0.52, 2000, 1000, 0.2, 0.02, round(chance, 2)]
    assert sentence.count("order of the answers stays") == 1
    assert words.temperature_words(None) == words.temperature_words(Calibration(BINS, 0, None)) == ""


@pytest.mark.parametrize(
    ("count", "right", "confidence", "way"),
    [
        (1000, 920, 0.8, "more often than it says: on average it says 80 % and is right on 92 % of 1,000 test"),
        (1000, 680, 0.8, "less often than it says: on average it says 80 % and is right on 68 % of 1,000 test"),
        (1000, 810, 0.8, "about as often as it says: on average it says 80 % and is right on 81 % of 1,000 test"),
        (10, 9, 0.7, "about as often as it says: on average it says 70 % and is right on 90 % of 10 test"),
        (1_000_000, 796_000, 0.8004, "about as often as it says: on average it says 80 % and is right on 80 %"),
        (
            10_000,
            9_960,
            0.995,
            "about as often as it says: on average it says more than 99 % and is right on more than 99 %",
        ),
        (1, 1, 1.0, "about as often as it says: on average it says 100 % and is right on 100 % of 1 test"),
    ],
)
def test_a_network_is_over_or_under_confident_only_beyond_the_noise(
    count: int, right: int, confidence: float, way: str
) -> None:
    assert words.finding(one(count, right, confidence), "ResNet-18").startswith(f"ResNet-18 is right {way}")


def test_nothing_measured_is_no_finding() -> None:
    assert words.finding(TABLE.iloc[:0], "ResNet-18") == "Nothing is measured yet"
    assert len(reliability_chart(TABLE.iloc[:0], "ResNet-18", 0.5).data) == 4


def test_the_diagram_has_a_point_and_an_interval_for_every_bin_and_marks_the_answer() -> None:
    figure = reliability_chart(TABLE, "ResNet-18", 0.682)
    diagonal, band, points, answer = figure.data
    assert list(diagonal.x) == list(diagonal.y) == [0, 1]
    np.testing.assert_allclose(points.x, [each.confidence for each in BINS])
    np.testing.assert_allclose(points.y, [each.right / each.count for each in BINS])
    np.testing.assert_allclose(band.y, [*TABLE["accuracy_low"], *TABLE["accuracy_high"][::-1]])
    assert (set(answer.x), answer.name) == ({0.682}, "this answer, 68.2 %")
    assert points.customdata[1].startswith("40 to 50 %: 60 pictures, 40.0 % right (95 % interval 28.6 % to 52.")
    assert title(figure).startswith(words.finding(TABLE, "ResNet-18"))
    assert len(reliability_chart(TABLE, "ResNet-18", math.nan).data) == 3


def test_the_alternative_text_tells_every_bin() -> None:
    text = words.reliability_alt(TABLE, "ResNet-18")
    assert text.startswith(words.finding(TABLE, "ResNet-18"))
    assert text.endswith(
        "20 to 40 %: 50 % of 10; 40 to 50 %: 40 % of 60; 50 to 60 %: 70 % of 300; "
        "70 to 90 %: 92 % of 1,000; 90 to 100 %: 100 % of 40"
    )
    assert words.reliability_alt(one(455, 453), "ResNet-18").endswith("90 to 100 %: more than 99 % of 455")
