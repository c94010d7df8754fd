"""Figures of gradients from hand-made measurements, and the sentences that they prove."""

import math

import numpy as np
import pandas as pd
import pytest

from app.figures import gradients


def flow(net: str, shortcut: str, norms: list[float], seed: int = 0) -> pd.DataFrame:
    depths = range(1, len(norms) + 1)
    return pd.DataFrame(
        {
            "conv": [f"conv{depth}" for depth in depths],
            "depth": list(depths),
            "grad_norm": norms,
            "relative_update": [norm / 10 for norm in norms],
            "net": net,
            "variant": f"resnet{net.split('-')[1]}",
            "shortcut": shortcut,
            "seed": seed,
        }
    )


PLAIN = flow("plain-56", "none", [1700.0, 40.0, 1.0])
RESIDUAL = flow("ResNet-56", "A", [15.0, 2.0, 1.0])


def test_the_title_is_the_finding_of_the_deepest_networks() -> None:
    table = pd.concat([flow("plain-20", "none", [8.0, 1.0]), PLAIN, RESIDUAL])
    assert gradients.finding(table) == (
        "plain-56: the first layer's gradient is 1.7 thousand times the last; ResNet-56: 15 times the last"
    )
    figure = gradients.flow_chart(table, gradients.QUANTITIES["raw"], by_layer=False)
    assert figure.layout.title.text.replace("<br>", " ").startswith("plain-56: the first layer's gradient is 1.7 thous")


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (4.6e6, "4.6 million times the last"),
        (87.0, "87 times the last"),
        (1.5, "about as large as the last"),
        (0.6, "about as large as the last"),
        (0.01, "100 times smaller than the last"),
        (4.6e-8, "22 million times smaller than the last"),
        (2e-19, "5.0×10¹⁸ times smaller than the last"),
        (999.0, "1000 times the last"),
        (0.0, "exactly 0"),
        (math.inf, "infinitely larger than the last, which is exactly 0"),
        (math.nan, "not to be compared: the loss diverged"),
    ],
)
def test_a_ratio_in_words_never_says_vanishing_where_it_explodes(ratio: float, words: str) -> None:
    assert gradients.times(ratio) == words


def test_the_ends_are_compared_seed_by_seed() -> None:
    table = pd.concat([flow("plain-20", "none", [first, 1.0, 2.0], seed) for seed, first in enumerate((2.0, 8.0, 4.0))])
    row = gradients.end_ratios(table).iloc[0]
    assert row[["median", "min", "max"]].tolist() == [2, 1, 4]


def test_lines_are_medians_and_bands_reach_from_least_to_largest() -> None:
    table = pd.concat([flow("plain-20", "none", [first, 1.0], seed) for seed, first in enumerate((2.0, 8.0, 4.0))])
    figure = gradients.flow_chart(table, gradients.QUANTITIES["raw"], by_layer=True)
    band, line = figure.data
    assert list(line.y) == [4, 1]
    assert list(line.x) == [1, 2]
    assert list(band.y) == [8, 1, 1, 2]
    assert figure.layout.yaxis.type == "log"


def test_exact_zeros_lie_on_the_floor_of_the_log_axis_and_are_told() -> None:
    table = flow("plain-56", "none", [0.0, 1e-6, 1e-2])
    figure = gradients.flow_chart(table, gradients.QUANTITIES["raw"], by_layer=False)
    (line,) = figure.data
    assert 0 < line.y[0] < 1e-6
    assert line.marker.symbol[0] == "x"
    assert line.customdata[0].tolist() == ["conv1", "0"]
    assert [note.text for note in figure.layout.annotations] == ["exactly 0"]
    assert "plain-56: the first layer's gradient is exactly 0" in figure.layout.title.text.replace("<br>", " ")


@pytest.mark.parametrize(
    ("norms", "words"),
    [([0.0, 0.0], "exactly 0, and so is the last"), ([math.nan, math.nan], "not to be compared: the loss diverged")],
)
def test_all_zeros_and_a_diverged_network_are_drawn_and_told(norms: list[float], words: str) -> None:
    figure = gradients.flow_chart(flow("plain-56", "none", norms), gradients.QUANTITIES["raw"], by_layer=False)
    assert words in figure.layout.title.text.replace("<br>", " ")
    assert gradients.ratio_chart(flow("plain-56", "none", norms)).data == ()


def test_relative_depth_runs_from_zero_to_one_for_every_network() -> None:
    table = pd.concat([flow("plain-20", "none", [1.0] * 5), flow("ResNet-56", "A", [1.0] * 9)])
    for line in gradients.flow_chart(table, gradients.QUANTITIES["raw"], by_layer=False).data:
        assert (line.x[0], line.x[-1]) == (0, 1)


def test_the_scale_free_norm_is_drawn_on_request() -> None:
    (line,) = gradients.flow_chart(PLAIN, gradients.QUANTITIES["scale-free"], by_layer=False).data
    assert list(line.y) == [170, 4, 0.1]


def test_plain_and_residual_differ_in_more_than_colour() -> None:
    plain, residual = gradients.ratio_chart(pd.concat([PLAIN, RESIDUAL])).data
    assert (plain.name, list(plain.x), list(plain.y)) == ("plain", [56], [1700])
    assert (residual.name, list(residual.x), list(residual.y)) == ("residual", [56], [15])
    assert plain.marker.symbol != residual.marker.symbol
    assert plain.line.color != residual.line.color


def test_nets_of_one_kind_differ_in_their_dashes() -> None:
    table = pd.concat([flow(f"plain-{depth}", "none", [1.0, 2.0]) for depth in (20, 32, 44, 56, 110)])
    lines = gradients.flow_chart(table, gradients.QUANTITIES["raw"], by_layer=False).data
    assert len({line.line.dash for line in lines}) == 5


def test_words_for_those_who_do_not_see_the_charts() -> None:
    said = gradients.flow_words(PLAIN, gradients.QUANTITIES["raw"])
    assert said.endswith("plain-56 from 1.7e+03 at the first conv to 1")
    assert gradients.ratio_words(RESIDUAL) == "ResNet-56: 15 times the last"
    assert gradients.flow_words(pd.DataFrame(), gradients.QUANTITIES["raw"]) == "No measurements yet"


def test_losses_by_step_and_who_diverged() -> None:
    losses = gradients.loss_table(
        [
            ("ResNet-20", "A", 0, [2.4, 1.2]),
            ("ResNet-20", "A", 1, [2.0, 2.5]),
            ("ResNet-20", "A", 2, [9.0, 3.0]),
            ("plain-110", "none", 0, [2.5, math.inf]),
        ]
    )
    assert losses.columns.tolist() == ["net", "shortcut", "seed", "step", "loss"]
    assert gradients.diverged(losses) == {"plain-110": 1}
    assert gradients.loss_words(losses) == "The loss fell in ResNet-20; it rose or broke in plain-110"
    figure = gradients.loss_chart(losses)
    residual, plain = figure.data
    assert list(residual.y) == pytest.approx([2.4, 2.5])
    assert list(plain.y) == [2.5]
    assert "plain-110 diverged after 1 steps" in figure.layout.title.text


def test_nothing_measured_says_so() -> None:
    assert gradients.finding(pd.DataFrame()) == "Nothing is measured yet"
    assert np.isfinite(gradients.ALIKE)
