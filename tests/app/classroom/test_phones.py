"""What phones are told, and when."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.classroom.phones import BURST, Phones
from app.classroom.records import ClassError, Outcome
from app.classroom.store import Store
from app.course.lesson import Guess, Lesson, Question, Step

ASKED = Question("How much?", (Guess("little", below=0.5), Guess("much", least=0.5)), "share", "{after} are left.")
LESSON = Lesson(
    "one",
    "One block",
    3,
    "A goal.",
    (Step("Look", "A text.", "/lesions"), Step("Gone", "Out.", "/lesions?gone=a", ASKED)),
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "classes.sqlite")


@pytest.fixture
def phones(store: Store) -> Phones:
    return Phones(store, lambda: {"one": LESSON})


@pytest.fixture
def code(store: Store) -> str:
    code, _ = store.create("one")
    return code


def told(phones: Phones, code: str) -> dict[str, Any]:
    """What all phones see, after a change."""
    phones.changed(code)
    found: dict[str, Any] = json.loads(phones.now(code))
    return found


def test_nobody_sees_votes_before_they_are_shown(phones: Phones, store: Store, code: str) -> None:
    assert told(phones, code) == {"code": code, "title": "One block", "step": 0, "steps": 2, "photos": False}
    store.go(code, 1, asks=False)
    assert "ask" not in told(phones, code)
    store.go(code, 2, asks=True)
    phones.vote(code, store.join(code), 2, 1, 1)
    assert phones.presence(code) == {"here": 0, "photos": 0, "voted": 1}
    seen = told(phones, code)
    assert (seen["ask"], seen["guesses"]) == ("How much?", ["little", "much"])
    assert seen["page"] == "/lesions?lesson=one&step=2"
    assert seen["rounds"] == [{"number": 1, "open": True, "counts": None}]
    store.vote_again(code)
    assert [each["counts"] for each in told(phones, code)["rounds"]] == [None, None]
    store.reveal(code, 2, Outcome(0, "80 % are left."))
    seen = told(phones, code)
    assert [each["counts"] for each in seen["rounds"]] == [[0, 1], [0, 0]]
    assert (seen["right"], seen["said"]) == (0, "80 % are left.")


@pytest.mark.parametrize(("step", "guess"), [(2, 2), (2, -1), (1, 0), (0, 0), (9, 0)])
def test_a_guess_that_is_none(phones: Phones, store: Store, code: str, step: int, guess: int) -> None:
    store.go(code, 2, asks=True)
    with pytest.raises(ClassError, match="no such guess"):
        phones.vote(code, store.join(code), step, 1, guess)


def test_a_flood_from_one_is_held_and_not_from_others(phones: Phones, store: Store, code: str) -> None:
    store.go(code, 2, asks=True)
    one, other = store.join(code), store.join(code)
    for _ in range(BURST):
        phones.vote(code, one, 2, 1, 0)
    with pytest.raises(ClassError, match="Too many"):
        phones.vote(code, one, 2, 1, 0)
    phones.vote(code, other, 2, 1, 0)


def test_a_stream_tells_the_own_votes_then_every_change_then_the_end(phones: Phones, store: Store, code: str) -> None:
    async def follow() -> None:
        student = store.join(code)
        store.go(code, 2, asks=True)
        store.vote(code, student, 2, 1, 1)
        phones.changed(code)
        stream: AsyncIterator[str] = phones.stream(code, student)
        assert await anext(stream) == "event: mine\ndata: [[2, 1, 1]]\n\n"
        assert phones.here(code) == 1
        assert '"step": 2' in await anext(stream)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await asyncio.to_thread(store.go, code, 1, asks=False)
        await asyncio.to_thread(phones.changed, code)  # as a page script does
        assert '"step": 1' in await asyncio.wait_for(waiting, 5)
        store.end(code)
        phones.changed(code)
        assert (await anext(stream)).startswith("event: over")
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        assert phones.here(code) == 0

    asyncio.run(follow())


def test_two_phones_of_one_student_are_one(phones: Phones, store: Store, code: str) -> None:
    async def follow() -> None:
        student = store.join(code)
        streams = [phones.stream(code, student) for _ in range(2)]
        for stream in streams:
            await anext(stream)
        assert phones.here(code) == 1
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]
        assert phones.here(code) == 0

    asyncio.run(follow())


def test_a_photo_waits_only_if_the_teacher_lets_it_and_is_shown_once(phones: Phones, store: Store, code: str) -> None:
    one, other = store.join(code), store.join(code)
    with pytest.raises(ClassError, match="No photo can be sent now"):
        phones.photo(code, one, b"a")
    phones.let_photos(code, allowed=True)
    assert told(phones, code)["photos"]
    with pytest.raises(ClassError, match="Join the class first"):
        phones.photo(code, "nobody", b"a")
    phones.photo(code, one, b"first")
    phones.photo(code, other, b"other")
    phones.photo(code, one, b"second")  # in place of the first
    assert [phones.next_photo(code) for _ in range(3)] == [b"second", b"other", None]
    phones.photo(code, other, b"again")
    phones.let_photos(code, allowed=False)
    assert phones.next_photo(code) is None
