"""The figure of shattered gradients from hand-made correlations."""

import pandas as pd
import pytest

from app.gradients.charts.shattering import direct_neighbours, finding, shattering_chart


def table() -> pd.DataFrame:
    rows = [
        (net, shortcut, 0, lag, value)
        for net, shortcut, values in (
            ("plain-20", "none", (1.0, 0.2)),
            ("ResNet-20", "A", (1.0, 0.8)),
            ("plain-110", "none", (1.0, -0.01)),
            ("ResNet-110", "A", (1.0, 0.38)),
        )
        for lag, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["net", "shortcut", "seed", "lag", "correlation"])


def test_the_title_compares_the_deepest_of_both_kinds() -> None:
    assert (
        finding(table()) == "How alike neighbouring gradients are: 0.0 in plain-110; 0.4 in ResNet-110 (one run each)"
    )
    assert list(direct_neighbours(table())["net"]) == ["plain-20", "ResNet-20", "plain-110", "ResNet-110"]


def test_one_line_a_net_plain_and_residual_told_apart() -> None:
    lines = shattering_chart(table()).data
    assert [line.name for line in lines] == ["plain-20", "ResNet-20", "plain-110", "ResNet-110"]
    assert list(lines[3].y) == [1.0, 0.38]
    assert lines[0].line.color == lines[2].line.color != lines[1].line.color
    assert lines[0].line.dash != lines[2].line.dash


def test_one_kind_alone_is_told_alone() -> None:
    plain = table().query("shortcut == 'none'")
    assert finding(plain) == "How alike neighbouring gradients are: 0.0 in plain-110 (one run each)"


def test_no_correlation_has_no_sign() -> None:
    almost = table().query("net == 'plain-110'").assign(correlation=-0.004)
    assert finding(almost).endswith(": 0.0 in plain-110 (one run each)")


def test_seeds_are_told_from_the_least_to_the_largest_and_drawn_by_their_median() -> None:
    seeds = [table().assign(seed=seed, correlation=table()["correlation"] - 0.2 * seed) for seed in range(3)]
    both = pd.concat(seeds, ignore_index=True)
    assert (
        finding(both)
        == "How alike neighbouring gradients are: −0.4 to 0.0 in plain-110; 0.0 to 0.4 in ResNet-110 (3 seeds)"
    )
    assert shattering_chart(both).data[3].y[1] == pytest.approx(0.18)


def test_a_likeness_that_not_all_seeds_have_says_so() -> None:
    plain = table().query("net == 'plain-20'")
    both = pd.concat([plain, plain.assign(seed=1, correlation=float("nan"))])
    assert finding(both) == "How alike neighbouring gradients are: 0.2 with 1 of 2 seeds in plain-20 (2 seeds)"
