"""Figures from hand-made values."""

import io
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import resnet_core as rc
from app.architecture.charts import tables
from app.shared.drawing import bars, heat, maps
from app.shared.drawing.colours import DIVERGING, SEQUENTIAL, colour_map, css_gradient


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def overlaid(photo: Image.Image, values: np.ndarray, opacity: float, *, signed: bool = False) -> np.ndarray:
    return pixels(maps.painted(photo, values, "Overlay", "none", opacity, signed=signed).png)


def test_colour_map_hits_its_stops_and_the_middle_between_two() -> None:
    colours = colour_map(np.array([0.0, 0.5, 1.0, 0.125]), DIVERGING)
    assert colours[:3].tolist() == [list(DIVERGING[0]), list(DIVERGING[2]), list(DIVERGING[4])]
    assert colours[3] == pytest.approx((np.array(DIVERGING[0]) + DIVERGING[1]) / 2, abs=1)


def test_the_legend_has_the_colours_of_the_map() -> None:
    assert css_gradient(((1, 2, 3), (4, 5, 6))) == "linear-gradient(to right, rgb(1, 2, 3), rgb(4, 5, 6))"


def test_a_signed_scale_is_symmetric_about_zero() -> None:
    scale = heat.scale_of(np.array([[-4.0, 1.0], [2.0, 0.0]]), signed=True)
    assert scale.apply(np.array([0.0, 1.0, -1.0])) == pytest.approx(
        [0.5, 0.5 + 0.5 / scale.limit, 0.5 - 0.5 / scale.limit]
    )
    assert scale.stops is DIVERGING


def test_a_scale_without_sign_starts_at_zero() -> None:
    scale = heat.scale_of(np.array([[0.0, 3.0]]), signed=False)
    assert scale.apply(np.array([-1.0, 0.0, scale.limit])).tolist() == [0, 0, 1]
    assert scale.stops is SEQUENTIAL


def test_one_hot_pixel_does_not_hide_the_rest() -> None:
    values = np.ones((100, 100))
    values[0, 0] = 1000
    assert heat.scale_of(values, signed=False).limit == pytest.approx(1)


@pytest.mark.parametrize("values", [np.zeros((4, 4)), np.full((4, 4), np.nan)])
def test_an_empty_or_broken_map_is_painted(values: np.ndarray) -> None:
    painted = overlaid(Image.new("RGB", (8, 8), "white"), values, 1.0, signed=True)
    expected = DIVERGING[2] if np.isfinite(values).all() else (128, 128, 128)
    assert (painted == expected).all()


def test_opacity_goes_from_the_grey_photo_to_the_map_alone() -> None:
    photo = Image.new("RGB", (8, 8), (200, 0, 0))
    values = np.ones((4, 4))
    grey = photo.convert("L").getpixel((0, 0))
    assert (overlaid(photo, values, 0.0) == grey).all()
    assert (overlaid(photo, values, 1.0) == SEQUENTIAL[-1]).all()


def test_the_overlay_keeps_the_place_of_the_values() -> None:
    values = np.zeros((2, 2))
    values[0, 1] = 1
    painted = overlaid(Image.new("RGB", (8, 8)), values, 1.0).sum(-1)
    assert painted.argmax() in np.flatnonzero(np.indices(painted.shape)[1].ravel() > heat.SIDE / 2)
    assert painted[:50, -50:].mean() > painted[-50:, :50].mean() + 100


def test_the_legend_says_both_ends() -> None:
    text = heat.legend(heat.Scale(0.25, signed=True), "against dog", "for dog")
    assert "<b>−0.25</b> against dog" in text
    assert "<b>0.25</b> for dog" in text
    assert "<b>0</b> none" in heat.legend(heat.Scale(0.25, signed=False), "none", "most")


def test_values_beyond_the_scale_are_told() -> None:
    values = np.array([[0.5, -6.04], [5.75, np.nan]])
    said = heat.beyond(heat.Scale(5.74, signed=True), values)
    assert said == "2 of 4 values lie beyond its end, up to 6.04, in the colour of the end."
    assert heat.beyond(heat.Scale(6.04, signed=True), values) == ""
    assert heat.beyond(heat.Scale(6.0399, signed=True), values) == ""  # both are written 6.04
    assert heat.beyond(heat.Scale(0, signed=False), np.full((2, 2), np.nan)) == ""


def test_bars_show_each_class_with_its_length_and_escape_it() -> None:
    answer = pd.DataFrame({"class": ["cat", "<b>dog"], "probability": [0.75, 0.25]})
    text = bars.probability_bars(answer)
    assert text.count("<li>") == 2
    assert "width:75.00%" in text
    assert "&lt;b&gt;dog" in text
    assert "<b>dog" not in text
    assert "width" not in re.sub(
        "<style>.*</style>", "", bars.probability_bars(answer.assign(probability=np.nan)), flags=re.S
    )


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0.0 %"), (1e-5, "< 0.1 %"), (0.5, "50.0 %"), (0.99995, "> 99.9 %"), (1.0, "100.0 %")],
)
def test_a_share_is_never_rounded_to_certainty(share: float, text: str) -> None:
    assert bars.percent(share) == text


def test_table_1_as_the_paper_prints_it() -> None:
    names = ["resnet18", "resnet50"]
    text = tables.family_table(
        [rc.describe(name, version="v1") for name in names], [rc.describe(name) for name in names], chosen="resnet50"
    )
    assert "7×7, 64, stride 2" in text
    assert "3×3 max pool, stride 2" in text
    assert '<span class="matrix">3×3, 64<br>3×3, 64</span> × 2' in text
    assert '<span class="matrix">1×1, 512<br>3×3, 512<br>1×1, 2048</span> × 3' in text
    assert "25,557,032" in text
    assert "3.858 × 10⁹" in text
    assert "4.089 × 10⁹" in text
    assert "3.8 × 10⁹" in text
    assert text.count('class="chosen"') == text.count('<tr><th scope="row">') - 3  # the rows that span all columns


def test_the_note_names_the_exact_difference_of_the_versions() -> None:
    note = tables.family_note([rc.describe("resnet50", version="v1")], [rc.describe("resnet50")])
    assert "exactly 231,211,008 MACs more in ResNet-50." in note
    cifar = [rc.describe("resnet20")]
    assert "231" not in tables.family_note(cifar, cifar)


def test_the_cifar_table_has_three_stages_and_no_pool() -> None:
    live = [rc.describe("resnet20")]
    text = tables.family_table(live, live, chosen="resnet20")
    assert "max pool" not in text
    assert text.count('class="matrix"') == 3
    assert "269,722" in text
    assert "8.75 %" in text


def test_the_block_table_follows_the_input_size() -> None:
    table = tables.block_table(rc.describe("resnet50", 64))
    assert list(table["block"][:2]) == ["stem", "layer1.0"]
    assert table["output"].iloc[0] == "64 × 16 × 16"
    assert table["input"].iloc[-1] == "2048 × 2 × 2"
    assert table["parameters"].sum() == 25_557_032
    assert table["shortcut"].str.contains("projection").sum() == 4


def test_the_finding_is_read_from_the_blocks() -> None:
    text = tables.block_finding(rc.describe("resnet50"))
    assert "16 blocks; shortcuts: identity (12), 1×1 projection (4)." in text
    assert "Even layer1.0 projects, though it keeps the size: it must go from 64 to 256 channels." in text
    assert "sees a square of 427 pixels a side, more than the whole picture of 224" in text
    small = tables.block_finding(rc.describe("resnet18", 512))
    assert "Even" not in small
    assert "more than the whole" not in small
