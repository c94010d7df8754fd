"""The list of lessons, through Streamlit's test runner."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.classroom import here
from app.classroom.store import Store
from app.course.shelf import course
from tests.app.test_pages import page_text, start

PAGE = "lessons/page.py"


def test_every_lesson_stands_there_with_its_goal_and_minutes() -> None:
    text = page_text(start(PAGE))
    for lesson in course().values():
        assert lesson.title in text
        assert lesson.goal in text
        assert f"{lesson.minutes} min" in text


def test_what_is_wrong_with_a_lesson_of_ones_own_stands_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.toml").write_text('title = "Mine"\nminutes = "many"\n')
    monkeypatch.setenv("RESNET_EXPLORER_LESSONS", str(tmp_path))
    (problem,) = [each.value for each in start(PAGE).warning]
    assert problem.startswith("mine.toml, line ")


def test_a_class_waits_until_it_begins_and_a_teacher_can_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "classes.sqlite")
    monkeypatch.setattr(here, "store", lambda: store)
    name, lesson = next((name, each) for name, each in course().items() if each.steps[1].question is not None)
    app = start(PAGE)
    app.button(key=f"teach_{name}").click().run()
    code = app.query_params["room"]
    assert store.find(code).step == 0
    assert lesson.steps[0].text not in page_text(app)
    for step in (1, 2):
        app.button(key="lesson_next").click().run()
        assert not app.exception
        assert store.find(code).step == step
    asked = lesson.steps[1].question
    assert asked is not None
    assert asked.ask in page_text(app)
    assert [each.open for each in store.find(code).rounds] == [True]
    app.switch_page("lessons/page.py").run()
    assert any(f"Go on with class {code}" in button.label for button in app.button)
