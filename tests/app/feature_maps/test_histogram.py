"""Histograms of a channel, against values set by hand."""

import numpy as np
import pytest

from app.feature_maps.charts import histogram
from app.shared.drawing.layout import title_of
from tests.app.feature_maps.test_sheets import random_maps

GREY = (128, 128, 128)


@pytest.mark.parametrize("values", [random_maps(40, 40), np.maximum(random_maps(40, 40), 0), np.full((4, 4), -3.0)])
def test_each_bar_counts_the_values_of_its_range(values: np.ndarray) -> None:
    bars = histogram.histogram(values).data[0]
    others = values[values != 0].astype(float)
    assert sum(bars.y) == others.size
    for (low, high), count in zip(bars.customdata, bars.y, strict=True):
        inside = (others >= low - 1e-9) & (others < high - 1e-9)
        last = (others >= low - 1e-9) & (high > others.max() - 1e-9) & (others <= high + 1e-9)
        assert count == (inside | last).sum()
    assert len(bars.y) <= histogram.BARS + 1


def test_zeros_are_a_bar_of_their_own_on_the_bar_that_begins_there() -> None:
    values = np.array([[0.0, 0.0, 0.0], [0.01, 1.0, 3.0]])
    figure = histogram.histogram(values, what="channel 12", colour="#123456")
    others, zeros = figure.data
    assert (list(zeros.y), zeros.name) == ([3], "exactly 0")
    assert zeros.x[0] == others.x[0]
    assert figure.layout.barmode == "stack"
    assert others.marker.color == "#123456"
    assert figure.layout.xaxis.title.text == "activation"
    assert figure.layout.yaxis.title.text == "pixels of the map"


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ([0.0, 0.0, 0.0, 2.0], "75.0 % of this channel is exactly 0"),
        ([0.0, 0.0], "All of this channel is exactly 0"),
        ([-1.0, -2.0, -3.0, 4.0], "75.0 % of this channel is negative"),
        ([1.0, 2.0], "No value of this channel is 0"),
        ([np.nan, np.inf], "No value of this channel is finite"),
        ([np.nan, 0.0, 0.0, 1.0], "1 of 4 values are not finite and left out."),
    ],
)
def test_the_title_says_the_finding(values: list[float], title: str) -> None:
    text = title_of(histogram.histogram(np.array([values], np.float32)))
    assert title in text.replace("<br>", " ").replace("\N{NO-BREAK SPACE}", " ")
