"""What one student does on every page, with a photo of their own."""

from __future__ import annotations

import io
import itertools
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException

from PIL import Image, ImageDraw
from websockets.exceptions import WebSocketException

from tests.load.line import Trouble
from tests.load.screen import Node, Place
from tests.load.visitor import Visitor

SIZE = (1200, 900)  # pixels of a photo
BLOCKS = [f"layer{stage}.{block}" for stage in range(1, 5) for block in range(2)]  # of ResNet-18


@dataclass(frozen=True)
class Step:
    """One action on a page."""

    page: str
    what: str
    do: Callable[[Visitor], None]

    @property
    def name(self) -> str:
        """Page and action: the same for all students."""
        return f"{self.page}, {self.what}"


@dataclass(frozen=True, eq=False)
class Seen:
    """What an action led to: seconds until the page stood with its pictures, bytes on the line, and what it showed."""

    step: Step
    seconds: float
    received: int
    sent: int
    nodes: dict[Place, Node]
    pictures: dict[str, str]
    trouble: str = ""


def photo(seed: int) -> bytes:
    """A JPEG that nobody else has: coloured ellipses."""
    chance = random.Random(seed)
    image = Image.new("RGB", SIZE, tuple(chance.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y, width, height = (chance.randrange(side) for side in (*SIZE, SIZE[0] // 3, SIZE[1] // 3))
        draw.ellipse((x, y, x + width, y + height), tuple(chance.randrange(256) for _ in range(3)))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


def give_photo(page: str, number: int) -> Step:
    """Upload the photo with this number."""
    content = photo(number)
    return Step(page, "a new photo", lambda visitor: visitor.upload("upload", f"photo-{number}.jpg", content))


def visit(page: str, **choices: str) -> Step:
    """Go to a page."""
    return Step(page, "the page", lambda visitor: visitor.go(page, choices))


def set_to(page: str, key: str, value: str | float) -> Step:
    """Change one widget."""
    return Step(page, f"another {key}", lambda visitor: visitor.choose(key, value))


ARRIVAL = Step("Start", "first visit", Visitor.arrive)
ATTRIBUTIONS = visit("Attributions", methods="Grad-CAM", maps_part="Depth")  # the cheapest method


def walk(number: int) -> list[Step]:
    """Every page with the photo of this number, and on every page something of one's own."""
    return [
        ARRIVAL,
        visit("Predict"),
        give_photo("Predict", number),
        set_to("Predict", "method", "Saliency"),
        visit("Feature maps", maps="Channels"),
        set_to("Feature maps", "block", BLOCKS[number % len(BLOCKS)]),
        ATTRIBUTIONS,
        set_to("Attributions", "cam_point", ("F(x)", "the sum")[number % 2]),
        visit("Architecture"),
        set_to("Architecture", "shortcut", ("A", "C", "none")[number % 3]),
        visit("Gradients", depths_cifar="20", source="your photo"),
        visit("Training replay"),
        set_to("Training replay", "epoch", 1.0 + number % 7),
    ]


def rounds(numbers: Iterator[int], first: int) -> Iterator[Step]:
    """For ever all pages, from the one with the number `first` on, with ever new photos where networks look at them."""
    pages = [(visit("Predict"), 4), (visit("Feature maps", maps="Channels"), 6), (ATTRIBUTIONS, 4)]
    pages += [(visit("Architecture"), 0), (visit("Gradients", depths_cifar="20"), 0), (visit("Training replay"), 0)]
    for turn in itertools.count(first):
        page, photos = pages[turn % len(pages)]
        yield page
        for _ in range(photos):
            yield give_photo(page.page, next(numbers))


def take(visitor: Visitor, step: Step) -> Seen:
    """One step. What goes wrong stands in the record."""
    line = visitor.line
    started, received, sent = time.monotonic(), line.received, line.sent
    trouble = ""
    try:
        step.do(visitor)
    except (Trouble, OSError, HTTPException, WebSocketException) as error:
        trouble = f"{type(error).__name__}: {error}"
    return Seen(
        step,
        time.monotonic() - started,
        line.received - received,
        line.sent - sent,
        dict(visitor.screen.nodes),
        visitor.fetched,
        trouble,
    )
