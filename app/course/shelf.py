"""The lessons that can be followed here: our course, and a teacher's own."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from app.command import OWN_LESSONS
from app.course.lesson import Lesson
from app.course.reading import COURSE, read_lessons
from app.pages import PAGES


class Shelf(NamedTuple):
    """Lessons by name, ours in the order of the course and then others, and what is wrong with files that are none."""

    lessons: dict[str, Lesson]
    problems: list[str]


def shelf() -> Shelf:
    """Those in the folder that a variable names are read again when their files change. Loads torch."""
    own = os.environ.get(OWN_LESSONS, "")
    files = sorted(Path(own).glob("*.toml")) if own else []
    return _read(own, tuple((file, file.stat().st_mtime_ns) for file in files))


def course() -> dict[str, Lesson]:
    """All lessons by name."""
    return shelf().lessons


@lru_cache(maxsize=1)
def _read(own: str, _files: tuple[tuple[Path, int], ...]) -> Shelf:
    from app.course.measured import WORDS

    pages = [page.folder for page in PAGES]
    lessons, problems = read_lessons(COURSE, pages, WORDS)
    if not own:
        return Shelf(lessons, problems)
    if not Path(own).is_dir():
        return Shelf(lessons, [*problems, f"{OWN_LESSONS} names a folder that is not there: {own}."])
    others, wrong = read_lessons(Path(own), pages, WORDS)
    taken = [f"{name}.toml: there is a lesson “{name}” already." for name in others if name in lessons]
    new = {name: lesson for name, lesson in others.items() if name not in lessons}
    return Shelf({**lessons, **new}, [*problems, *wrong, *taken])
