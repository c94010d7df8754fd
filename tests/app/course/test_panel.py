"""A lesson beside the page, alone: asked first, then measured."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from app.course.panel import MEASURED
from app.course.shelf import course
from tests.app.test_pages import page_text, start

LESSON = "take-a-block-away"
PAGE = "lesions/page.py"


def at(step: int, **more: str) -> AppTest:
    return start(PAGE, lesson=LESSON, step=str(step), **more)


def click(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()
    assert not app.exception


def said(app: AppTest) -> list[str]:
    """The answers in the panel."""
    return [each.value for each in (*app.success, *app.info)]


def test_the_page_waits_for_a_guess_and_the_measurement_for_a_click() -> None:
    app = at(2)
    asked = course()[LESSON].steps[1].question
    assert asked is not None
    assert asked.ask in page_text(app)
    assert not app.get("plotly_chart")  # covered
    click(app, "guess_3")
    assert app.query_params["guess"] == "3"
    assert app.get("plotly_chart")
    assert not any("With all blocks" in each for each in said(app))
    click(app, "lesson_reveal")
    (told,) = [each for each in said(app) if "With all blocks" in each]
    assert told.startswith("Measured: **hardly more than before**.")
    assert "10,000 test" in told


def test_a_guess_that_holds_is_told_so() -> None:
    assert said(at(2, guess="1", revealed="true"))[-1].startswith("Your guess holds.")


def test_the_settings_of_a_step_are_the_defaults_of_the_page() -> None:
    app = at(1)
    assert app.selectbox(key="net").value == "resnet56"
    assert "net" not in app.query_params
    app.selectbox(key="net").select("resnet20").run()
    assert app.query_params["net"] == "ResNet-20"
    assert "You changed what the step shows." in page_text(app)
    click(app, "lesson_again")
    assert app.selectbox(key="net").value == "resnet56"
    assert "You changed" not in page_text(app)


def test_a_choice_that_the_step_leaves_alone_changes_what_it_shows_too() -> None:
    app = start("architecture/page.py", lesson="what-a-block-does", step="2", guess="1", revealed="true", shortcut="A")
    assert "You changed what the step shows." in page_text(app)  # the answer speaks of projections
    assert MEASURED in page_text(app)


def test_back_and_next_keep_what_was_guessed() -> None:
    app = at(2, guess="2", revealed="true")
    click(app, "lesson_next")
    assert app.query_params["step"] == "3"
    assert "guess" not in app.query_params
    click(app, "lesson_back")
    assert app.query_params["guess"] == "2"
    assert app.query_params["revealed"] == "true"


def test_the_last_step_leads_back_to_the_list_and_leaving_keeps_the_page() -> None:
    last = len(course()[LESSON].steps)
    app = at(last)
    click(app, "lesson_next")
    assert "which lesson today" in app.title[0].value
    assert app.button(key=f"begin_{LESSON}").label == "Again"
    app = at(1)
    click(app, "lesson_leave")
    assert app.selectbox(key="net").value == "resnet56"
    assert app.query_params["net"] == "ResNet-56"
    assert "lesson" not in app.query_params


def test_a_lesson_that_is_none_is_the_page_alone() -> None:
    app = start(PAGE, lesson="nonsense", step="99")
    assert "lesson" not in app.query_params
    assert not [button for button in app.button if button.key == "lesson_next"]
    assert at(99).button(key="lesson_next").label == "Finish"  # the last there is


def test_the_list_goes_on_where_the_lesson_was_left() -> None:
    app = at(3)
    app.switch_page("lessons/page.py").run()
    assert not app.exception
    click(app, f"begin_{LESSON}")
    assert app.query_params["step"] == "3"
