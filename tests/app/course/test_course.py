"""Our own lessons: each step opens its page as its link says, and of each question one guess holds."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pytest

from app.course.measured import MEASUREMENTS, WORDS, measure
from app.course.measured.settings import net_of, photo_of
from app.course.reading import COURSE, read_lessons
from app.feature_maps import computed
from app.pages import PAGES
from app.shared import link
from app.shared.offers import Offer
from tests.app.test_pages import start
from tests.test_typed_digits import typed

LESSONS, PROBLEMS = read_lessons(COURSE, [page.folder for page in PAGES], WORDS)
STEPS = {f"{name}-{number}": step for name, one in LESSONS.items() for number, step in enumerate(one.steps, start=1)}
QUESTIONS = {name: step for name, step in STEPS.items() if step.question is not None}
TYPED = {  # numbers in what is said after a guess that no measurement gives, and why they are true
    "makes 256 channels out of 64": "He et al. 2015, Table 1",
    "to add 1 to the middle": "arithmetic: the identity as a kernel",
    "27 times": "ResNet-56 has 9 blocks in each of 3 stages",
    "at 18 layers on ImageNet": "He et al. 2015, section 4.1",
    "In stages 2 and 3": "the paper's option A adds channels there",
}


def test_every_file_of_the_course_is_a_lesson_of_a_few_minutes() -> None:
    assert PROBLEMS == []
    assert len(LESSONS) == 9
    for lesson in LESSONS.values():
        assert 5 <= lesson.minutes <= 8, lesson.name
        assert 4 <= len(lesson.steps) <= 6, lesson.name
        assert lesson.steps[-1].question is None, lesson.name  # it says what all that means


@pytest.mark.parametrize("name", STEPS)
def test_a_step_opens_a_page_that_understands_its_link(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    offers: dict[str, Offer] = {}
    choice = link.choice

    def noted(asked: str, offer: Offer, usual: Any, *, of: Hashable = None) -> Any:
        offers[asked] = offer
        return choice(asked, offer, usual, of=of)

    monkeypatch.setattr(link, "choice", noted)
    step, (lesson, _, number) = STEPS[name], name.rpartition("-")
    app = start(f"{step.folder}/page.py", lesson=lesson, step=number, guess="1")
    assert not app.error
    assert {*app.query_params} <= {"lesson", "step", "guess", "page"}  # the page shows what the step sets
    for asked, words in step.settings.items():
        assert offers[asked].written(offers[asked].read(words)) == words, asked


@pytest.mark.parametrize("name", QUESTIONS)
def test_one_guess_of_a_question_holds(name: str) -> None:
    step = QUESTIONS[name]
    assert step.question is not None
    found = measure(step, step.question)
    assert set(found.words) == set(MEASUREMENTS[step.question.decides].words)
    right = step.question.right(found)
    assert right is not None, found
    assert step.question.guesses[right].because
    assert "{" not in step.question.said(found)


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_measured_number_is_typed_into_what_is_said_after_a_guess(name: str) -> None:
    question = QUESTIONS[name].question
    assert question is not None
    for said in (question.reveal, *(guess.because for guess in question.guesses)):
        assert not typed(said) or any(words in said for words in TYPED), said


def test_the_step_before_a_question_shows_something_else() -> None:
    for lesson in LESSONS.values():
        for before, step in zip(lesson.steps, lesson.steps[1:], strict=False):
            assert step.question is None or before.link != step.link, f"{lesson.name}: {step.title}"


def test_the_blocks_that_close_most_paths_are_those_that_change_x_least() -> None:
    settings = next(step.settings for step in STEPS.values() if step.title == "Close most of the paths")
    table = computed.measures(net_of(settings), photo_of(settings)).sort_values("ratio")
    assert {*settings["gone"]} == {*table["block"].head(len(settings["gone"]))}
