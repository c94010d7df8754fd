"""Deletion and insertion from hand-made lines."""

import re
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from app.attributions.charts import curves
from app.shared.drawing.layout import GREY, title_of

SHARES = np.linspace(0, 1, 5)


def line(method: str, values: Any, *, curve: str = "deletion", order: str = "map") -> pd.DataFrame:
    """One line; its logit is ten times its probability. The map beats 4 of 6 random ones."""
    probability = np.asarray(values, float)
    return pd.DataFrame(
        {
            "method": method,
            "curve": curve,
            "order": order,
            "share": SHARES,
            "probability": probability,
            "logit": 10 * probability,
            "beaten": 4,
            "draws": 6,
        }
    )


FAST, SLOW, CHANCE = [1, 0.2, 0, 0, 0], [1, 1, 1, 1, 0], [1, 0.75, 0.5, 0.25, 0]


def table(*lines: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(lines, ignore_index=True)


def game(curve: str = "deletion", **methods: Any) -> pd.DataFrame:
    """Each method's line and the same random one."""
    parts = [
        (line(name, values, curve=curve), line(name, CHANCE, curve=curve, order="random"))
        for name, values in methods.items()
    ]
    return table(*(part for pair in parts for part in pair))


def title(figure: go.Figure) -> str:
    return re.sub(r"<br>|\N{NO-BREAK SPACE}", " ", re.sub(r"</?span[^>]*>", "", title_of(figure)))


def test_areas_by_the_trapezoid_rule() -> None:
    found = curves.areas(game(A=FAST, B=CHANCE), "deletion")
    assert found == pytest.approx({"A": 0.25 * (0.5 + 0.2), "B": 0.5})
    shuffled = game(A=FAST, B=CHANCE).sample(frac=1, random_state=0)
    assert curves.areas(shuffled, "deletion") == pytest.approx(found)


def test_each_method_with_the_count_of_its_own_random_maps() -> None:
    rows = game(A=FAST, B=SLOW)
    rows.loc[rows["method"] == "B", "beaten"] = 0
    assert curves.finding(rows, "deletion") == (
        "Deletion: A beats 4 of 6 random maps (area 0.17); B beats 0 of 6 random maps (area 0.88)"
    )
    assert curves.finding(game("insertion", A=FAST), "insertion").startswith("Insertion: A beats 4 of 6 random maps")
    assert "A (one draw) beats 4" in curves.finding(game("insertion", A=FAST), "insertion", drawn={"A"})


def test_the_title_counts_and_the_caption_measures() -> None:
    rows = game(A=FAST, B=SLOW)
    rows.loc[rows["method"] == "B", "beaten"] = 0
    assert curves.title(rows, "deletion") == "Deletion beats 4 of 6 and 0 of 6 random maps"
    assert curves.title(rows, "insertion") == "Insertion is not measured yet"
    assert curves.areas_words(rows, "deletion", drawn={"B"}) == (
        "Area: A 0.17; B (one draw) 0.88. A good map has a small area."
    )


def test_the_logit_is_another_area() -> None:
    assert "(area 1.75)" in curves.finding(game(A=FAST), "deletion", "logit")


def test_what_is_not_finite_or_not_there_is_told() -> None:
    broken = game(A=FAST, B=[1, np.nan, 0, 0, 0])
    assert curves.finding(broken, "deletion").endswith("(area 0.17); B (not finite)")
    assert (
        curves.finding(line("A", FAST).assign(draws=0), "deletion")
        == "Deletion: A (area 0.17) has no random maps to beat"
    )
    assert curves.finding(game(A=FAST), "insertion") == "Insertion is not measured yet"
    drawn = {trace.name: trace for trace in curves.curves_chart(broken, "deletion").data}
    assert np.isfinite(drawn["B"].y).tolist() == [True, False, True, True, True]


def test_one_method_stands_against_the_spread_of_its_random_maps() -> None:
    rows = game(A=FAST).assign(low=lambda t: t["probability"] - 0.1, high=lambda t: t["probability"] + 0.1)
    band, chance, own = curves.curves_chart(rows, "deletion").data
    assert list(band.y[:5]) == pytest.approx(np.array(CHANCE) + 0.1)
    assert list(band.y[5:]) == pytest.approx(np.array(CHANCE)[::-1] - 0.1)
    assert (chance.name, chance.line.color, chance.line.dash) == ("random maps", GREY, "dot")
    assert list(own.y) == FAST
    assert len(curves.curves_chart(rows, "deletion", "logit").data) == 2  # the spread is one of probabilities


def test_several_methods_differ_in_colour_dash_and_symbol_and_keep_them() -> None:
    rows = table(game(A=FAST, B=SLOW, C=CHANCE, D=FAST), game("insertion", B=SLOW))
    lines = [trace for trace in curves.curves_chart(rows, "deletion").data if trace.name != "random maps"]
    assert [trace.name for trace in lines] == list("ABCD")
    for what in ("color", "dash"):
        assert len({trace.line[what] for trace in lines}) == 4
    assert len({trace.marker.symbol for trace in lines}) == 4
    other = next(trace for trace in curves.curves_chart(rows, "insertion").data if trace.name == "B")
    assert other.line.color == lines[1].line.color  # in both games a method looks the same
    named = [trace for trace in curves.curves_chart(rows, "deletion").data if trace.name == "random maps"]
    assert [trace.showlegend for trace in named] == [None, False, False, False]


@pytest.mark.parametrize("curve", curves.CURVES)
@pytest.mark.parametrize("value", curves.VALUES)
def test_the_axes_say_what_is_counted(curve: str, value: str) -> None:
    figure = curves.curves_chart(game(curve, A=FAST), curve, value)
    assert figure.layout.xaxis.title.text == curves.CURVES[curve].axis
    assert figure.layout.yaxis.title.text == curves.VALUES[value].axis
    assert figure.layout.xaxis.ticktext[-1] == "100\N{NO-BREAK SPACE}%"
    assert title(figure) == f"{curves.CURVES[curve].what} beats 4 of 6 random maps"


def test_the_lines_in_words() -> None:
    words = curves.curves_words(game(A=FAST), "deletion")
    assert words.startswith("Deletion: A beats 4 of 6 random maps (area 0.17). ")
    assert "A, by its map: probability of the class 1.00 to 0.00" in words
    assert "A, random maps: probability of the class 1.00 to 0.00" in words
