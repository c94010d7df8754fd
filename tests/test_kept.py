"""How results are kept: one computation for all who want it, and nobody waits against their will."""

import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor

import pytest
from cachetools import LRUCache

from app import kept
from app.gate import wanted


def test_sessions_that_want_the_same_get_one_result() -> None:
    calls: list[int] = []
    begun, over = threading.Event(), threading.Event()

    @kept.kept(LRUCache(4))
    def square(number: int, *, progress: object = None) -> list[int]:
        calls.append(number)
        begun.set()
        assert over.wait(30)
        return [number**2]

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(square, 3, progress="one watches")
        assert begun.wait(30)
        second = pool.submit(square, 3, progress="another watches")
        over.set()
        assert first.result() is second.result() is square(3)
    assert calls == [3]


def test_who_waits_for_anothers_result_may_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stop(BaseException):
        pass

    begun, over = threading.Event(), threading.Event()

    @kept.kept(LRUCache(4))
    def slow() -> str:
        begun.set()
        assert over.wait(30)
        return "done"

    def gone() -> None:
        raise Stop

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(slow)
        assert begun.wait(30)
        monkeypatch.setattr(kept, "poll", gone)
        with pytest.raises(Stop):
            slow()
        over.set()
        assert first.result() == "done"
    assert slow() == "done"


def test_so_may_a_thread_that_draws_no_page() -> None:
    begun, over = threading.Event(), threading.Event()
    gone = threading.Event()

    @kept.kept(LRUCache(4))
    def slow() -> str:
        begun.set()
        assert over.wait(30)
        return "done"

    def leave(_done: int, _total: int) -> None:
        if gone.is_set():
            raise CancelledError

    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1, initializer=wanted.set, initargs=(leave,)) as other:
        first = one.submit(slow)
        assert begun.wait(30)
        second = other.submit(slow)
        gone.set()
        with pytest.raises(CancelledError):
            second.result(30)
        over.set()
        assert first.result() == "done"
