"""Figures of gradients from hand-made measurements, and the sentences that they prove."""

import math
import re

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from app.gradients import words as gradient_words
from app.gradients.charts import losses
from app.gradients.charts import norms as gradients
from app.shared.drawing.layout import FONT_SIZE, OWN_LINE, title_of
from resnet_core.gradients.ends import end_ratios


def flow(net: str, shortcut: str, norms: list[float], seed: int = 0) -> pd.DataFrame:
    depths = range(1, len(norms) + 1)
    return pd.DataFrame(
        {
            "conv": [f"conv{depth}" for depth in depths],
            "depth": list(depths),
            "grad_norm": norms,
            "relative_update": [norm / 10 for norm in norms],
            "grad_norm_at_unit_weight": [norm * 10 for norm in norms],
            "net": net,
            "variant": f"resnet{net.split('-')[1]}",
            "shortcut": shortcut,
            "seed": seed,
        }
    )


RAW, STEP = gradient_words.QUANTITIES["raw"], gradient_words.QUANTITIES["relative step"]


def title(figure: go.Figure) -> str:
    """A title in one line."""
    return re.sub(r"<br[ /]*>|\N{NO-BREAK SPACE}", " ", title_of(figure))


PLAIN = flow("plain-56", "none", [1700.0, 40.0, 1.0])
RESIDUAL = flow("ResNet-56", "A", [15.0, 2.0, 1.0])


def test_the_title_is_the_finding_of_the_deepest_networks() -> None:
    table = pd.concat([flow("plain-20", "none", [8.0, 1.0]), PLAIN, RESIDUAL])
    assert gradient_words.finding(table, RAW) == (
        "plain-56: the first layer's gradient is about a thousand times the last; ResNet-56: about 10 times the last "
        "(one run each)"
    )
    figure = gradients.flow_chart(table, RAW, by_layer=False)
    assert title(figure).startswith("plain-56: the first layer's gradient is about a thousand times the last Res")
    assert f"{OWN_LINE}ResNet-56: about 10\N{NO-BREAK SPACE}times" in title_of(figure)  # a line of its own


@pytest.mark.parametrize(
    ("norms", "words"),
    [
        ([(0.0, 1.0), (2.0, 1.0), (3.0, 1.0)], "with 2 of 3 seeds 2 to 3 times the last, with 1 of 3 seeds exactly 0"),
        ([(math.inf, 1.0)], "not to be compared: a norm is infinite"),
        ([(1.0, math.inf)], "not to be compared: a norm is infinite"),  # was: exactly 0
        ([(0.0, 0.0), (0.0, 0.0), (1e-9, 1.0)], "exactly 0, and so is the last, with 1 of 3 seeds about 10⁹ times"),
        ([(4.0, 0.0)], "about 10, and the last exactly 0"),
        (
            [(math.nan, math.nan)] * 3 + [(8.0, 1.0), (9.0, 1.0)],
            "with 3 of 5 seeds not to be compared: the loss diverged, with 2 of 5 seeds 8 to 9 times the last",
        ),
        ([(9.99999e5, 1.0)], "about a million times the last"),  # was: 1000 thousand
        ([(0.9, 1.0), (1.2, 1.0)], "about as large as the last, 0.9 to 1.2"),
    ],
)
def test_ends_that_allow_no_comparison_are_told_apart(norms: list[tuple[float, float]], words: str) -> None:
    table = pd.concat([flow("plain-56", "none", [first, last], seed) for seed, (first, last) in enumerate(norms)])
    assert words in gradient_words.finding(table, RAW)
    gradients.flow_chart(table, RAW, by_layer=False)
    gradients.ratio_chart(table, RAW)


def test_the_ends_are_compared_seed_by_seed() -> None:
    table = pd.concat([flow("plain-20", "none", [first, 1.0, 2.0], seed) for seed, first in enumerate((2.0, 8.0, 4.0))])
    row = end_ratios(table).iloc[0]
    assert row[["median", "min", "max"]].tolist() == [2, 1, 4]


def test_lines_are_medians_and_bands_reach_from_least_to_largest() -> None:
    table = pd.concat([flow("plain-20", "none", [first, 1.0], seed) for seed, first in enumerate((2.0, 8.0, 4.0))])
    figure = gradients.flow_chart(table, RAW, by_layer=True)
    band, line = figure.data
    assert list(line.y) == [4, 1]
    assert list(line.x) == [1, 2]
    assert list(band.y) == [8, 1, 1, 2]
    assert figure.layout.yaxis.type == "log"


