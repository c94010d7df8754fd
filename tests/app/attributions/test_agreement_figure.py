"""The square of rank correlations from hand-made numbers."""

import re

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from app.attributions import words
from app.attributions.charts import agreement
from app.shared.drawing.layout import title_of
from resnet_core.checks.draws import Estimate

NAMES = ["Saliency", "Integrated gradients", "Grad-CAM"]


def square(*pairs: float) -> pd.DataFrame:
    """A symmetric table from its upper half, row by row."""
    count = int((1 + (1 + 8 * len(pairs)) ** 0.5) / 2)
    values = np.eye(count)
    values[np.triu_indices(count, 1)] = pairs
    values = values + np.triu(values, 1).T
    return pd.DataFrame(values, NAMES[:count], NAMES[:count])


def title(figure: go.Figure) -> str:
    return re.sub(r"<br>|\N{NO-BREAK SPACE}", " ", re.sub(r"</?span[^>]*>", "", title_of(figure)))


def test_the_finding_names_the_pairs_that_agree_least_and_most() -> None:
    assert words.finding(square(0.12, 0.83, -0.4)) == (
        "Integrated gradients and Grad-CAM agree least (−0.4), Saliency and Grad-CAM most (0.8)"
    )
    figure = agreement.agreement_chart(square(0.12, 0.83, -0.4))
    assert title(figure).startswith("Integrated gradients and Grad-CAM agree least")
    assert "A dash" not in title(figure)


@pytest.mark.parametrize(
    ("correlation", "said"),
    [
        (0.95, " agree almost fully (0.95)"),
        (0.64, " agree largely (0.6)"),
        (0.56, ": rank correlation 0.6"),  # in double precision it may be 0.5
        (0.34, " agree in part (0.3)"),
        (0.14, " agree a little (0.1)"),
        (0.0, " do not agree (0.0)"),
        (-0.14, " are weakly opposed (−0.1)"),
        (-0.34, " are partly opposed (−0.3)"),
        (-0.27, ": rank correlation −0.3"),
        (0.58, " agree largely (0.6)"),  # as the legend has it of 0.6
    ],
)
def test_two_methods_are_told_by_degree(correlation: float, said: str) -> None:
    assert words.finding(square(correlation)) == f"Saliency and Integrated gradients{said}"


def test_pairs_that_cannot_be_told_apart_are_not_set_against_each_other() -> None:
    assert words.finding(square(0.701, 0.699, 0.7)) == "All pairs agree largely (0.7)"


WEIGHTS, SAMPLES = {"Integrated gradients": "the random weights"}, {"Grad-CAM": "the random samples"}


@pytest.mark.parametrize("correlation", [-0.41, 0.03, 0.30, 0.53])  # of Grad-CAM with other seeds of random weights
def test_of_random_weights_no_word_is_said_that_other_weights_turn_round(correlation: float) -> None:
    number = f"{correlation:.1f}".replace("-", "−")
    assert words.two_networks(square(correlation), WEIGHTS, Estimate(0.647, 0.6, 0.7, 100)) == (
        f"Saliency and Integrated gradients: rank correlation {number} (one draw of the random weights); 95 % of "
        "random maps as smooth as the first stay below 0.65 ± 0.05 in size. Another draw gives another correlation."
    )
    both = words.two_networks(square(correlation), {"Saliency": "the random samples", **WEIGHTS}, None)
    assert both.endswith(f"{number} (one draw of the random samples and the random weights).")
    trained = words.two_networks(square(correlation), {}, None)
    assert trained == f"{words.finding(square(correlation))}, by the rank correlation of their maps."


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ((0.5, 0.12, -0.3), "Rank correlations from −0.3 to 0.5"),  # KernelSHAP's moves by 0.82 from seed to seed
        ((0.83, -0.1, -0.2), "Saliency and Integrated gradients agree most (0.8), others down to −0.2"),
        ((-0.83, 0.1, 0.2), "Saliency and Integrated gradients agree least (−0.8), others up to 0.2"),
        ((0.0, -0.9, 0.9), "Saliency and Grad-CAM agree least (−0.9), Integrated gradients and Grad-CAM most (0.9)"),
        ((np.nan, 0.34, np.nan), "Saliency and Grad-CAM: rank correlation 0.3"),
    ],
)
def test_no_pair_is_named_that_another_draw_would_put_behind_another(pairs: tuple[float, ...], said: str) -> None:
    found = words.finding(square(*pairs), SAMPLES)
    assert found.startswith(f"{said} (one draw of the random samples)")
    assert words.finding(square(*pairs), SAMPLES).startswith(found)
    assert words.agreement_words(square(*pairs), SAMPLES).startswith(found)


