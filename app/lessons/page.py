"""Lessons: what each teaches and how long it takes, and the button that begins it or goes on."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from app.classroom import joining, paper, teacher
from app.course import panel, remembered
from app.course.lesson import Lesson
from app.course.shelf import course, shelf
from app.shared import link, slides

COLUMNS = 3
TEACH = "With a class: students join with their phones, guess, and see what is measured. No names, no accounts."


def draw() -> None:
    for problem in shelf().problems:
        st.warning(problem, icon=":material/edit_note:")
    for found in teacher.classes():
        classes_lesson = course().get(found.lesson)
        if classes_lesson is not None:
            label = f"Go on with class {found.code}: {classes_lesson.title}"
            st.button(
                label, icon=":material/groups:", type="primary", on_click=teacher.resume, args=(found, classes_lesson)
            )
    with st.container(key="invisible_recall"):
        kept = remembered.last(course())
    at = {link.value(panel.LESSON, ""): int(link.value(panel.STEP, 1))}
    if kept is not None:
        at.setdefault(kept[0].name, kept[1])
    base = joining.addresses()[0]
    with slides.slide("lessons"), st.container(gap="xsmall"):
        for row in _rows(list(course().values())):
            for column, (number, lesson) in zip(st.columns(COLUMNS, gap="xsmall"), row, strict=False):
                with column.container(border=True, height="stretch", gap="xxsmall", key=f"lesson_card_{lesson.name}"):
                    card(number, lesson, at.get(lesson.name, 1), base)


def card(number: int, lesson: Lesson, at: int, base: str) -> None:
    """One lesson, of which step `at` was seen last; `base` is the address of this server, for paper."""
    done = lesson.name in st.session_state.get(panel.DONE, ())
    st.markdown(
        f"**{number}. {lesson.title}** :gray[· {lesson.minutes} min]{' :green[:material/check:]' if done else ''}"
    )
    st.markdown(lesson.goal)
    under_way = 1 < at < len(lesson.steps)
    step = at if under_way else 1
    label = f"Go on with step {step}" if under_way else "Again" if done else "Begin"
    buttons = st.container(horizontal=True)
    primary: Literal["primary", "secondary"] = "primary" if under_way else "secondary"
    buttons.button(label, key=f"begin_{lesson.name}", type=primary, on_click=panel.go, args=(lesson, step))
    buttons.button(
        "Teach",
        icon=":material/groups:",
        type="tertiary",
        key=f"teach_{lesson.name}",
        help=TEACH,
        on_click=teacher.begin,
        args=(lesson,),
    )
    with buttons.popover("Paper", type="tertiary", key=f"paper_{lesson.name}"):
        paper.files(lesson, base)


def _rows(lessons: list[Lesson]) -> list[list[tuple[int, Lesson]]]:
    numbered = list(enumerate(lessons, start=1))
    return [numbered[first : first + COLUMNS] for first in range(0, len(numbered), COLUMNS)]


draw()
