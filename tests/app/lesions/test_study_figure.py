"""The recorded studies as charts, from hand-made tables."""

from __future__ import annotations

import re

import pandas as pd
import plotly.graph_objects as go
import pytest

from app.lesions.charts import kept, several, shuffled, study
from app.lesions.charts.notes import Recorded, View, drawn, errors_words
from app.shared.drawing.layout import title_of
from resnet_core.lesions.combining import every_set

VIEW = View(again=False, gone=("layer1.1",), blocks=3)


def said(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text)).strip()


def title(figure: go.Figure) -> str:
    return said(title_of(figure))


def errors(whole: float, rows: list[tuple[str, int, float]], pictures: int = 1000, again: int = 0) -> pd.DataFrame:
    """A table of `lesion_study`."""
    table = pd.DataFrame(rows, columns=["deleted", "blocks", "errors"])
    return table.assign(change=table["errors"] - whole, margin=0.02, pictures=pictures, recalibrated=again)


def each(whole: float, by_block: dict[str, float]) -> pd.DataFrame:
    return errors(whole, [("", 0, whole), *((name, 1, error) for name, error in by_block.items())])


NETS = drawn(
    [
        ("ResNet-20", each(0.125, {"layer1.0": 0.25, "layer1.1": 0.13})),
        ("plain-20", each(0.25, {"layer1.1": 0.9})),  # without layer1.0 it cannot be
    ]
)


def test_both_networks_stand_over_the_blocks_of_either_and_the_chosen_block_is_large() -> None:
    figure = study.study_chart(NETS, VIEW)
    residual, plain = figure.data
    assert list(residual.x) == [0, 1]
    assert list(residual.y) == [25, 13]
    assert list(plain.x) == [1]
    assert list(residual.marker.size) == [9, 16]
    assert list(residual.error_y.array) == [2, 2]
    assert [shape.y0 for shape in figure.layout.shapes] == [12.5, 25]
    assert "1,000 test pictures" in title(figure)
    assert "measured again" not in title(figure)


def test_the_title_gives_the_span_of_each_network() -> None:
    assert said(study.finding(NETS)) == "Without one block ResNet-20 errs on 13 to 25 %, plain-20 on 90 %"
    assert "most without layer1.0 25.0 %" in study.words(NETS, VIEW)
    assert [said(errors_words(ends)) for ends in ((0.121, 0.159), (0.13,), (0.1299, 0.1301))] == [
        "12 to 16 %",
        "13 %",
        "12 to 14 %",
    ]


def test_norm_that_was_measured_again_is_told_with_its_pictures() -> None:
    nets = drawn([("ResNet-20", each(0.1, {"layer1.0": 0.2}).assign(recalibrated=500))])
    assert "Batch norm measured again on 500 training pictures" in title(study.study_chart(nets, VIEW))


def test_plain_networks_are_orange_whatever_their_place() -> None:
    table = NETS[0].table
    looks = {net.name: (net.colour, net.symbol) for net in drawn([(name, table) for name in ("plain-20", "A", "B")])}
    assert looks["plain-20"] == (NETS[1].colour, NETS[1].symbol)
    assert looks["A"] == (NETS[0].colour, NETS[0].symbol)
    assert len(set(looks.values())) == 3


# --- several blocks at random

DRAWS = [("a", 1, 0.2), ("b", 1, 0.3), ("c", 1, 0.6), ("a b", 2, 0.5), ("a c", 2, 0.7), ("b c", 2, 0.9)]
SEVERAL = drawn(
    [
        ("ResNet-20", errors(0.125, DRAWS)),
        ("plain-20", errors(0.25, [("a", 1, 0.8), ("b", 1, 0.9)])),
    ]
)


def test_the_line_is_the_median_of_the_draws_and_the_band_holds_all() -> None:
    band, line, *_ = several.several_chart(SEVERAL, VIEW).data
    assert list(line.x) == [0, 1, 2]
    assert list(line.y) == pytest.approx([12.5, 30, 70])
    assert sorted(band.y) == pytest.approx(sorted([12.5, 12.5, 20, 60, 50, 90]))
    assert all(min(ys) == low for ys, low in ((band.y[:3], 12.5), (band.y[3:], 12.5)))
    assert said(line.text[2]) == "2 gone: 70 % wrong (median of 3 draws, 50 to 90 %)"


