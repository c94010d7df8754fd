"""Lessons from files: what is wrong in one is told in a sentence with its line, and the other lessons go on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields
from math import inf
from pathlib import Path
from string import Formatter
from typing import Any, TypeVar

from app.course.lesson import Guess, Lesson, Question, Step, unbroken

COURSE = Path(__file__).parent / "lessons"
MOST_WORDS = 60  # of a step
MOST_GUESSES = 5
Words = Mapping[str, Collection[str]]  # the words of each measurement
T = TypeVar("T")
TYPES: dict[str, Any] = {"str": str, "int": int, "float": (int, float), "bool": bool, "float | None": (int, float)}


class LessonError(ValueError):
    """A file that is no lesson; the message says where and why."""


class _Wrong(Exception):
    """What is wrong with a field; `step` counts from 1, 0 is above all steps."""

    def __init__(self, why: str, field: str, step: int = 0) -> None:
        super().__init__(why)
        self.why, self.field, self.step = why, field, step


def read_lessons(folder: Path, pages: Collection[str], measurements: Words) -> tuple[dict[str, Lesson], list[str]]:
    """The lessons of a folder by name, in the order of their files, and a sentence for each file that is none."""
    found, problems = {}, []
    for path in sorted(folder.glob("*.toml")):
        try:
            lesson = read_lesson(path, pages, measurements)
        except LessonError as error:
            problems.append(str(error))
        else:
            found[lesson.name] = lesson
    return found, problems


def read_lesson(path: Path, pages: Collection[str], measurements: Words) -> Lesson:
    """One lesson. Raises `LessonError`."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise LessonError(f"{path.name} is not text in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise LessonError(f"{path.name} is not TOML: {error}.") from error
    try:
        return _lesson(re.sub(r"^\d+-", "", path.stem), data, pages, measurements)
    except _Wrong as wrong:
        line = _line(text, wrong.field, wrong.step)
        raise LessonError(f"{path.name}, line {line}, field “{wrong.field}”: {wrong.why}.") from wrong


def _lesson(name: str, data: dict[str, Any], pages: Collection[str], measurements: Words) -> Lesson:
    steps = data.pop("steps", None)
    if not isinstance(steps, list) or not steps:
        raise _Wrong("a lesson has at least one step, which begins with [[steps]]", "steps")
    read = tuple(_step(step, number, pages, measurements) for number, step in enumerate(steps, start=1))
    return _made(Lesson, {**data, "name": name, "steps": read}, 0)


def _step(data: Any, number: int, pages: Collection[str], measurements: Words) -> Step:
    if not isinstance(data, dict):
        raise _Wrong("a step begins with [[steps]]", "steps", number)
    asked = data.pop("question", None)
    question = None if asked is None else _question(asked, number, measurements)
    step = _made(Step, {**data, "question": question}, number)
    words = len(step.text.split())
    if words > MOST_WORDS:
        raise _Wrong(f"{words} words; a step has at most {MOST_WORDS}", "text", number)
    if step.folder not in pages:
        raise _Wrong(f"there is no page “{step.folder}”; pages are {', '.join(pages)}", "link", number)
    return step


def _question(data: Any, number: int, measurements: Words) -> Question:
    guesses = data.pop("guesses", None) if isinstance(data, dict) else None
    if not isinstance(guesses, list) or not 2 <= len(guesses) <= MOST_GUESSES:
        raise _Wrong(f"a question has 2 to {MOST_GUESSES} guesses, each {{ says = … }}", "guesses", number)
    made = tuple(_made(Guess, guess, number) for guess in guesses)
    question = _made(Question, {**data, "guesses": made}, number)
    if question.decides not in measurements:
        known = ", ".join(measurements)
        raise _Wrong(f"there is no measurement “{question.decides}”; there are {known}", "decides", number)
    _check_bounds(made, number)
    for field, words in [("reveal", question.reveal), *(("because", guess.because) for guess in made)]:
        try:
            asked = {name for _, name, _, _ in Formatter().parse(words) if name is not None}
        except ValueError as error:
            raise _Wrong(f"a name stands between two braces, as in {{probability}}: {error}", field, number) from error
        for name in asked - {*measurements[question.decides]}:
            known = ", ".join(f"{{{word}}}" for word in measurements[question.decides])
            raise _Wrong(f"“{question.decides}” has no {{{name}}}; it has {known}", field, number)
    return question


def _check_bounds(guesses: Collection[Guess], number: int) -> None:
    """Raise if one figure could make two guesses right."""
    decided = [guess for guess in guesses if guess.least is not None or guess.below is not None]
    bounds = sorted(
        (-inf if each.least is None else each.least, inf if each.below is None else each.below) for each in decided
    )
    if not bounds:
        raise _Wrong("no guess has bounds (least, below): none could be right", "guesses", number)
    for (_, below), (least, _) in zip(bounds, bounds[1:], strict=False):
        if below > least:
            raise _Wrong("two guesses hold for the same figure", "guesses", number)


def _made(kind: type[T], data: Any, step: int) -> T:
    """A record from its fields, all of the right type."""
    if not isinstance(data, Mapping):
        raise _Wrong(f"{data!r} should be a table of fields", kind.__name__.lower(), step)
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    for name, value in data.items():
        if name not in known:
            raise _Wrong(f"this field is unknown here; known are {', '.join(known)}", name, step)
        wanted = TYPES.get(str(known[name].type))
        if (
            wanted
            and value is not None
            and (not isinstance(value, wanted) or isinstance(value, bool) > (wanted is bool))
        ):
            raise _Wrong(f"{value!r} should be of type {str(known[name].type).removesuffix(' | None')}", name, step)
    for name, field in known.items():
        if field.default is MISSING and name not in data:
            raise _Wrong("this field is missing", name, step)
    return kind(**{name: unbroken(value.strip()) if isinstance(value, str) else value for name, value in data.items()})


def _line(text: str, field: str, step: int) -> int:
    """The line of a field in a step, or that where the step begins if the field is not in it."""
    lines = text.splitlines()
    begins = [0, *(place for place, line in enumerate(lines) if line.strip() == "[[steps]]"), len(lines)]
    first, end = (begins[step], begins[step + 1]) if step + 1 < len(begins) else (0, len(lines))
    inside = range(first, end)
    found = (place for place in inside if re.search(rf"(^|[\s{{,.\[]){re.escape(field)}\s*(=|\])", lines[place]))
    return next(found, first) + 1
