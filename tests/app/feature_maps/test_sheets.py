"""Painted sheets of channels, against values set by hand."""

import io

import numpy as np
import pytest
from PIL import Image

from app.feature_maps.charts import sheets
from app.shared.drawing import heat
from app.shared.drawing.colours import DIVERGING, SEQUENTIAL, colour_map

GREY = (128, 128, 128)


def rgba(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def random_maps(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def cell_of(sheet: sheets.Sheet, channel: int) -> tuple[int, int]:
    """Row and column of a channel."""
    return divmod(sheet.channels.index(channel), sheet.columns)


def cell(sheet: sheets.Sheet, channel: int, height: int, width: int) -> np.ndarray:
    """The colours of a channel's cell without its gap, one a value; every value must be a square of equal pixels."""
    painted = rgba(sheet.png)
    row, column = cell_of(sheet, channel)
    tall, wide = painted.shape[0] // sheet.rows, painted.shape[1] // sheet.columns
    inside = painted[row * tall : (row + 1) * tall, column * wide : (column + 1) * wide][1:-1, 1:-1]
    factor = inside.shape[0] // height
    colours = inside[::factor, ::factor]
    assert inside.shape == (height * factor, width * factor, 4)
    assert np.array_equal(inside, colours.repeat(factor, 0).repeat(factor, 1))
    assert (colours[..., 3] == 255).all()
    return colours[..., :3].astype(int)


def expected(values: np.ndarray, scale: heat.Scale) -> np.ndarray:
    return colour_map(scale.apply(values), scale.stops).astype(int)


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("per_channel", [True, False])
@pytest.mark.parametrize("shape", [(9, 3, 4), (90, 60, 60), (6, 1, 1)])  # enlarged, pixel for pixel, single values
def test_every_value_has_the_colour_of_its_scale(shape: tuple[int, int, int], per_channel: bool, signed: bool) -> None:
    maps = random_maps(*shape) * np.arange(1, shape[0] + 1)[:, None, None]
    order = [5, 0, 3, 1]
    if shape[0] == 90:
        order = list(range(90))[::-1]  # so many that a value gets one pixel
    sheet = sheets.paint_sheet(maps, order, columns=8, signed=signed, per_channel=per_channel)
    assert sheet.channels == tuple(order)
    for channel in order[:4]:
        scale = heat.scale_of(maps[channel] if per_channel else maps[order], signed=signed)
        painted = cell(sheet, channel, *shape[1:])
        assert painted == pytest.approx(expected(maps[channel], scale), abs=5)  # of 255: half a level of 101


def test_the_ends_and_zero_are_exact() -> None:
    maps = np.array([[[-2.0, 0.0, 2.0]]])
    signed = cell(sheets.paint_sheet(maps, [0], columns=4, signed=True, per_channel=False), 0, 1, 3)
    assert signed.tolist() == [[list(DIVERGING[0]), list(DIVERGING[2]), list(DIVERGING[4])]]
    positive = cell(sheets.paint_sheet(maps, [0], columns=4, signed=False, per_channel=False), 0, 1, 3)
    assert positive.tolist() == [[list(SEQUENTIAL[0]), list(SEQUENTIAL[0]), list(SEQUENTIAL[4])]]


def test_channels_stand_in_the_given_order() -> None:
    maps = np.repeat(np.arange(10, dtype=np.float32), 4).reshape(10, 2, 2)
    order = [7, 2, 9, 0, 4, 1]
    sheet = sheets.paint_sheet(maps, order, columns=4, signed=False, per_channel=False)
    assert [cell_of(sheet, channel) for channel in order] == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1)]
    assert sheet.limit == pytest.approx(9)  # 99.5 % of 24 values lie at the largest one
    for channel in order:
        assert cell(sheet, channel, 2, 2) == pytest.approx(expected(maps[channel], heat.Scale(9, False)), abs=5)


def test_the_scale_is_of_the_painted_channels_alone() -> None:
    maps = np.stack([np.full((2, 2), 100.0), np.full((2, 2), 3.0)])
    assert sheets.paint_sheet(maps, [1], columns=4, signed=True, per_channel=False).limit == pytest.approx(3)


