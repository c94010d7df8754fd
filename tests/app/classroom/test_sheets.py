"""A lesson on paper."""

from __future__ import annotations

import dataclasses

from app.classroom.records import Outcome
from app.classroom.sheets import teacher_sheet, worksheet
from tests.app.classroom.test_phones import LESSON

BASE = "http://192.0.2.1:8501"


def test_the_worksheet_asks_and_does_not_tell() -> None:
    html = worksheet(LESSON, BASE)
    assert "How much?" in html
    assert "<li>little</li><li>much</li>" in html
    assert f"{BASE}/lesions?lesson=one&amp;step=2" in html
    assert html.count("data:image/svg+xml") == len(LESSON.steps)
    assert "class=holds" not in html


def test_the_teachers_sheet_tells_what_was_measured_and_the_notes() -> None:
    note = "Many think <that> all blocks are needed."
    noted = dataclasses.replace(LESSON, steps=(LESSON.steps[0], dataclasses.replace(LESSON.steps[1], teacher=note)))
    html = teacher_sheet(noted, BASE, {2: Outcome(1, "80 % are left.")})
    assert "<li class=holds>much</li>" in html
    assert "80 % are left." in html
    assert "Many think &lt;that&gt; all" in html
    assert "A goal." in html
    assert "that&gt;" not in worksheet(noted, BASE)
