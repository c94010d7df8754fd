"""Classes in their file: who may do what, and what a server that starts again finds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.classroom import store as stores
from app.classroom.records import ClassError, Outcome, Round
from app.classroom.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "classes.sqlite"


@pytest.fixture
def store(path: Path) -> Store:
    return Store(path)


@pytest.fixture
def code(store: Store) -> str:
    """A class that votes on step 2."""
    code, _ = store.create("a-lesson")
    store.go(code, 2, asks=True)
    return code


def test_a_class_has_a_code_to_type_and_a_secret_that_only_its_teacher_has(store: Store) -> None:
    code, secret = store.create("a-lesson")
    other, others = store.create("a-lesson")
    assert len(code) == 4
    assert not set(code) & set("IO01")
    assert store.teaches(code, secret)
    assert not store.teaches(code, others)
    assert not store.teaches(other, "")
    assert not store.teaches("QQQQ", secret)
    found = store.find(code)
    assert (found.lesson, found.step, found.rounds, found.outcome) == ("a-lesson", 0, (), None)


def test_a_student_changes_a_guess_and_is_counted_once(store: Store, code: str) -> None:
    one, other = store.join(code), store.join(code)
    for guess in (0, 1, 2):
        store.vote(code, one, 2, 1, guess)
    store.vote(code, other, 2, 1, 0)
    assert store.counts(code, 2, 1, 3) == [1, 0, 1]
    assert store.votes_of(code, one) == [(2, 1, 2)]
    assert store.join(code, one) == one
    assert store.join(code, "somebody else") not in {one, other, "somebody else"}


def test_two_votes_and_a_measurement(store: Store, code: str) -> None:
    student = store.join(code)
    store.vote(code, student, 2, 1, 0)
    store.show(code)
    assert store.find(code).rounds == (Round(1, open=False, shown=True),)
    store.vote_again(code)
    assert store.find(code).rounds == (Round(1, open=False, shown=False), Round(2, open=True, shown=False))
    with pytest.raises(ClassError, match="closed"):
        store.vote(code, student, 2, 1, 1)
    store.vote(code, student, 2, 2, 1)
    store.reveal(code, 2, Outcome(1, "So it is."))
    found = store.find(code)
    assert found.outcome == Outcome(1, "So it is.")
    assert [each.shown for each in found.rounds] == [True, True]
    with pytest.raises(ClassError, match="closed"):
        store.vote(code, student, 2, 2, 0)
    assert store.table(code) == [(2, 1, 0, 1), (2, 2, 1, 1)]


def test_going_back_finds_the_step_as_it_was(store: Store, code: str) -> None:
    student = store.join(code)
    store.vote(code, student, 2, 1, 1)
    store.reveal(code, 2, Outcome(None, "Undecided."))
    store.go(code, 3, asks=False)
    assert store.find(code).rounds == ()
    with pytest.raises(ClassError, match="closed"):
        store.vote(code, student, 2, 1, 0)  # not where the class is
    store.go(code, 2, asks=True)
    assert store.find(code).rounds == (Round(1, open=False, shown=True),)
    assert store.find(code).outcome == Outcome(None, "Undecided.")


def test_what_cannot_be(store: Store, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClassError, match="no class QQQQ here"):
        store.join("QQQQ")
    with pytest.raises(ClassError, match="Join the class first"):
        store.vote(code, "nobody", 2, 1, 0)
    monkeypatch.setattr(stores, "MOST_STUDENTS", 1)
    store.join(code)
    with pytest.raises(ClassError, match="full"):
        store.join(code)


def test_a_server_that_starts_again_finds_all(store: Store, code: str, path: Path) -> None:
    student = store.join(code)
    store.vote(code, student, 2, 1, 1)
    again = Store(path)
    assert again.find(code) == store.find(code)
    assert again.counts(code, 2, 1, 2) == [0, 1]
    assert path.stat().st_mode & 0o077 == 0  # others on this machine cannot read it


def test_classes_do_not_see_each_other_and_leave_nothing(store: Store, code: str, path: Path) -> None:
    other, _ = store.create("another-lesson")
    store.go(other, 2, asks=True)
    student = store.join(code)
    with pytest.raises(ClassError, match="Join the class first"):
        store.vote(other, student, 2, 1, 0)
    store.vote(code, student, 2, 1, 0)
    assert store.counts(other, 2, 1, 1) == [0]
    store.end(other)
    assert store.counts(code, 2, 1, 1) == [1]
    store.end(code)
    assert not list(path.parent.iterdir())
    with pytest.raises(ClassError, match="no class"):
        store.find(code)


def test_classes_of_yesterday_are_deleted(store: Store, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "DAY", -1.0)
    new, _ = store.create("a-lesson")
    assert store.find(new).step == 0
    with pytest.raises(ClassError, match="no class"):
        store.find(code)


def test_a_hundred_vote_at_once(store: Store, code: str) -> None:
    def one(number: int) -> None:
        store.vote(code, store.join(code), 2, 1, number % 2)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(one, range(100)))
    assert store.counts(code, 2, 1, 2) == [50, 50]