def test_networks_are_compared_where_all_were_drawn() -> None:
    found = "up to 3 draws without 1 block: ResNet-20 errs on 20 to 60 %, plain-20 on 80 to 90 %"
    assert said(several.finding(SEVERAL)) == found
    assert said(several.finding(SEVERAL[:1])) == "3 draws without 2 blocks: ResNet-20 errs on 50 to 90 %"
    assert title(several.several_chart(SEVERAL, VIEW)).startswith(found)
    assert "up to 3 draws" in title(several.several_chart(SEVERAL, VIEW))
    assert "median of 3 draws" in title(several.several_chart(SEVERAL[:1], VIEW))
    assert "at most ± 4 points" in title(several.several_chart(SEVERAL, VIEW))  # 1.96 sqrt(1/4 / 1000) is 3.1


# --- blocks in another order

ORDERS = [("b a c", 1, 0.3, 0.2), ("a c b", 1, 0.3, 0.25), ("c b a", 9, -1.0, 0.6), ("c a b", 9, -0.3, 0.4)]


def shuffles(whole: float) -> pd.DataFrame:
    table = pd.DataFrame(ORDERS, columns=["order", "swaps", "tau", "errors"])
    return table.assign(change=table["errors"] - whole, margin=0.02, pictures=100)


def test_an_order_stands_over_its_disorder_and_the_title_is_of_the_most_swaps() -> None:
    figure = shuffled.shuffled_chart(drawn([("ResNet-20", shuffles(0.125))]), VIEW)
    assert list(figure.data[0].x) == [0.3, 0.3, -1.0, -0.3]
    assert list(figure.data[0].y) == [20, 25, 60, 40]
    assert figure.layout.xaxis.autorange == "reversed"
    assert [shape.y0 for shape in figure.layout.shapes] == pytest.approx([12.5])
    assert title(figure).startswith("2 draws of 9 swaps: ResNet-20 errs on 40 to 60 %")
    assert "2 draws of 1 swap: ResNet-20 errs on 20 to 25 %. Other draws can lie beyond." in title(figure)


# --- all subnetworks


def subnetworks(names: list[str], error: list[float]) -> pd.DataFrame:
    sets = every_set(len(names))
    table = pd.DataFrame(sets.astype(int), columns=names)
    return table.assign(blocks=sets.sum(1), probability=0.5, error=error, pictures=10_000)


KEPT = drawn(
    [
        ("ResNet-20", subnetworks(["x", "y", "z"], [0.9, 0.8, 0.8, 0.2, 0.9, 0.7, 0.3, 0.1])),
        ("plain-20", subnetworks(["x", "z"], [0.9, 0.8, 0.85, 0.2])),  # y cannot go
    ]
)


def test_each_subnetwork_is_a_dot_over_the_blocks_it_keeps() -> None:
    figure = kept.kept_chart(KEPT, VIEW)
    dots, median, plain, _ = figure.data
    assert [round(x) for x in dots.x] == [0, 1, 1, 2, 1, 2, 2, 3]
    assert list(dots.y) == pytest.approx([90, 80, 80, 20, 90, 70, 30, 10])
    assert dots.text[3] == "without x"
    assert list(median.y) == pytest.approx([90, 80, 30, 10])
    assert [round(x) for x in plain.x] == [1, 2, 2, 3]  # one block more than may go


def test_the_title_is_of_the_number_of_blocks_where_it_matters_most_which() -> None:
    assert said(kept.finding(KEPT, 3)) == "With 2 of 3 blocks ResNet-20 errs on 20 to 70 %, plain-20 on 80 to 85 %"
    assert "8 of ResNet-20 and 4 of plain-20" in title(kept.kept_chart(KEPT, VIEW))
    none = [Recorded("plain-20", KEPT[1].table, "#000000", "square")]
    assert said(kept.finding([KEPT[0], none[0]], 9)).startswith("With 8 of 9 blocks ResNet-20 errs on 20 to 70 %")


def test_every_chart_has_words_that_begin_with_its_finding() -> None:
    for words, finding in (
        (study.words(NETS, VIEW), study.finding(NETS)),
        (several.words(SEVERAL, VIEW), several.finding(SEVERAL)),
        (kept.words(KEPT, VIEW), kept.finding(KEPT, 3)),
    ):
        assert words.startswith(f"{finding}. On ")