def test_pairs_nearer_than_double_precision_can_tell_are_not_ranked() -> None:
    assert words.finding(square(0.904, 0.902, 0.896)) == "All pairs agree almost fully (0.9)"
    assert words.finding(square(0.47, 0.45, 0.44)) == "Rank correlations from 0.4 to 0.5"


def test_pairs_that_print_the_same_number_are_not_ranked_and_drawn_ones_have_one_digit() -> None:
    assert words.finding(square(0.201, 0.204, 0.5)) == (
        "Integrated gradients and Grad-CAM agree most (0.5), others down to 0.2"
    )
    cells = agreement.agreement_chart(square(0.83, 0.12, -0.44), SAMPLES).data[0].text
    assert [list(row) for row in cells] == [["1.00", "0.8", "0.1"], ["0.8", "1.00", "−0.4"], ["0.1", "−0.4", "1.00"]]


def test_every_cell_has_its_number_on_one_scale_symmetric_about_zero() -> None:
    matrix = square(0.12, 0.83, -0.4)
    cells = agreement.agreement_chart(matrix).data[0]
    assert (cells.zmin, cells.zmax) == (-1, 1)
    assert np.array(cells.z, float) == pytest.approx(matrix.to_numpy())
    assert list(cells.text[1]) == ["0.1", "1.00", "−0.4"]
    assert cells.colorscale[2] == (0.5, "rgb(247, 247, 247)")
    assert cells.customdata[0][2] == "Saliency and Grad-CAM"


def test_a_map_without_order_leaves_its_cells_open_and_is_named() -> None:
    matrix = square(np.nan, 0.81, np.nan)
    matrix.iloc[1, 1] = np.nan
    figure = agreement.agreement_chart(matrix)
    assert words.finding(matrix) == "Saliency and Grad-CAM agree largely (0.8); no correlation for Integrated gradients"
    assert "A dash: no correlation, since a map of one value has no order." in title(figure)
    assert figure.data[0].z[0][1] is None
    assert list(figure.data[0].text[1]) == ["", "", ""]
    assert [(note.x, note.y, note.text) for note in figure.layout.annotations] == [
        (1, 0, "–"), (0, 1, "–"), (1, 1, "–"), (2, 1, "–"), (1, 2, "–"),
    ]  # fmt: skip


def test_one_missing_pair_and_nothing_at_all() -> None:
    assert words.finding(square(0.2, np.nan, 0.5)).endswith("; no correlation for Saliency and Grad-CAM")
    assert words.finding(square(0.5, np.nan, 0.5)).startswith("All other pairs agree in part (0.5); ")
    assert words.finding(square(np.nan)) == ("Nothing to compare: no correlation for Saliency and Integrated gradients")
    assert words.finding(square()) == "One map alone: choose a second method to compare it with"
    assert agreement.agreement_chart(square()).data[0].z[0][0] == 1


def test_names_are_wrapped() -> None:
    matrix = square(0.2)
    matrix.index = matrix.columns = ["Saliency", "Integrated gradients"]
    figure = agreement.agreement_chart(matrix)
    assert list(figure.layout.yaxis.ticktext) == ["Saliency", "Integrated<br>gradients"]
    assert list(figure.layout.xaxis.ticktext) == list(figure.layout.yaxis.ticktext)


def test_the_first_method_is_at_the_top() -> None:
    low, high = agreement.agreement_chart(square(0.1, 0.2, 0.3)).layout.yaxis.range
    assert low > high


def test_all_pairs_in_words() -> None:
    said = words.agreement_words(square(0.12, np.nan, -0.4))
    assert said.endswith(
        "Saliency and Integrated gradients 0.1, Saliency and Grad-CAM none, Integrated gradients and Grad-CAM −0.4"
    )
