"""The answers before and after an edit as bars and as a sentence, from hand-made tables."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from app.attributions.charts.answers import answer_bars, fill_words, finding
from app.shared.drawing.colours import OUTPUT

WHAT = "the 3 marked superpixels"


def effect(before: list[float], after: list[float]) -> pd.DataFrame:
    """Classes a, b, c... with these probabilities; their logits are the logarithms."""
    return pd.DataFrame(
        {
            "index": range(10, 10 + len(before)),
            "class": list("abcdefgh")[: len(before)],
            "logit_before": np.log(before),
            "logit_after": np.log(after),
            "change": np.log(after) - np.log(before),
            "probability_before": before,
            "probability_after": after,
        }
    )


class Words(HTMLParser):
    """The visible text, and the widths of all bars in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.feed(re.sub("<style>.*?</style>", "", page, flags=re.DOTALL))
        self.widths = [float(width) for width in re.findall(r"width:([\d.]+)%", page)]

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


@pytest.mark.parametrize(
    ("after", "share", "sentence"),
    [
        (
            [0.41, 0.39, 0.2],
            0.0602,
            "Without the 3 marked superpixels (6 % of the picture) a falls from 98.0 % to 41.0 %.",
        ),
        ([0.99, 0.005, 0.005], 0.001, "Without the 3 marked superpixels (< 1 % of the picture) a rises from 98.0 % to"),
        ([0.977, 0.013, 0.01], 0.5, "(50 % of the picture) a hardly changes, from 98.0 % to 97.7 %."),
        ([0.98001, 0.01, 0.00999], 0.5, "(50 % of the picture) a stays at 98.0 %."),
        (
            [0.3, 0.2, 0.5],
            0.999,
            "(> 99 % of the picture) a falls from 98.0 % to 30.0 %, and the first answer is now c",
        ),
        ([0.3, 0.2, 0.5], 1.0, "(the whole picture) a falls from 98.0 % to 30.0 %, and the first answer is now c with"),
    ],
)
def test_the_finding_says_what_happened_to_the_first_answer(after: list[float], share: float, sentence: str) -> None:
    assert sentence in finding(effect([0.98, 0.015, 0.005], after), WHAT, share)


def test_the_finding_can_speak_of_another_class() -> None:
    table = effect([0.6, 0.3, 0.1], [0.5, 0.35, 0.15])
    assert finding(table, "the rectangle", 0.25, target=12) == (
        "Without the rectangle (25 % of the picture) c rises from 10.0 % to 15.0 %."
    )


def test_nothing_taken_away_is_said() -> None:
    assert finding(effect([0.6, 0.4], [0.6, 0.4]), WHAT, 0) == "Nothing is taken away yet: a has 60.0 %."


def test_answers_that_are_not_numbers_are_said() -> None:
    table = effect([0.6, 0.4], [np.nan, np.nan])
    assert finding(table, WHAT, 0.1).startswith("These answers are not numbers")
    words = Words(answer_bars(table, WHAT, 0.1))
    assert words.widths == [60, 40]  # and no bar for what is not a number
    assert "nan" not in " ".join(words.seen)


@pytest.mark.parametrize(
    ("alone", "fill", "said", "neutral"),
    [
        (
            {"black": 0.02, "white": 0.4},
            "black",
            "With black in place of the whole photo, a has 2.0 %; with the photo 80.0 %.",
            True,
        ),
        ({"black": 0.02, "white": 0.41}, "white", "Choose black, with which it has 2.0 %.", False),
        (
            {"black": 0.7, "white": 0.9},
            "black",
            "No filling is neutral here: with no shape left",
            False,
        ),
        ({"black": 0.7, "white": 0.9}, "white", "None is neutral here, not even black: with no shape", False),
    ],
)
def test_a_filling_that_alone_says_the_class_is_told(
    alone: dict[str, float], fill: str, said: str, neutral: bool
) -> None:
    words, room = fill_words(alone, fill, "a", 0.8)
    assert said in words
    assert room == neutral


def test_each_class_has_both_bars_and_both_logits() -> None:
    page = answer_bars(effect([0.75, 0.25], [0.125, 0.875]), WHAT, 0.1)
    words = Words(page)
    assert words.widths == [75, 12.5, 25, 87.5]
    assert "75.0 % → 12.5 %" in words.seen
    assert "logit −0.29 → −2.08 (−1.79)" in words.seen
    assert "logit −1.39 → −0.13 (+1.26)" in words.seen  # adds up as printed, though the change is 1.253
    assert OUTPUT in page


def test_five_classes_are_shown_and_those_that_the_sentence_names() -> None:
    before = [0.3, 0.2, 0.15, 0.12, 0.1, 0.07, 0.04, 0.02]
    plain = Words(answer_bars(effect(before, before), WHAT, 0.1)).seen
    assert [name for name in plain if name in set("abcdefgh")] == list("abcde")
    after = [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.3]
    table = effect(before, after)
    shown = Words(answer_bars(table, WHAT, 0.1, target=15)).seen
    assert [name for name in shown if name in set("abcdefgh")] == list("abcdefh")
    assert len(Words(answer_bars(table, WHAT, 0.1, target=17)).widths) == 12


def test_names_are_escaped_and_the_figure_is_labelled_with_its_finding() -> None:
    table = effect([0.6, 0.4], [0.5, 0.5]).assign(**{"class": ["<b>a</b>", 'say "b"']})
    page = answer_bars(table, WHAT, 0.1)
    assert "<b>a</b>" not in page
    assert (
        'aria-label="Without the 3 marked superpixels (10\N{NO-BREAK SPACE}% of the picture) '
        "&lt;b&gt;a&lt;/b&gt; falls from" in page
    )
