"""The square of rank correlations from hand-made numbers."""

import re

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from app.attributions.charts import agreement

NAMES = ["Saliency", "Integrated gradients", "Grad-CAM"]


def square(*pairs: float) -> pd.DataFrame:
    """A symmetric table from its upper half, row by row."""
    count = int((1 + (1 + 8 * len(pairs)) ** 0.5) / 2)
    values = np.eye(count)
    values[np.triu_indices(count, 1)] = pairs
    values = values + np.triu(values, 1).T
    return pd.DataFrame(values, NAMES[:count], NAMES[:count])


def title(figure: go.Figure) -> str:
    return re.sub(r"<br>|\N{NO-BREAK SPACE}", " ", re.sub(r"</?span[^>]*>", "", figure.layout.title.text))


def test_the_title_names_the_pairs_that_agree_least_and_most() -> None:
    figure = agreement.agreement_chart(square(0.12, 0.83, -0.4))
    assert title(figure).startswith(
        "Integrated gradients and Grad-CAM agree least (−0.40), Saliency and Grad-CAM most (0.83)"
    )
    assert "A dash" not in title(figure)


@pytest.mark.parametrize(
    ("correlation", "words"),
    [
        (0.95, "agree almost fully (0.95)"),
        (0.6, "agree largely (0.60)"),
        (0.3, "agree in part (0.30)"),
        (0.12, "agree a little (0.12)"),
        (0.096, "agree a little (0.10)"),
        (0.0, "have nothing in common (0.00)"),
        (-0.12, "contradict each other a little (−0.12)"),
        (-0.3, "contradict each other in part (−0.30)"),
    ],
)
def test_two_methods_are_told_by_degree(correlation: float, words: str) -> None:
    assert agreement.finding(square(correlation)) == f"Saliency and Integrated gradients {words}"


def test_pairs_that_cannot_be_told_apart_are_not_set_against_each_other() -> None:
    assert agreement.finding(square(0.701, 0.699, 0.7)) == "All pairs agree largely (0.70)"


def test_every_cell_has_its_number_on_one_scale_symmetric_about_zero() -> None:
    matrix = square(0.12, 0.83, -0.4)
    cells = agreement.agreement_chart(matrix).data[0]
    assert (cells.zmin, cells.zmax) == (-1, 1)
    assert np.array(cells.z, float) == pytest.approx(matrix.to_numpy())
    assert list(cells.text[1]) == ["0.12", "1.00", "−0.40"]
    assert cells.colorscale[2] == (0.5, "rgb(247, 247, 247)")
    assert cells.customdata[0][2] == "Saliency and Grad-CAM"


def test_a_map_without_order_leaves_its_cells_open_and_is_named() -> None:
    matrix = square(np.nan, 0.83, np.nan)
    matrix.iloc[1, 1] = np.nan
    figure = agreement.agreement_chart(matrix)
    assert title(figure).startswith(
        "Saliency and Grad-CAM agree largely (0.83); no correlation for Integrated gradients Spearman"
    )
    assert "A dash: no correlation, since a map of one value has no order." in title(figure)
    assert figure.data[0].z[0][1] is None
    assert list(figure.data[0].text[1]) == ["", "", ""]
    assert [(note.x, note.y, note.text) for note in figure.layout.annotations] == [
        (1, 0, "–"), (0, 1, "–"), (1, 1, "–"), (2, 1, "–"), (1, 2, "–"),
    ]  # fmt: skip


def test_one_missing_pair_and_nothing_at_all() -> None:
    assert agreement.finding(square(0.2, np.nan, 0.5)).endswith("; no correlation for Saliency and Grad-CAM")
    assert agreement.finding(square(np.nan)) == (
        "Nothing to compare: no correlation for Saliency and Integrated gradients"
    )
    assert agreement.finding(square()) == "One map alone: choose a second method to compare it with"
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
    words = agreement.agreement_words(square(0.12, np.nan, -0.4))
    assert words.endswith(
        "Saliency and Integrated gradients 0.12, Saliency and Grad-CAM none, Integrated gradients and Grad-CAM −0.40"
    )
