"""The card of checks, read back from its HTML."""

import re
from typing import get_args
from xml.etree import ElementTree

import pytest

from app.attributions.charts import trust_card
from app.attributions.charts.trust_card import Row
from resnet_core.checks.judges import State

GOOD = Row("Completeness", "1.2 %", "It sums up.", "good")
DOUBTFUL = Row("Random weights", "0.71", "It hardly changes.", "doubtful", limit="limit 0.4")
SOUND = Row("Diagnosis", "sound", "Its values are finite.", "good", is_diagnosis=True)
OPEN = Row("Sensitivity", "0.49 ± 0.05", "These draws do not tell.", "undecided")
UNKNOWN = Row("Deletion", "–", "Not asked for.", "unknown")
NOT_FOR_IT = Row("Completeness", "–", "Its values need not sum to anything.", "unknown", applies=False)


def read(html: str) -> ElementTree.Element:
    return ElementTree.fromstring(html)


def words(part: ElementTree.Element) -> str:
    return re.sub(r"\s+", " ", " ".join(part.itertext())).strip()


def test_each_check_has_its_label_number_verdict_and_state() -> None:
    card = read(trust_card.trust_card("Saliency", [GOOD, DOUBTFUL, UNKNOWN]))
    assert card.get("aria-label") == "Saliency"
    assert [words(item) for item in card.iter("div") if item.get("role") == "listitem"] == [
        "Completeness ✓ good 1.2 % It sums up.",
        "Random weights ! doubtful 0.71 , limit 0.4 It hardly changes.",
        "Deletion ? not known – Not asked for.",
    ]


def test_every_state_has_a_symbol_and_a_word_of_its_own() -> None:
    assert set(trust_card.BADGES) == set(get_args(State))
    for what in ("symbol", "word", "colour"):
        assert len({getattr(badge, what) for badge in trust_card.BADGES.values()}) == len(trust_card.BADGES)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "Nothing has been checked yet."),
        ([UNKNOWN], "Its test gives no result."),
        ([UNKNOWN, UNKNOWN], "None of 2 tests gives a result."),
        ([GOOD], "1 test passed."),
        ([GOOD, GOOD, UNKNOWN], "Both tests passed. 1 without a result."),
        ([SOUND, UNKNOWN], "Its test gives no result."),
        ([SOUND, NOT_FOR_IT], "Not tested yet."),
        ([SOUND, GOOD], "1 test passed."),
        ([GOOD, GOOD, GOOD], "All 3 tests passed."),
        ([GOOD, DOUBTFUL], "1 of 2 tests failed."),
        ([OPEN], "Its test is undecided."),
        ([OPEN, OPEN, UNKNOWN], "No verdict yet. 2 undecided. 1 without a result."),
        ([SOUND, OPEN], "Its test is undecided."),
        ([GOOD, OPEN, UNKNOWN], "1 test passed. 1 undecided. 1 without a result."),
        ([GOOD, DOUBTFUL, OPEN], "1 of 2 tests failed. 1 undecided."),
        ([DOUBTFUL, DOUBTFUL, UNKNOWN], "2 of 2 tests failed. 1 without a result."),
    ],
)
def test_the_sum_of_the_checks(rows: list[Row], sentence: str) -> None:
    assert trust_card.summary(rows) == sentence
    assert words(read(trust_card.headline(rows))) == sentence


@pytest.mark.parametrize("rows", [[], [SOUND, GOOD], [GOOD, DOUBTFUL, UNKNOWN]])
def test_the_map_of_a_network_that_knows_nothing_is_not_praised(rows: list[Row]) -> None:
    assert trust_card.summary(rows, trained=False) == "Random weights: nothing was learned"
    assert words(read(trust_card.headline(rows, trained=False))) == "Random weights: nothing was learned"


def test_a_margin_is_explained_where_there_is_one() -> None:
    assert "95\N{NO-BREAK SPACE}% confidence" in trust_card.trust_card("A", [GOOD, OPEN])
    assert "confidence" not in trust_card.trust_card("A", [GOOD, UNKNOWN])


def test_words_are_escaped() -> None:
    evil = '<img src=x onerror="a">'
    about = trust_card.About(evil, [(evil, evil)])
    text = trust_card.trust_card(evil, [Row(evil, evil, evil, "good", limit=evil)], note=evil, about=about)
    assert "<img" not in text
    assert words(read(text)).count(evil) == 8


def test_the_card_needs_nothing_from_its_page() -> None:
    text = trust_card.trust_card("A", [GOOD, DOUBTFUL, UNKNOWN])
    assert {part.tag for part in read(text).iter()} == {"div", "span", "details", "summary"}
    assert "class=" not in text
    assert "url(" not in text
    colours = re.findall(r"(?<!-)color:([^;\"]+)", text)
    assert set(colours) == {"#1b1b1b", "inherit"}  # dark only on the coloured plates, else the page's own


def test_what_says_little_is_folded_and_on_paper_open() -> None:
    about = trust_card.About("What it shows", [("What it cannot show:", "the class.")], [SOUND])
    card = read(trust_card.trust_card("A", [GOOD], note="One draw.", about=about))
    last = list(card.iter("details"))[-2]
    assert words(last).startswith("What it shows Diagnosis ✓ good sound")
    assert words(last).endswith("What it cannot show: the class.")
    assert words(card).startswith("One draw. Completeness")
    paper = read(trust_card.opened(trust_card.trust_card("A", [GOOD], about=about)))
    assert all(part.get("open") is not None for part in paper.iter("details"))


def test_one_form_of_percent() -> None:
    assert trust_card.one_percent("2.3% and 5 %") == "2.3\N{NO-BREAK SPACE}% and 5 %"
