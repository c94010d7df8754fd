"""The lesson on paper: files to download."""

from __future__ import annotations

import streamlit as st

from app.classroom import sheets
from app.classroom.outcomes import all_outcomes
from app.course.lesson import Lesson
from app.shared.errors import explained


def files(lesson: Lesson, base: str) -> None:
    """A worksheet, and the teacher's sheet once it is asked for: it needs the measurements.

    `base` is the address of this server.
    """
    st.download_button(
        "Worksheet (HTML)",
        lambda: sheets.worksheet(lesson, base),
        f"{lesson.name}-worksheet.html",
        "text/html",
        key=f"worksheet_{lesson.name}",
        on_click="ignore",
    )
    if st.button("Measure, then make the teacher's sheet", key=f"make_{lesson.name}"):
        with explained():
            sheet = sheets.teacher_sheet(lesson, base, all_outcomes(lesson))
            st.download_button(
                "Teacher's sheet (HTML)", sheet, f"{lesson.name}-teacher.html", "text/html", key=f"sheet_{lesson.name}"
            )
