"""A lesson beside the page: the step, its question, the guess, and what the measurement says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.course import remembered
from app.course.lesson import UNDECIDED, Lesson, Question, Step
from app.course.measured import measure
from app.course.shelf import course
from app.pages import PAGES
from app.shared import link, own_files, presenter
from app.shared.errors import explained
from app.shared.offers import Number, One, Switch
from app.shared.slides import slide

LESSON, STEP, GUESS, REVEALED = OWN = "lesson", "step", "guess", "revealed"  # in the link
GUESSES = "lesson_guesses"  # in the session: what was guessed at other steps
NEXT = "lesson_next_page"  # in the session: the page to draw next, and its choices
DONE = "lessons_done"  # in the session: the names of lessons that were followed to their end
TITLES = {page.folder: page.title for page in PAGES}
SPACE = "\N{NO-BREAK SPACE}"
MEASURED = "Measured with the photo and the settings of this step."
CSS = Path(__file__).with_name("panel.css")


@dataclass(frozen=True)
class Place:
    """Where a visitor is in a lesson, and on which page. `guess` counts from 0."""

    lesson: Lesson
    number: int
    page: str
    guess: int | None
    revealed: bool

    @property
    def step(self) -> Step:
        """The step, of which the first has number 1."""
        return self.lesson.steps[self.number - 1]

    @property
    def covered_by(self) -> Question | None:
        """The question that the page has to wait for."""
        asked = self.step.question
        hides = asked is not None and not asked.open and self.guess is None and self.page == self.step.folder
        return asked if hides else None


def place(page: str) -> Place | None:
    """Where the address says that the visitor is; the step's settings become the defaults of the page."""
    lessons = course()
    name = link.choice(LESSON, One(list(lessons)), None)
    if name is None:
        link.suppose({})
        return None
    lesson = lessons[name]
    number = int(link.choice(STEP, Number(1, len(lesson.steps)), 1))
    step = lesson.steps[number - 1]
    link.suppose(step.settings)
    count = 0 if step.question is None else len(step.question.guesses)
    guess = link.choice(GUESS, Number(1, count), None, of=(name, number)) if count else None
    revealed = guess is not None and link.choice(REVEALED, Switch(), False, of=(name, number))
    return Place(lesson, number, page, None if guess is None else int(guess) - 1, revealed)


def go(lesson: Lesson, number: int, more: Mapping[str, Any] = MappingProxyType({})) -> None:
    """Draw a step's page with its settings and `more` choices next, in a callback; presented as the last one was."""
    step = lesson.steps[number - 1]
    if "sample" in step.settings:
        own_files.forget("photo")
    known = st.session_state.setdefault(GUESSES, {}).get((lesson.name, number), {})
    view = {presenter.PRESENT: presenter.ON} if presenter.is_on() else {}
    st.session_state[NEXT] = step.folder, {LESSON: lesson.name, STEP: number, **known, **view, **more}


def go_to_the_list() -> None:
    """Draw the list of lessons next, in a callback."""
    st.session_state[NEXT] = "lessons", {}


def turn_the_page() -> None:
    """Go where a callback wanted to. A run that is interrupted before this leaves it to the next."""
    folder, choices = st.session_state.pop(NEXT, (None, {}))
    if folder is not None:
        link.start_over(choices)
        st.switch_page(f"{folder}/page.py")


def draw(at: Place | None) -> DeltaGenerator:
    """The panel, empty without a lesson. Returned is its part that is drawn after the page, see `judge`."""
    with st.container(key="lesson_panel" if at else "invisible_lesson"):
        if at is None:
            return st.container()
        line = head(at.lesson, at.number)
        line.button("Leave", type="tertiary", key="lesson_leave", on_click=link.forget, args=(LESSON,))
        asked = at.step.question
        if at.covered_by is None:
            with st.container(key="lesson_text" if at.guess is None else "lesson_known"):
                text(at.step)
        if asked is not None and at.guess is not None:
            with st.container(key="lesson_known_question" if at.revealed else "lesson_question"):
                st.markdown(f"**{asked.ask}**\n\nYour guess: {asked.guesses[at.guess].says}.")
        elif asked is not None and at.covered_by is None:
            _ask(asked)
        later = st.container(key="lesson_later")
        back_and_next(at.number, at.lesson, partial(_move, at), end="Finish")
        with st.container(key="invisible_memory"):
            remembered.remember(at.lesson, at.number)
    return later


