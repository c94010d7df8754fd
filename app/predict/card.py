"""The photo, its map and the answers in one picture, to keep or to send."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.shared.drawing.colours import OUTPUT

SIDE, EDGE, LINE = 448, 24, 34  # pixels: of each picture, around them, from line to line
BAR = 300  # pixels of a probability of 1
WHITE, INK, PALE = "#ffffff", "#1b2733", "#e3e6e9"


def answer_card(
    view: Image.Image, overlay: bytes, heading: str, caption: str, rows: Sequence[tuple[str, float, str]]
) -> bytes:
    """A PNG: photo and map side by side under the `heading`, then the `caption` of the map and a bar for each answer.

    `rows` holds name, probability and the words for it.
    """
    width, top = 2 * SIDE + 3 * EDGE, EDGE + 2 * LINE
    card = Image.new("RGB", (width, top + SIDE + EDGE + LINE * (len(rows) + 1) + EDGE), WHITE)
    draw, large, small = ImageDraw.Draw(card), ImageFont.load_default(28), ImageFont.load_default(20)
    draw.text((EDGE, EDGE), heading, INK, large)
    for number, picture in enumerate((view, Image.open(io.BytesIO(overlay)))):
        card.paste(picture.convert("RGB").resize((SIDE, SIDE)), (EDGE + number * (SIDE + EDGE), top))
    below = top + SIDE + EDGE // 2
    draw.text((2 * EDGE + SIDE, below), caption, INK, small)
    for number, (name, probability, words) in enumerate(rows):
        y, x = below + LINE * (number + 1), width - EDGE - BAR
        draw.text((EDGE, y), name, INK, small)
        draw.text((x - EDGE, y), words, INK, small, anchor="ra")
        draw.rectangle((x, y + 4, x + BAR, y + 20), PALE)
        draw.rectangle((x, y + 4, x + round(BAR * float(np.nan_to_num(probability))), y + 20), OUTPUT)
    buffer = io.BytesIO()
    card.save(buffer, "PNG")
    return buffer.getvalue()
