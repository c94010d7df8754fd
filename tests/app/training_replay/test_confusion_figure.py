"""The square of what test pictures are taken for, from hand-made counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from app.training_replay.charts import confusion
from resnet_core.training import tables
from tests.app.attributions.test_agreement_figure import title

NAMES = ["ship", "cat", "dog"]
EARLY = [[6, 3, 1], [0, 5, 5], [0, 9, 1]]
LATE = [[10, 0, 0], [0, 10, 0], [0, 0, 10]]


def recorded(*epochs: list[list[int]]) -> pd.DataFrame:
    """The rows of `rc.Run.confusion`."""
    rows = [
        (epoch, name, answer, number)
        for epoch, table in enumerate(epochs, 1)
        for name, row in zip(NAMES, table, strict=True)
        for answer, number in zip(NAMES, row, strict=True)
    ]
    return pd.DataFrame(rows, columns=["epoch", "class", "answer", "pictures"])


def counts_after(epoch: int) -> pd.DataFrame:
    return tables.counts_at(recorded(EARLY, LATE), epoch)


def test_each_row_is_shared_out_among_the_answers_in_the_order_of_the_logits() -> None:
    figure = confusion.confusion_chart(counts_after(1), "ResNet-20", 1)
    (cells,) = figure.data
    np.testing.assert_allclose(cells.z, [[0.6, 0.3, 0.1], [0, 0.5, 0.5], [0, 0.9, 0.1]])
    assert list(cells.x) == list(cells.y) == NAMES
    assert [list(row) for row in cells.text] == [[60, 30, 10], ["", 50, 50], ["", 90, 10]]
    assert cells.customdata[2][1] == "dog taken for cat: 9 of 10"
    assert figure.layout.yaxis.autorange == "reversed"  # the first class on top, as in a table


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`. (WCAG 2)"""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def test_every_number_can_be_read_on_its_cell() -> None:
    (cells,) = confusion.confusion_chart(counts_after(1), "ResNet-20", 1).data
    for _, colour in cells.colorscale:  # those between lie between
        assert (luminance(colour) + 0.05) / (luminance(cells.textfont.color) + 0.05) > 4.5


def test_the_title_says_how_often_it_is_right_and_what_it_confuses_most() -> None:
    counts = counts_after(1)
    assert title(confusion.confusion_chart(counts, "plain-20", 1)).startswith(
        "plain-20, epoch 1: 3 confusions about equal"
    )
    said = "right on 40.0 %; its most frequent errors, 3 pairs of classes, are about as frequent"
    assert said in confusion.finding(counts, "plain-20", 1)
    clear = tables.counts_at(recorded([[90, 9, 1], [1, 60, 39], [2, 90, 8]]), 1)
    assert confusion.finding(clear, "plain-20", 1).endswith("; most often dog called cat: 90.0 %")
    assert confusion.verdict(clear, "plain-20", 1) == "plain-20, epoch 1: dog called cat: 90.0 %"
    alike = tables.counts_at(recorded([[99, 1, 0], [0, 797, 203], [0, 187, 813]]), 1)
    said = "cat called dog: 20.3 %, dog called cat: 18.7 %"
    assert confusion.finding(alike, "plain-20", 1).endswith(f"most often {said}")
    assert confusion.verdict(alike, "plain-20", 1) == f"plain-20, epoch 1: {said}"
    assert confusion.finding(counts_after(2), "plain-20", 2) == "After epoch 2 plain-20 is right on 100.0 %"
    assert confusion.verdict(counts_after(2), "plain-20", 2) == "plain-20, epoch 2: right on 100.0 %"


def test_the_words_tell_every_class() -> None:
    words = confusion.confusion_words(counts_after(1), "ResNet-20", 1)
    assert words.endswith("Recognised: ship 60.0 %, cat 50.0 %, dog 10.0 %")


def test_a_class_without_test_pictures_is_refused_by_nobody() -> None:
    counts = tables.counts_at(recorded([[2, 0, 0], [0, 0, 0], [0, 1, 1]]), 1)
    figure = confusion.confusion_chart(counts, "ResNet-20", 1)
    assert [list(row) for row in figure.data[0].text] == [[100, "", ""], ["", "", ""], ["", 50, 50]]
    assert "right on 75.0 %" in confusion.finding(counts, "ResNet-20", 1)


@pytest.mark.parametrize("epoch", [1, 2])
def test_the_table_beside_the_chart_holds_the_counts(epoch: int) -> None:
    table = counts_after(epoch)
    assert table.index.tolist() == table.columns.tolist() == NAMES
    assert table.to_numpy().tolist() == [EARLY, LATE][epoch - 1]
