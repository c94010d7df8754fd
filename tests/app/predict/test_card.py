"""The picture of photo, map and answers, from hand-made ones."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from app.predict.card import BAR, EDGE, LINE, SIDE, answer_card
from app.shared.drawing.colours import OUTPUT
from tests.app.test_pages import picture

GREEN = tuple(bytes.fromhex(OUTPUT[1:]))


@pytest.mark.parametrize("shares", [(0.75, 0.25), (1.0, 0.0), (float("nan"), 0.5)])
def test_photo_and_map_stand_side_by_side_over_bars_of_the_probabilities(shares: tuple[float, ...]) -> None:
    rows = [(f"class {number}", share, f"{share:.0%}") for number, share in enumerate(shares)]
    content = answer_card(Image.new("RGB", (32, 32), "red"), picture("blue"), "It says", "A map", rows)
    card = Image.open(io.BytesIO(content))
    middle = EDGE + 2 * LINE + SIDE // 2
    assert card.getpixel((EDGE + SIDE // 2, middle)) == (255, 0, 0)
    assert card.getpixel((2 * EDGE + SIDE * 3 // 2, middle)) == (0, 0, 255)
    green = (np.asarray(card) == GREEN).all(axis=-1).sum(axis=1)
    lengths = [length for length, before in zip(green, [0, *green], strict=False) if length != before and length > 1]
    assert lengths == [1 + round(BAR * share) for share in shares if share > 0]
