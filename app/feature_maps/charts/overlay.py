"""One channel over the photo, with the receptive field of one of its units."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import resnet_core as rc
from app.shared.drawing.heat import SIDE, Scale, coloured, over

FRAME = 6  # pixels of an outline: two dark, two light, two dark
DARK, LIGHT = (20, 20, 20), (255, 255, 255)  # an outline of both colours is visible on any picture


def unit_overlay(
    photo: Image.Image,
    values: NDArray[np.floating],
    scale: Scale,
    *,
    opacity: float,
    box: rc.Box | None,
    unit: tuple[int, int] | None,
) -> Image.Image:
    """One channel (H, W) over the photo that the network saw, `heat.SIDE` pixels wide, every value a rectangle.

    `box`, in pixels of the photo, is framed, and so is the value at `unit` (row, column). `opacity` as in
    `heat.over`; values that are not finite are grey.
    """
    rows, columns = (np.arange(SIDE) * size // SIDE for size in values.shape)
    heat = Image.fromarray(np.asarray(coloured(values, scale))[rows][:, columns])
    picture = over(photo, heat, opacity)
    if unit is not None:
        height, width = SIDE / values.shape[0], SIDE / values.shape[1]
        top, left = unit[0] * height, unit[1] * width
        _frame(picture, top, left, top + height, left + width)
    if box is not None:
        down, right = SIDE / photo.height, SIDE / photo.width
        edges = (box.top * down, box.left * right, box.bottom * down, box.right * right)
        _frame(picture, *np.clip(edges, FRAME, SIDE - FRAME))  # so that the frame stays inside the picture
    return picture


def _frame(picture: Image.Image, top: float, left: float, bottom: float, right: float) -> None:
    """A white line between two dark ones around a rectangle."""
    x0, y0, x1, y1 = round(left) - FRAME, round(top) - FRAME, round(right) + FRAME - 1, round(bottom) + FRAME - 1
    draw = ImageDraw.Draw(picture)
    draw.rectangle((x0, y0, x1, y1), outline=DARK, width=FRAME)
    draw.rectangle((x0 + 2, y0 + 2, x1 - 2, y1 - 2), outline=LIGHT, width=FRAME - 4)