def head(lesson: Lesson, number: int) -> DeltaGenerator:
    """The look of the panel, its first line, which is returned, and how far the lesson is: 0 is before its steps."""
    count = len(lesson.steps)
    st.html(_style())
    line = st.container(horizontal=True, vertical_alignment="center", key="lesson_head")
    line.markdown(f"**{lesson.title}**{f' ·{SPACE}{number}{SPACE}of{SPACE}{count}' if number else ''}", width="stretch")
    st.progress(number / count)
    return line


def back_and_next(number: int, lesson: Lesson, move: Callable[[int], None], *, end: str = "") -> None:
    """To the steps beside this one: `move` takes -1 or 1. `end` names the way on from the last, if there is one."""
    row = st.container(horizontal=True, key="lesson_buttons")
    is_last = number == len(lesson.steps)
    forth = end if is_last and end else "Next"
    for label, icon, key, way, disabled in (
        ("Back", ":material/arrow_back:", "lesson_back", -1, number == 1),
        (forth, ":material/arrow_forward:", "lesson_next", 1, is_last and not end),
    ):
        row.button(label, icon=icon, key=key, disabled=disabled, on_click=move, args=(way,))


def cover(step: Step, asked: Question) -> None:
    """The step with its question in place of the page, until there is a guess."""
    with slide("lesson"), st.container(key="lesson_cover"):
        text(step)
        _ask(asked)
        st.caption("Guess first. Then the page opens, and you can look for the answer.")


def text(step: Step) -> None:
    """What a step tells."""
    st.subheader(step.title, anchor=False)
    st.markdown(step.text)


def _ask(asked: Question) -> None:
    st.markdown(f"**{asked.ask}**")
    for number, guess in enumerate(asked.guesses, start=1):
        st.button(guess.says, width="stretch", key=f"guess_{number}", on_click=link.choose, args=(GUESS, number))


@cache
def _style() -> str:
    """The look of the panel, on the colours of the theme."""
    css = CSS.read_text(encoding="utf-8")
    for scheme in ("light", "dark"):
        css = css.replace(scheme.upper(), str(st.get_option(f"theme.{scheme}.secondaryBackgroundColor")))
    return f"<style>{css}</style>"


def judge(at: Place, later: DeltaGenerator) -> None:
    """What the measurement says, when asked for; and the way back if the page shows something else than the step."""
    asked = at.step.question
    with later:
        if at.page != at.step.folder or not link.as_supposed((*OWN, *presenter.NAMES)):
            elsewhere = at.page != at.step.folder
            st.caption(
                f"This step is on {TITLES[at.step.folder]}." if elsewhere else "You changed what the step shows."
            )
            st.button(
                "Back to the step",
                icon=":material/undo:",
                key="lesson_again",
                on_click=go,
                args=(at.lesson, at.number),
            )
        if asked is None or at.guess is None:
            return
        if not at.revealed:
            st.button("What does the measurement say?", type="primary", key="lesson_reveal", on_click=_reveal)
            return
        with explained(), st.spinner("Measuring", show_time=True):
            found = measure(at.step, asked)
            _verdict(asked, at.guess, asked.right(found), asked.said(found))
        st.caption(MEASURED)


def _verdict(asked: Question, guess: int, right: int | None, said: str) -> None:
    """Whether the guess holds, and why."""
    if right is None:
        st.info(f"{UNDECIDED} {said}", icon=":material/balance:")
    elif right == guess:
        st.success(f"Your guess holds. {said}", icon=":material/check_circle:")
    else:
        st.info(f"Measured: **{asked.guesses[right].says}**. {said}", icon=":material/school:")


def _reveal() -> None:
    link.choose(REVEALED, True)


def _move(at: Place, by: int) -> None:
    """So many steps on, in a callback."""
    _remember(at)
    if 0 < at.number + by <= len(at.lesson.steps):
        go(at.lesson, at.number + by)
    else:
        st.session_state.setdefault(DONE, set()).add(at.lesson.name)
        go_to_the_list()


def _remember(at: Place) -> None:
    """Keep the guess for when the visitor comes back to the step."""
    if at.guess is not None:
        guessed = st.session_state.setdefault(GUESSES, {})
        guessed[at.lesson.name, at.number] = {GUESS: at.guess + 1, REVEALED: at.revealed}
