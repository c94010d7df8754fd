"""One channel over the photo, against values set by hand."""

import numpy as np
from PIL import Image

import resnet_core as rc
from app.feature_maps.charts import overlay as figure
from app.shared.drawing import heat
from app.shared.drawing.colours import DIVERGING

GREY = (128, 128, 128)


def overlay(
    values: np.ndarray, *, opacity: float = 1.0, box: rc.Box | None = None, unit: tuple[int, int] | None = None
) -> np.ndarray:
    photo = Image.new("RGB", (224, 224), (200, 0, 0))
    scale = heat.Scale(1, signed=True)
    painted = np.asarray(figure.unit_overlay(photo, values, scale, opacity=opacity, box=box, unit=unit))
    assert painted.shape == (heat.SIDE, heat.SIDE, 3)
    return painted


def test_every_value_is_a_rectangle_over_the_photo() -> None:
    values = np.array([[1.0, -1.0], [0.0, np.nan]])
    half = heat.SIDE // 2
    quarters = overlay(values).reshape(2, half, 2, half, 3).swapaxes(1, 2)
    for row, column, colour in [(0, 0, DIVERGING[4]), (0, 1, DIVERGING[0]), (1, 0, DIVERGING[2]), (1, 1, GREY)]:
        assert (quarters[row, column] == colour).all()
    assert (overlay(values, opacity=0) == Image.new("RGB", (1, 1), (200, 0, 0)).convert("L").getpixel((0, 0))).all()


def test_the_field_is_framed_where_it_lies() -> None:
    painted = overlay(np.zeros((7, 7)), box=rc.Box(top=28, left=56, bottom=112, right=168))  # twice that on the picture
    dark, light, blank = figure.DARK, figure.LIGHT, DIVERGING[2]
    across = [tuple(colour) for colour in painted[140, 104:114].tolist()]
    assert across == [blank] * 2 + [dark] * 2 + [light] * 2 + [dark] * 2 + [blank] * 2
    down = [tuple(colour) for colour in painted[222:232, 200].tolist()]
    assert down == [blank] * 2 + [dark] * 2 + [light] * 2 + [dark] * 2 + [blank] * 2
    assert (painted[56:224, 112:336] == blank).all()


def test_a_field_as_large_as_the_picture_is_framed_inside_it() -> None:
    painted = overlay(np.zeros((7, 7)), box=rc.Box(0, 0, 224, 224, clipped=True))
    for line in (painted[200], painted[200, ::-1], painted[:, 200], painted[::-1, 200]):
        assert [tuple(colour) for colour in line[:6].tolist()] == [figure.DARK] * 2 + [figure.LIGHT] * 2 + [
            figure.DARK
        ] * 2


def test_the_unit_is_framed_and_its_value_stays_to_be_seen() -> None:
    values = np.zeros((28, 28))
    values[3, 20] = 1
    painted = overlay(values, unit=(3, 20))
    assert (painted[48:64, 320:336] == DIVERGING[4]).all()
    assert (painted[48:64, 316:318] == figure.LIGHT).all()
    assert (painted[66:68, 320:336] == figure.LIGHT).all()
    outside = np.ones(painted.shape[:2], bool)
    outside[42:70, 314:342] = False
    assert (painted[outside] == DIVERGING[2]).all()


def test_a_field_of_one_pixel_is_framed() -> None:
    painted = overlay(np.zeros((7, 7)), box=rc.Box(0, 0, 1, 1))
    assert (painted[2, 2:6] == figure.LIGHT).all()