def test_a_scale_of_all_blocks_holds_whatever_is_painted() -> None:
    maps = np.array([[[0.0, 2.0]]])
    sheet = sheets.paint_sheet(maps, [0], columns=1, signed=False, per_channel=False, limit=4)
    assert sheet.limit == 4
    assert cell(sheet, 0, 1, 2)[0] == pytest.approx(expected(maps[0, 0], heat.Scale(4, False)), abs=5)
    assert sheets.scale_words(sheet, "y of layer1.0") == "One scale for y of every block: 0 to 4."
    own = sheets.paint_sheet(maps, [0], columns=1, signed=False, per_channel=True, limit=4)
    assert own.limit is None
    assert not own.shared


@pytest.mark.parametrize(("count", "columns"), [(16, 4), (32, 6), (64, 8), (1, 1), (2048, 16)])
def test_a_square_has_about_as_many_rows_as_columns(count: int, columns: int) -> None:
    assert sheets.square(count) == columns


def test_only_gaps_and_unused_cells_are_transparent() -> None:
    sheet = sheets.paint_sheet(random_maps(6, 7, 7), range(6), columns=4, signed=True, per_channel=False)
    alpha = rgba(sheet.png)[..., 3]
    tall, wide = alpha.shape[0] // 2, alpha.shape[1] // 4
    opaque = np.zeros((tall, wide), int)
    opaque[1:-1, 1:-1] = 255
    assert np.array_equal(alpha[:tall], np.tile(opaque, 4))
    assert np.array_equal(alpha[tall:, : 2 * wide], np.tile(opaque, 2))
    assert not alpha[tall:, 2 * wide :].any()


@pytest.mark.parametrize("per_channel", [True, False])
def test_values_that_are_not_finite_are_grey_and_do_not_stretch_the_scale(per_channel: bool) -> None:
    maps = random_maps(3, 4, 4)
    maps[1, 0, :3] = [np.nan, np.inf, -np.inf]
    maps[2] = np.nan
    sheet = sheets.paint_sheet(maps, range(3), columns=4, signed=True, per_channel=per_channel)
    painted = cell(sheet, 1, 4, 4)
    assert (painted[0, :3] == GREY).all()
    assert (cell(sheet, 2, 4, 4) == GREY).all()
    scale = heat.scale_of(maps[1] if per_channel else maps, signed=True)
    assert painted[1:] == pytest.approx(expected(maps[1, 1:], scale), abs=5)
    assert painted[0, 3] == pytest.approx(expected(maps[1, 0, 3], scale), abs=5)


def test_a_silent_channel_is_0_and_a_nearly_silent_one_is_seen() -> None:
    maps = np.zeros((2, 20, 20), np.float32)
    maps[1, 3, 4] = 0.5  # fewer than 0.5 % of its values
    sheet = sheets.paint_sheet(maps, range(2), columns=4, signed=False, per_channel=True)
    assert (cell(sheet, 0, 20, 20) == SEQUENTIAL[0]).all()
    assert (cell(sheet, 1, 20, 20)[3, 4] == SEQUENTIAL[-1]).all()
    assert sheets.paint_sheet(maps, range(2), columns=4, signed=False, per_channel=False).limit == 0.5


@pytest.mark.parametrize("columns", [4, 8, 16])
@pytest.mark.parametrize(("count", "side"), [(2048, 7), (512, 7), (64, 56), (16, 32), (64, 8)])
def test_a_sheet_fits_and_its_cells_can_be_seen(count: int, side: int, columns: int) -> None:
    maps = np.zeros((count, side, side), np.float32)
    sheet = sheets.paint_sheet(maps, range(count), columns=columns, signed=False, per_channel=False)
    width, height = Image.open(io.BytesIO(sheet.png)).size
    assert (sheet.columns, sheet.rows) == (columns, count // columns)
    assert width <= 1440
    assert width % columns == height % sheet.rows == 0
    assert width // columns - 2 >= 32
    assert (width // columns - 2) % side == 0


@pytest.mark.parametrize(
    ("limit", "signed", "words"),
    [
        (3.2041, False, "One scale for the whole sheet of y of layer1.0: 0 to 3.2; about 0.5 %"),
        (3.2041, True, "−3.2 to 3.2, symmetric about 0"),
        (None, False, "Each channel of y of layer1.0 has a scale of its own, so brightness cannot be compared"),
        (None, True, "so colours cannot be compared between channels."),
        (0.0, False, "Every finite value of y of layer1.0 is 0."),
    ],
)
def test_the_scale_in_words(limit: float | None, signed: bool, words: str) -> None:
    sheet = sheets.Sheet(b"", (0,), 4, 1, limit, signed)
    assert words in sheets.scale_words(sheet, "y of layer1.0")
