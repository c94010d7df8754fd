"""What the measurements of a lesson say."""

from __future__ import annotations

import streamlit as st

from app.classroom.records import Outcome
from app.course.lesson import UNDECIDED, Lesson, Question, Step
from app.course.measured import measure


def outcome(step: Step, asked: Question) -> Outcome:
    """Measure. Raises `rc.ResNetCoreError`."""
    found = measure(step, asked)
    place = asked.right(found)
    undecided = "" if place is not None else f"{UNDECIDED} "
    return Outcome(place, f"{undecided}{asked.said(found)}")


def all_outcomes(lesson: Lesson) -> dict[int, Outcome]:
    """Those of all steps that ask, by the step's number, with a bar; what is measured now is at hand in class."""
    asking = [(number, step, step.question) for number, step in enumerate(lesson.steps, start=1)]
    asking = [each for each in asking if each[2] is not None]
    bar, found = st.progress(0.0, text="Measuring"), {}
    for done, (number, step, asked) in enumerate(asking, start=1):
        assert asked is not None
        found[number] = outcome(step, asked)
        bar.progress(done / len(asking), text=f"Measured {done} of {len(asking)}")
    bar.empty()
    return found
