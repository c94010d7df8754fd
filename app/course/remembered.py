"""The last step of a lesson in the browser's own memory, for a student who comes back another day."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app.course.lesson import Lesson

_MEMORY = st.components.v2.component(
    "resnet_explorer_remembered",
    html="<div></div>",
    js="""const NAME = "resnet explorer lesson";

export default function ({ data, setStateValue }) {
  try {
    const kept = localStorage.getItem(NAME);
    if (data.lesson) localStorage.setItem(NAME, JSON.stringify(data));
    else if (kept) setStateValue("place", JSON.parse(kept));
  } catch {} // a browser that keeps nothing
}
""",
)


def remember(lesson: Lesson, number: int) -> None:
    """Keep the step."""
    _MEMORY(key="lesson_remember", data={"lesson": lesson.name, "step": number}, height="content")


def last(lessons: Mapping[str, Lesson]) -> tuple[Lesson, int] | None:
    """The lesson and the step that this browser kept; None if it kept none, or none that is here."""
    kept = _MEMORY(key="lesson_recall", data={}, height="content", on_place_change=_nothing).place
    lesson = lessons.get(str(kept.get("lesson"))) if isinstance(kept, dict) else None
    number = kept.get("step") if lesson else None
    if lesson is None or not isinstance(number, int) or not 0 < number <= len(lesson.steps):
        return None
    return lesson, number


def _nothing() -> None:
    """The value is read where the component is drawn."""
