"""A lesson: steps that show a page, and questions that a measurement decides."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

UNDECIDED = "The measurement lies between the guesses."


def unbroken(text: str) -> str:
    """The same without a line's end between a number, or its place in braces, and its per cent sign."""
    return re.sub(r"(?<=[\d}]) (?=%)", "\N{NO-BREAK SPACE}", text)


class Measured(NamedTuple):
    """What a question's measurement found.

    The figure lies from `low` to `high`: a range over draws, or twice the same number. `words` are the texts that take
    the places of the names in braces.
    """

    low: float
    high: float
    words: Mapping[str, str]


@dataclass(frozen=True)
class Guess:
    """One answer to choose; it holds for figures from `least` up to, but not including, `below`.

    `because` is said when the measurement has shown that this guess holds.
    """

    says: str
    least: float | None = None
    below: float | None = None
    because: str = ""

    def holds(self, found: Measured) -> bool:
        """Whether the whole range of the figure lies within. A guess without bounds never holds."""
        if self.least is None and self.below is None:
            return False
        least = -math.inf if self.least is None else self.least
        below = math.inf if self.below is None else self.below
        return least <= found.low and found.high < below


@dataclass(frozen=True)
class Question:
    """What a class guesses before it sees, and the measurement that decides.

    `decides` is a name in `app.course.measured.MEASUREMENTS`; `of` tells it what to measure on the step's page. The
    page stays covered until there is a guess, or else it is `open`.
    """

    ask: str
    guesses: tuple[Guess, ...]
    decides: str
    reveal: str
    of: str = ""
    open: bool = False

    def right(self, found: Measured) -> int | None:
        """The place of the guess that holds, or None where the measurement does not decide."""
        return next((place for place, guess in enumerate(self.guesses) if guess.holds(found)), None)

    def said(self, found: Measured) -> str:
        """What the measurement tells, and why."""
        place = self.right(found)
        because = "" if place is None else self.guesses[place].because
        return unbroken(f"{self.reveal.format_map(found.words)} {because.format_map(found.words)}".strip())


@dataclass(frozen=True)
class Step:
    """A short text beside a page; `link` is the page's address with its settings, from the slash on.

    `teacher` is for the teacher's sheet: what to expect, a belief that many hold, and its source.
    """

    title: str
    text: str
    link: str
    question: Question | None = None
    teacher: str = ""

    def address(self, lesson: str, number: int) -> str:
        """The page with the lesson beside it, where this is step `number`; it sets the page."""
        return f"/{self.folder}?lesson={lesson}&step={number}"

    @property
    def folder(self) -> str:
        """The page's folder."""
        return urlsplit(self.link).path.strip("/")

    @property
    def settings(self) -> dict[str, list[str]]:
        """The values of each name in the address."""
        return parse_qs(urlsplit(self.link).query)


@dataclass(frozen=True)
class Lesson:
    """One lesson: what students will be able to say, and the steps that lead there. `name` is that of its file."""

    name: str
    title: str
    minutes: int
    goal: str
    steps: tuple[Step, ...]
