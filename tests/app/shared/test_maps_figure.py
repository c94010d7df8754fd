"""How a map is laid over the photo, from hand-made values and photos of one colour."""

import io

import numpy as np
import pytest
from PIL import Image

from app.shared.drawing import heat, maps
from app.shared.drawing.colours import DIVERGING, SEQUENTIAL
from app.shared.drawing.heat import SIDE

RED = Image.new("RGB", (16, 16), (200, 0, 0))
GREY_OF_RED = 60  # 0.299 * 200, what Pillow makes of it


def pixels(painted: maps.Painted) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(painted.png)).convert("RGB")).astype(int)


def ramp(side: int = 64) -> np.ndarray:
    """0 at the left edge, 1 at the right."""
    return np.tile(np.linspace(0, 1, side), (side, 1))


def lay(
    values: np.ndarray, style: str, *, smoothing: str = "none", opacity: float = 1, signed: bool = False
) -> np.ndarray:
    return pixels(maps.painted(RED, values, style, smoothing, opacity, signed=signed))


def colour_at(values: np.ndarray, scale: heat.Scale) -> np.ndarray:
    return np.asarray(heat.coloured(values, scale)).astype(int)


@pytest.mark.parametrize("style", maps.STYLES)
@pytest.mark.parametrize("signed", [False, True])
def test_every_style_paints_on_the_scale_that_it_hands_over(style: str, signed: bool) -> None:
    values = ramp() - (0.5 if signed else 0)
    painted = maps.painted(RED, values, style, "Gaussian, 2 % of the side", 0.7, signed=signed)
    assert pixels(painted).shape == (SIDE, SIDE, 3)
    smoothed = maps.smooth(values, 0.02)
    assert painted.scale == heat.scale_of(smoothed, signed=signed)
    assert painted.scale.limit < np.abs(values).max()  # the Gaussian took the ends of the ramp down
    assert painted.style == style


def test_the_map_alone_has_the_colours_of_the_legend_and_no_photo() -> None:
    alone = lay(ramp(), "Map alone")
    assert (alone[:, 0] == SEQUENTIAL[0]).all()
    assert (alone[:, -1] == SEQUENTIAL[-1]).all()
    signed = lay(ramp() - 0.5, "Map alone", signed=True)
    assert (signed[:, -1] == DIVERGING[-1]).all()
    assert (lay(ramp(), "Map alone", opacity=0.1) == alone).all()


