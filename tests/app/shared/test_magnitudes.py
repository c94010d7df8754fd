"""Numbers in sentences: no digit that another seed would not give."""

import math
import re
from pathlib import Path

import pytest

from app.shared.magnitudes import compared, counted, figures, order_of_magnitude, sized, span
from tests.facts import orders


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [
        (4.6e6, 2, "4.6 million"),
        (999_999.0, 2, "1 million"),  # not 1000 thousand
        (9.996e-4, 2, "0.001"),  # not 10.0×10⁻⁴
        (9.7e-8, 1, "10⁻⁷"),
        (8.3e-53, 2, "8.3×10⁻⁵³"),
        (0.0, 2, "0"),
        (-0.5, 1, "-0.5"),
        (math.inf, 2, "infinite"),
        (math.nan, 2, "not a number"),
    ],
)
def test_figures(number: float, digits: int, text: str) -> None:
    assert figures(number, digits) == text


@pytest.mark.parametrize(
    ("ratios", "words"),
    [
        ([7.7e6], "about 10 million times the last"),  # one seed: an order of magnitude
        ([8.4], "about 10 times the last"),
        ([3.0], "a few times the last"),
        ([1.5], "about as large as the last"),
        ([0.6], "about as large as the last"),
        ([0.01], "about 100 times smaller than the last"),
        ([2e-19], "about 10¹⁹ times smaller than the last"),
        ([5.2, 18.1, 8.4], "5.2 to 19 times the last"),
        ([1.6, 2.84], "1.6 to 2.9 times the last"),
        ([3e6, 9.8e6], "3 to 10 million times the last"),
        ([3.41e6, 1.239e7], "3.4 to 13 million times the last"),  # both lie within
        ([1e-5, 1.7e-3], "580 to 100,000 times smaller than the last"),
        ([0.128, 1.006], "0.12 to 1.1 times the last"),
        ([0.2, 5.0], "0.2 to 5 times the last, larger with some seeds and smaller with others"),
    ],
)
def test_a_ratio_in_words_never_says_vanishing_where_it_explodes(ratios: list[float], words: str) -> None:
    assert compared(ratios, "the last") == words


def test_sizes_orders_and_counts() -> None:
    said = [order_of_magnitude(number) for number in (2.0, 8.4, 30.0, 9_999.0, 4.9e8, 5e8, 3e9)]
    orders = [
        "a few",
        "about 10",
        "tens of",
        "about 10 thousand",
        "hundreds of millions of",
        "about 10⁹",
        "about 10⁹",
    ]
    assert said == orders
    assert (sized([0.36]), sized([0.3, 0.9]), span([2.0, 2.0])) == ("about 1", "0.3 to 0.9", "2")
    assert span([3.0, 4000.0]) == "3 to 4,000"  # not 3 to 4 thousand
    assert (span([0.303, 0.338]), span([2.04, 2.31])) == ("0.30 to 0.34", "2.0 to 2.4")  # the ends are as exact
    assert span([1.2e7, 3.7e9]) == "1.2×10⁷ to 3.7×10⁹"
    assert span([2e-9, 3e-9]) == "2×10⁻⁹ to 3×10⁻⁹"
    assert (sized([0.0]), sized([math.inf])) == ("0", "infinite")
    assert (counted([18, 18]), counted([17, 18])) == ("18", "17 to 18")


def test_a_factor_that_is_rounding_noise_is_an_order_of_magnitude_in_the_readme_too() -> None:
    assert orders([2.3, 39.1]) == "a few to tens"
    assert orders([1.07, 1.18]) == "about 1"
    text = (Path(__file__).parents[3] / "resnet_core" / "README.md").read_text(encoding="utf-8")
    for row in (r"in single against double precision: [^|]*", "the same, after one SGD step"):
        (told,) = re.findall(rf"\| [^|]*{row} \| – \| (.*) \|", text)
        of_depth = told.split(" / ")
        assert len(of_depth) == 3
        assert all(
            re.fullmatch(r"(about 10*|a few|tens|hundreds)( to (about 10+|a few|tens|hundreds))?", each)
            for each in of_depth
        )
