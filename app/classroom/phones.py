"""What phones see of a class, and the streams that tell them when it changes. Knows no Streamlit."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Mapping
from threading import Lock
from typing import Any

from app.classroom.records import Class, ClassError
from app.classroom.store import Store
from app.course.lesson import Lesson
from app.course.reading import MOST_GUESSES

BEAT = 20.0  # seconds between signs of life on a stream
BURST, WINDOW = 10, 5.0  # so many requests in so many seconds from one student
PHOTOS = 3  # from one student in a minute
MOST_PHOTOS = 30  # that wait
JOINS = 600  # from one address in a minute: a room can share one


def seen_by_students(found: Class, lesson: Lesson | None, store: Store) -> dict[str, Any]:
    """The step, its question and, once they are shown, the votes and what was measured."""
    if lesson is None:
        raise ClassError("The lesson of this class is not on this server.")
    seen: dict[str, Any] = {
        "code": found.code,
        "title": lesson.title,
        "step": found.step,
        "steps": len(lesson.steps),
    }
    if not found.step:
        return seen
    step = lesson.steps[found.step - 1]
    address = step.address(lesson.name, found.step)
    seen |= {"heading": step.title, "text": step.text, "page": address}
    asked = step.question
    if asked is None or not found.rounds:
        return seen
    guesses = [guess.says for guess in asked.guesses]
    rounds = [
        {
            "number": each.number,
            "open": each.open,
            "counts": store.counts(found.code, found.step, each.number, len(guesses)) if each.shown else None,
        }
        for each in found.rounds
    ]
    seen |= {"ask": asked.ask, "guesses": guesses, "rounds": rounds}
    if found.outcome is not None:
        seen |= {"right": found.outcome.place, "said": found.outcome.said}
    return seen


class Phones:
    """The open streams of every class. Changes may come from any thread."""

    def __init__(self, store: Store, lessons: Callable[[], Mapping[str, Lesson]]) -> None:
        self._store, self._lessons = store, lessons
        self._lock = Lock()
        self._streams: dict[str, dict[asyncio.Event, tuple[asyncio.AbstractEventLoop, str]]] = defaultdict(dict)
        self._said: dict[str, str] = {}  # what the phones of a class were told last
        self._closing = False
        self._changes: dict[str, int] = defaultdict(int)
        self._photos: dict[str, dict[str, bytes]] = {}  # of classes whose teacher lets students send one, by student
        self._asked: dict[str, deque[float]] = defaultdict(deque)

    def here(self, code: str) -> int:
        """How many students have a stream open."""
        with self._lock:
            return len({student for _, student in self._streams.get(code, {}).values()})

    def presence(self, code: str) -> dict[str, int]:
        """How many are here, how many photos wait, and, if a vote is open, how many have voted. Raises `ClassError`."""
        found = self._store.find(code)
        seen = {"here": self.here(code), "photos": self.photos(code)}
        if found.rounds and found.rounds[-1].open:
            seen["voted"] = sum(self._store.counts(code, found.step, found.rounds[-1].number, MOST_GUESSES))
        return seen

    def changed(self, code: str) -> None:
        """Tell the phones of a class what it looks like now."""
        with self._lock:
            self._said.pop(code, None)
            self._changes[code] += 1
            waiting = dict(self._streams.get(code, {}))
        for event, (loop, _) in waiting.items():
            loop.call_soon_threadsafe(event.set)

    def close(self) -> None:
        """End all streams: a server that stops waits for them."""
        self._closing = True
        for code in list(self._streams):
            self.changed(code)

    def now(self, code: str) -> str:
        """What the phones of a class are told, as JSON. Raises `ClassError`."""
        with self._lock:
            known, changes = self._said.get(code), self._changes[code]
        if known is None:
            found = self._store.find(code)
            seen = seen_by_students(found, self._lessons().get(found.lesson), self._store)
            known = json.dumps({**seen, "photos": self.takes_photos(code)})
            with self._lock:
                if changes == self._changes[code]:  # or this is old already
                    self._said[code] = known
        return known

    def vote(self, code: str, student: str, step: int, number: int, guess: int) -> None:
        """Count a guess. Raises `ClassError`."""
        self.hold(f"vote {code} {student}")
        lesson = self._lessons().get(self._store.find(code).lesson)
        asked = lesson.steps[step - 1].question if lesson and 0 < step <= len(lesson.steps) else None
        if asked is None or not 0 <= guess < len(asked.guesses):
            raise ClassError("There is no such guess.")
        self._store.vote(code, student, step, number, guess)

    def let_photos(self, code: str, *, allowed: bool) -> None:
        """Whether students may send a photo to the projector; those that were not shown are dropped if not."""
        with self._lock:
            if allowed:
                self._photos.setdefault(code, {})
            else:
                self._photos.pop(code, None)
        self.changed(code)

    def takes_photos(self, code: str) -> bool:
        """Whether students may send one."""
        return code in self._photos

    def photo(self, code: str, student: str, content: bytes) -> None:
        """Keep a student's photo for the projector, in place of an earlier one. Raises `ClassError`."""
        self.hold(f"photo {code} {student}", PHOTOS, 60.0)
        self.admit(code, student)
        with self._lock:
            waiting = self._photos.get(code)
            if waiting is None or len(waiting) >= MOST_PHOTOS:
                raise ClassError("No photo can be sent now.")
            waiting[student] = content

    def photos(self, code: str) -> int:
        """How many photos wait."""
        return len(self._photos.get(code, ()))

    def next_photo(self, code: str) -> bytes | None:
        """The photo that has waited longest; it waits no more."""
        with self._lock:
            waiting = self._photos.get(code) or {}
            return waiting.pop(next(iter(waiting))) if waiting else None

    def admit(self, code: str, student: str) -> None:
        """Raises `ClassError` if there is no such class, or the student has not joined it."""
        self._store.find(code)
        if not self._store.knows(code, student):
            raise ClassError("Join the class first.")

    async def stream(self, code: str, student: str) -> AsyncIterator[str]:
        """Server-sent events: the student's own votes, then the class whenever it changes."""
        event = asyncio.Event()
        with self._lock:
            self._streams[code][event] = (asyncio.get_running_loop(), student)
        try:
            yield _event("mine", json.dumps(self._store.votes_of(code, student)))
            while not self._closing:
                event.clear()
                try:
                    yield _event("class", self.now(code))
                except ClassError as error:
                    yield _event("over", json.dumps(str(error)))
                    return
                while not event.is_set():
                    try:
                        await asyncio.wait_for(event.wait(), BEAT)
                    except TimeoutError:
                        yield ": here\n\n"
        finally:
            with self._lock:
                self._streams[code].pop(event, None)
                if not self._streams[code]:
                    del self._streams[code]

    def hold(self, who: str, most: int = BURST, window: float = WINDOW) -> None:
        """Raise `ClassError` for more than `most` requests in `window` seconds from one."""
        now = time.monotonic()
        with self._lock:
            times = self._asked[who]
            while times and times[0] < now - window:
                times.popleft()
            if len(times) >= most:
                raise ClassError("Too many requests. Wait some seconds.")
            times.append(now)
            if len(self._asked) > 10_000:
                self._asked.clear()


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"
