"""The cascade of random weights from hand-made maps and numbers."""

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
import torch
from PIL import Image

from app.attributions.charts import cascade
from app.attributions.charts.cascade import GAP, LABEL, SIDE, RandomisedMap
from app.shared.drawing.colours import DIVERGING, SEQUENTIAL
from app.shared.drawing.layout import title_of
from resnet_core.checks.judges import judge_randomisation
from resnet_core.checks.records import Randomisation

UNITS = ["fc", "layer2", "layer1", "stem"]


def measured(*correlations: float) -> pd.DataFrame:
    values = np.array(correlations)
    return pd.DataFrame(
        {
            "unit": UNITS[: len(values)],
            "ssim": values / 2,
            "rank_correlation": values,
            "abs_rank_correlation": np.abs(values),
        }
    )


def randomised(*draws: tuple[float, ...], chance: float = 0.3, margin: float = 0.0) -> Randomisation:
    """The record of several draws, each with these correlations."""
    values = np.array(draws)
    rows = pd.concat([measured(*draw).assign(draw=number) for number, draw in enumerate(draws)], ignore_index=True)
    table = measured(*values.mean(0)).assign(low=values.min(0), high=values.max(0))
    return Randomisation(table, torch.zeros(len(table), 1, 1), chance, True, rows, margin)


def steps(count: int, side: int = 8) -> list[RandomisedMap]:
    """Maps whose right half becomes stronger from map to map."""
    half = np.arange(side) >= side / 2
    return [RandomisedMap(f"part {number}", np.tile(half * (1.0 + number), (side, 1))) for number in range(count)]


def title(figure: go.Figure) -> str:
    return re.sub(r"<br>|\N{NO-BREAK SPACE}", " ", re.sub(r"</?span[^>]*>", "", title_of(figure)))


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)


def test_the_picture_wraps_and_leaves_what_is_not_there_transparent() -> None:
    picture = opened(cascade.cascade_png(steps(5), signed=False, columns=3))
    assert picture.shape == (2 * (LABEL + SIDE + GAP) - GAP, 3 * (SIDE + GAP) - GAP, 4)
    assert (picture[:, SIDE : SIDE + GAP, 3] == 0).all()
    assert (picture[LABEL + SIDE :, 2 * (SIDE + GAP) :, 3] == 0).all()
    assert (picture[LABEL + SIDE + GAP :, :SIDE, 3] == 255).all()
    assert opened(cascade.cascade_png(steps(2), signed=False, columns=8)).shape[1] == 2 * (SIDE + GAP) - GAP


@pytest.mark.parametrize(
    ("signed", "zero", "end"), [(False, SEQUENTIAL[0], SEQUENTIAL[-1]), (True, DIVERGING[2], DIVERGING[-1])]
)
def test_every_map_has_a_scale_of_its_own(signed: bool, zero: tuple[int, ...], end: tuple[int, ...]) -> None:
    picture = opened(cascade.cascade_png(steps(3), signed=signed, columns=3))
    for number in range(3):
        left = number * (SIDE + GAP)
        assert picture[LABEL + 9, left + 3, :3].tolist() == list(zero)
        assert picture[LABEL + 9, left + SIDE - 4, :3].tolist() == list(end)


def test_names_are_written_on_their_plates() -> None:
    blank = opened(cascade.cascade_png([RandomisedMap("", np.zeros((4, 4)))], signed=False))[:LABEL]
    named = opened(cascade.cascade_png([RandomisedMap("layer4", np.zeros((4, 4)))], signed=False))[:LABEL]
    assert (blank[..., :3] == cascade.LABEL_BACKGROUND).all()
    written = np.argwhere((named[..., :3] > 200).all(-1))
    assert len(written) > 100
    assert written[:, 1].mean() == pytest.approx(SIDE / 2, abs=6)


def test_the_html_for_a_page_holds_a_wide_and_a_narrow_one() -> None:
    text = cascade.cascade_html(steps(5), signed=True, alt='maps of "A"')
    found = re.findall(r'<img class="(\w+)" alt="maps of &quot;A&quot;" src="data:image/png;base64,([^"]*)"', text)
    sizes = {name: opened(base64.b64decode(data)).shape for name, data in found}
    assert sizes["wide"][1] == 5 * (SIDE + GAP) - GAP
    assert sizes["narrow"][1] == 3 * (SIDE + GAP) - GAP
    assert "rgb(178, 24, 43)" in text  # the legend has the colours of signed maps
    assert "http" not in text