def test_exact_zeros_lie_on_the_floor_of_the_log_axis_and_are_told() -> None:
    table = flow("plain-56", "none", [0.0, 1e-6, 1e-2])
    figure = gradients.flow_chart(table, RAW, by_layer=False)
    (line,) = figure.data
    assert 0 < line.y[0] < 1e-6
    assert line.marker.symbol[0] == "x"
    assert line.customdata[0].tolist() == ["conv1", "0"]
    (note,) = figure.layout.annotations
    assert note.text == "exactly 0"
    assert 10**note.y == pytest.approx(line.y[0])  # where Plotly wants the power on a log axis
    assert "plain-56: the first layer's gradient is exactly 0" in title_of(figure).replace("<br>", " ")


@pytest.mark.parametrize(
    ("norms", "words"),
    [([0.0, 0.0], "exactly 0, and so is the last"), ([math.nan, math.nan], "not to be compared: the loss diverged")],
)
def test_all_zeros_and_a_diverged_network_are_drawn_and_told(norms: list[float], words: str) -> None:
    figure = gradients.flow_chart(flow("plain-56", "none", norms), RAW, by_layer=False)
    assert words in title_of(figure).replace("<br>", " ")
    assert gradients.ratio_chart(flow("plain-56", "none", norms), RAW).data == ()


def test_a_gradient_below_single_precision_is_told_from_zero() -> None:
    tiny, least = flow("plain-56", "none", [8.3e-53, 1.6e-53]), flow("plain-56", "none", [1.5e-45, 1e-40])
    said = "plain-56: the first layer's gradient is about 10⁻⁵², not 0: single precision cannot hold it (one run each)"
    assert gradient_words.finding(tiny, RAW) == said
    assert np.float32(8.3e-53) == 0 < np.float32(1.5e-45)
    assert "not 0" not in gradient_words.finding(least, RAW)
    assert gradient_words.zero_words(tiny, double=True) == ""


def test_zeros_are_counted_and_precision_decides_what_they_prove() -> None:
    table = pd.concat([flow("ResNet-56", "A", [0.219, 0.0, 0.0]), PLAIN])
    said = "ResNet-56: the first layer's gradient is about 0.1, and the last exactly 0 (one run each)"
    assert gradient_words.finding(table, RAW).endswith(said.removeprefix("ResNet-56: the first layer's gradient is "))
    assert gradient_words.finding(table[table["net"] == "ResNet-56"], RAW) == said
    assert gradient_words.zero_words(table, double=True) == (
        "The gradients of 2 of 3 convs of ResNet-56 are exactly 0 in double precision too: no gradient reaches them."
    )
    assert "Double precision tells" in gradient_words.zero_words(table, double=False)


def test_a_network_without_a_ratio_is_named() -> None:
    both = pd.concat([flow("plain-20", "none", [2.0, 1.0]), flow("plain-56", "none", [0.0, 0.0])])
    figure = gradients.ratio_chart(both, RAW)
    assert list(figure.data[0].x) == [20]
    said = title(figure).replace(f"</span> <span style='font-size:{FONT_SIZE}px;font-weight:normal'>", " ")
    assert "Without a ratio for each seed: plain-56 is exactly 0, and so is the last" in said