def test_blend_keeps_colour_where_the_map_is_strong_on_either_side_of_zero() -> None:
    values = np.array([[-1.0, 0.0, 1.0]] * 3).repeat(9, 0).repeat(9, 1)
    left, middle, right = (lay(values, "Blend", signed=True)[SIDE // 2, at] for at in (9, SIDE // 2, SIDE - 9))
    assert left.tolist() == right.tolist() == [200, 0, 0]
    assert middle.max() == middle.min() > 200  # grey and pale
    kept = lay(values, "Blend", opacity=0, signed=True)[SIDE // 2, SIDE // 2]
    assert kept.tolist() == [GREY_OF_RED] * 3  # grey, but not pale
    negative = lay(np.where(values < 0, values, 0), "Blend")
    assert negative[SIDE // 2, 9].max() == negative[SIDE // 2, 9].min()  # below 0 on a scale from 0: not strong


def test_contours_lie_where_the_map_has_their_value() -> None:
    values = ramp()
    row = lay(values, "Contours")[SIDE // 2]
    limit = heat.scale_of(values, signed=False).limit
    along = (np.arange(SIDE) + 0.5) * 64 / SIDE - 0.5  # a pixel's place between the 64 values
    lines = [int(np.abs(along / 63 - level * limit).argmin()) for level in maps.LEVELS]
    changed = np.flatnonzero((row != [200, 0, 0]).any(1))
    for line, level in zip(lines, maps.LEVELS, strict=True):
        expected = colour_at(np.array([[level * limit]]), heat.Scale(limit, signed=False))[0, 0]
        assert row[line] == pytest.approx(expected, abs=12)
        assert np.abs(changed - line).min() <= 1
    assert all(min(abs(at - line) for line in lines) <= 6 for at in changed)  # and nowhere else


def test_a_line_has_a_light_rim_in_a_dark_halo() -> None:
    row = lay(ramp(), "Contours")[SIDE // 2]
    line = round(0.5 * heat.scale_of(ramp(), signed=False).limit * (SIDE - 1))
    around = row[line - 6 : line + 7].sum(1)
    assert around.min() < 120
    assert around.max() > 600
    assert around.argmin() != 6  # the dark is not in the middle


def test_signed_contours_are_on_both_sides_of_zero() -> None:
    row = lay(ramp() - 0.5, "Contours", signed=True)[SIDE // 2]
    changed = np.flatnonzero((row != [200, 0, 0]).any(1))
    assert 1 + int((np.diff(changed) > 3).sum()) == 6
    first, last = row[changed[0] : changed[0] + 8], row[changed[-1] - 8 : changed[-1]]
    assert (first[:, 2] > first[:, 0] + 20).any()  # blue
    assert (last[:, 0] > last[:, 2] + 20).any()  # red


@pytest.mark.parametrize("style", ["Overlay", "Contours"])
def test_without_opacity_there_is_only_the_photo(style: str) -> None:
    shown = lay(ramp(), style, opacity=0)
    assert (shown == ([GREY_OF_RED] * 3 if style == "Overlay" else [200, 0, 0])).all()


@pytest.mark.parametrize("style", maps.STYLES)
@pytest.mark.parametrize("smoothing", maps.SMOOTHING)
def test_gaps_are_grey_and_do_not_spread(style: str, smoothing: str) -> None:
    values = np.full((32, 32), 2.0)
    values[8:16, 8:16] = np.nan
    values[0, 0] = np.inf
    painted = maps.painted(RED, values, style, smoothing, 1, signed=False)
    shown = pixels(painted)
    step = SIDE // 32
    assert (shown[8 * step : 16 * step, 8 * step : 16 * step] == heat.BROKEN).all()
    assert (shown[:step, :step] == heat.BROKEN).all()
    assert painted.scale.limit == pytest.approx(2)
    beside = shown[4 * step, 4 * step]
    assert beside.tolist() == lay(np.full((32, 32), 2.0), style)[4 * step, 4 * step].tolist()


@pytest.mark.parametrize("style", maps.STYLES)
@pytest.mark.parametrize("values", [np.zeros((8, 8)), np.full((8, 8), np.nan), np.full((8, 8), 3.0)])
def test_blank_and_constant_maps_are_painted(style: str, values: np.ndarray) -> None:
    shown = lay(values, style, smoothing="Gaussian, 5 % of the side", signed=True)
    assert (shown == shown[0, 0]).all()
    assert (shown[0, 0].tolist() == [heat.BROKEN] * 3) == bool(np.isnan(values).all())


def test_smoothing_keeps_the_sum_and_has_the_named_width() -> None:
    point = np.zeros((101, 101))
    point[50, 50] = 1
    smoothed = maps.smooth(point, 0.05)
    assert smoothed.sum() == pytest.approx(1, abs=1e-4)
    at = np.arange(101) - 50
    assert np.sqrt((smoothed.sum(0) * at**2).sum()) == pytest.approx(0.05 * 101, rel=0.03)
    assert maps.smooth(point, 0) is point


def test_beside_a_gap_the_mean_is_that_of_the_values_that_are_there() -> None:
    values = np.full((20, 20), 5.0)
    values[:, 10:] = np.nan
    smoothed = maps.smooth(values, 0.05)
    assert smoothed[:, :10] == pytest.approx(5)
    assert np.isnan(smoothed[:, 10:]).all()


def test_how_a_map_was_drawn_in_words() -> None:
    values = np.zeros((224, 224), np.float32)
    values[:20] = 0.0168
    smoothed = maps.drawn_words("Blend", "Gaussian, 5 % of the side", values)
    assert (
        "Gaussian, sigma 11 of 224 px. The scale is that of the smoothed map; unsmoothed it ends at 0.0168" in smoothed
    )
    assert maps.drawn_words("Overlay", "none", values).endswith("Not smoothed.")