def test_the_original_stands_first_at_one() -> None:
    figure = cascade.cascade_chart(randomised((0.5, 0.2, 0.1, -0.1)))
    assert [trace.name for trace in figure.data] == ["rank correlation", "rank correlation of |map|", "SSIM"]
    assert list(figure.data[0].y) == [1, 0.5, 0.2, 0.1, -0.1]
    assert list(figure.data[2].y) == [1, 0.25, 0.1, 0.05, -0.05]
    assert list(figure.layout.xaxis.ticktext) == ["original", *UNITS]
    assert figure.layout.yaxis.range[0] < -0.1
    for what in ("color", "dash"):
        assert len({trace.line[what] for trace in figure.data}) == 3


def test_the_title_says_what_the_card_says_of_random_weights() -> None:
    found = randomised((0.9, 0.1, 0.2, 0.3), (0.9, 0.4, 0.4, 0.4), (0.8, 0.1, np.nan, 0.0), chance=0.15, margin=0.012)
    figure = cascade.cascade_chart(found)
    card = judge_randomisation(found).value
    assert card == "0.22 ± 0.78"  # Student with 2 degrees of freedom, a third of 5 % in two tails: 7.65 × 0.176 ÷ √3
    assert title(figure) == f"Rank correlation left: {card} Grey: what random maps as smooth reach by chance."
    assert cascade.finding(found, "G") == (
        f"Random weights, drawn 3 times, leave the map of G a rank correlation of {card} on average; "
        "95 % of random maps as smooth stay below 0.15 ± 0.02 in size"  # rounded up
    )
    band = figure.layout.shapes[0]
    assert (band.y0, band.y1) == (-0.15, 0.15)


def test_one_draw_is_told_with_one_digit() -> None:
    said = cascade.finding(randomised((0.9, 0.26, 0.26, 0.26)), "G")
    assert said.startswith("Random weights, drawn once, leave the map of G a rank correlation of 0.3; ")
    assert cascade.title(randomised((0.9, 0.26, 0.26, 0.26))) == "Rank correlation left: 0.3"


def test_the_spread_of_the_fresh_networks_is_shown() -> None:
    bars = cascade.cascade_chart(randomised((0.5, 0.2, 0.1, -0.1), (0.7, 0.4, 0.1, -0.3))).data[0].error_y
    assert np.nan_to_num(bars.array).tolist() == pytest.approx([0, 0.1, 0.1, 0, 0.1])
    assert np.nan_to_num(bars.arrayminus).tolist() == pytest.approx([0, 0.1, 0.1, 0, 0.1])


def test_gaps_stay_gaps_and_nothing_is_said_without_numbers() -> None:
    figure = cascade.cascade_chart(randomised((0.5, np.nan, 0.1)))
    assert np.isfinite(figure.data[0].y).tolist() == [True, True, False, True]
    assert title(figure).startswith("Rank correlation left: 0.1 ")
    for nothing in ((0.5, np.nan), (0.5,)):
        assert "nothing can be said" in cascade.finding(randomised(nothing), "G")
        assert cascade.title(randomised(nothing)) == "No rank correlation below the head"


def test_a_long_cascade_names_some_of_its_parts() -> None:
    found = randomised((0.3, 0.2))
    table = pd.concat([found.table[:1]] * 58, ignore_index=True).assign(unit=[f"b{place}" for place in range(58)])
    axis = cascade.cascade_chart(replace(found, table=table)).layout.xaxis
    assert len(axis.ticktext) <= cascade.MANY
    assert axis.ticktext[1] == f"b{axis.tickvals[1] - 1}"


def test_the_cascade_in_words() -> None:
    words = cascade.cascade_words(randomised((0.5, np.nan, -0.26), (0.52, np.nan, 0.31)), "G")
    assert words.endswith("as parts are made random: fc 0.5, layer2 none, layer1 −0.3 to 0.3")


def test_the_film_says_what_is_random_and_how_similar_the_map_still_is() -> None:
    found = randomised((0.5, np.nan, -0.26, 0.1))
    said = [(cascade.stage_words(UNITS, number), cascade.frame_of(found, number)) for number in range(5)]
    assert said == [
        ("All weights are as trained", "the map itself"),
        ("Random weights in fc", "rank correlation 0.5"),
        ("Random weights in fc, layer2", "rank correlation none"),
        ("Random weights in fc, layer2, layer1", "rank correlation −0.3"),
        ("All weights are random", "rank correlation 0.1"),
    ]
    frame = cascade.frame_html('"G"', "data:,", "the map itself")
    assert 'alt="&quot;G&quot;, the map itself"' in frame
