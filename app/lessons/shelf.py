"""The lessons that can be followed here."""

from __future__ import annotations

from functools import cache

from app.lessons.lesson import Lesson
from app.lessons.reading import COURSE, read_lessons
from app.pages import PAGES


@cache
def course() -> dict[str, Lesson]:
    """Our own lessons by name, in the order of the course. Loads torch."""
    from app.lessons.measured import WORDS

    return read_lessons(COURSE, [page.folder for page in PAGES], WORDS)[0]