@pytest.mark.parametrize(
    ("norms", "ticks"),
    [
        ([0.3, 2.0], ["0.1", "0.2", "0.3", "0.5", "0.7", "1", "2", "3", "5", "7", "10", "20", "30", "50", "70"]),
        ([0.3, 9.0], ["0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "50"]),
        ([1e-4, 1.0, 1e2], ["10⁻⁴", "10⁻³", "0.01", "0.1", "1", "10", "100"]),
        ([1e-30, 1.0], ["10⁻³⁰", "10⁻²⁶", "10⁻²²", "10⁻¹⁸", "10⁻¹⁴", "10⁻¹⁰", "10⁻⁶", "0.01"]),
    ],
)
def test_a_log_axis_has_few_ticks_that_say_their_whole_number(norms: list[float], ticks: list[str]) -> None:
    axis = gradients.flow_chart(flow("plain-56", "none", norms), RAW, by_layer=False).layout.yaxis
    assert list(axis.ticktext) == ticks
    assert axis.tickvals[0] == pytest.approx(10.0 ** np.floor(np.log10(min(norms))))


def test_the_finding_speaks_of_what_is_drawn() -> None:
    table = flow("plain-56", "none", [4.0, 1.0]).assign(relative_update=[0.25, 0.3])
    said = "plain-56: the first layer's relative step is about as large as the last, about 0.1 (one run each)"
    assert gradient_words.finding(table, STEP) == said
    assert title(gradients.flow_chart(table, STEP, by_layer=False)) == said
    assert list(gradients.ratio_chart(table, STEP).data[0].y) == pytest.approx([0.25 / 0.3])
    assert title(gradients.ratio_chart(table, STEP)).startswith("First / last relative step by depth")


def test_relative_depth_runs_from_zero_to_one_for_every_network() -> None:
    table = pd.concat([flow("plain-20", "none", [1.0] * 5), flow("ResNet-56", "A", [1.0] * 9)])
    for line in gradients.flow_chart(table, RAW, by_layer=False).data:
        assert (line.x[0], line.x[-1]) == (0, 1)


def test_the_relative_step_is_drawn_on_request() -> None:
    (line,) = gradients.flow_chart(PLAIN, STEP, by_layer=False).data
    assert list(line.y) == [170, 4, 0.1]


def test_the_gradient_without_the_scale_of_the_weights_is_drawn_on_request() -> None:
    free = gradient_words.QUANTITIES["scale-free"]
    figure = gradients.flow_chart(PLAIN, free, by_layer=False)
    assert list(figure.data[0].y) == [17000, 400, 10]
    assert (
        title(figure)
        == "plain-56: the first layer's scale-free gradient is about a thousand times the last (one run each)"
    )


def test_plain_and_residual_differ_in_more_than_colour() -> None:
    plain, residual = gradients.ratio_chart(pd.concat([PLAIN, RESIDUAL]), RAW).data
    assert (plain.name, list(plain.x), list(plain.y)) == ("plain", [56], [1700])
    assert (residual.name, list(residual.x), list(residual.y)) == ("residual", [56], [15])
    assert plain.marker.symbol != residual.marker.symbol
    assert plain.line.color != residual.line.color


def test_nets_of_one_kind_differ_in_their_dashes() -> None:
    table = pd.concat([flow(f"plain-{depth}", "none", [1.0, 2.0]) for depth in (20, 32, 44, 56, 110)])
    lines = gradients.flow_chart(table, RAW, by_layer=False).data
    assert len({line.line.dash for line in lines}) == 5


def test_words_for_those_who_do_not_see_the_charts() -> None:
    said = gradient_words.flow_words(PLAIN, RAW)
    assert said.endswith("plain-56: about a thousand at the first conv, about 1 at the last (one run each)")
    assert gradient_words.ratio_words(RESIDUAL, RAW) == "ResNet-56: about 10 times the last (one run each)"
    assert gradient_words.flow_words(pd.DataFrame(), RAW) == "No measurements yet"
    some = pd.concat([PLAIN, PLAIN.assign(seed=1, grad_norm=np.nan)])
    assert "about 1 at the last with 1 of 2 seeds (2 seeds)" in gradient_words.flow_words(some, RAW)


def test_losses_by_step_and_who_diverged() -> None:
    table = losses.loss_table(
        [
            ("ResNet-20", "A", 0, [2.4, 1.2]),
            ("ResNet-20", "A", 1, [2.0, 2.5]),
            ("ResNet-20", "A", 2, [9.0, 3.0]),
            ("plain-110", "none", 0, [2.5, math.inf]),
        ]
    )
    assert table.columns.tolist() == ["net", "shortcut", "seed", "step", "loss"]
    assert losses.diverged_words(table) == [
        "plain-110 diverged: after 1 step its loss is not a finite number. Another seed can do otherwise."
    ]
    assert losses.loss_words(table) == (
        "The loss fell with 2 of 3 seeds, rose with 1 of 3 seeds in ResNet-20; diverged in plain-110 (3 seeds)"
    )
    some = losses.loss_table([("ResNet-20", "A", 0, [3.0, 9.0, math.nan]), ("ResNet-20", "A", 1, [3.0, 2.5, 2.0])])
    assert losses.diverged_words(some) == [
        "ResNet-20 diverged with 1 of 2 seeds: after 2 steps its loss is not a finite number."
    ]
    assert losses.loss_words(some).startswith(
        "The loss diverged with 1 of 2 seeds, fell with 1 of 2 seeds in ResNet-20"
    )
    figure = losses.loss_chart(table)
    residual, plain = figure.data
    assert list(residual.y) == pytest.approx([2.4, 2.5])
    assert list(plain.y) == [2.5]
    assert figure.layout.xaxis.dtick == 1
    risen = losses.loss_table([("ResNet-110", "A", 0, [4.4, 9.7])])
    assert losses.loss_words(risen) == "The loss rose in ResNet-110 (one run each)"
    level = losses.loss_table([("plain-110", "none", 0, [2.31, 2.31]), ("ResNet-20", "A", 0, [2.31, 2.3])])
    assert losses.loss_words(level) == "The loss hardly changed in plain-110, ResNet-20 (one run each)"


def test_nothing_measured_says_so() -> None:
    assert gradient_words.finding(pd.DataFrame(), RAW) == "Nothing is measured yet"
