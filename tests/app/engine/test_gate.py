"""The gate: who gets a core when, and the end of work that nobody waits for."""

import contextlib
import logging
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor

import pytest
import torch

import resnet_core as rc
from app.engine import gate
from app.engine.gate import Gate
from app.engine.waiter import Waiter, waiter

LONG_ENOUGH = 30  # seconds that a test waits for what must happen


class Stop(BaseException):
    """What Streamlit raises in a session that has moved on."""


def stop(_done: int, _total: int) -> None:
    raise Stop


def silent(_done: int, _total: int) -> None:
    """Progress that goes nowhere."""


class Held:
    """Tasks that hold their slots at a gate until `end`."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.pool = ThreadPoolExecutor(16)

    def hold(self, gate: Gate, *, long: bool, progress: rc.Progress = silent) -> threading.Event:
        """One more, in a thread of its own; the event tells that it runs."""
        inside = threading.Event()

        def work() -> None:
            with gate.acquire_core("held", progress, long=long):
                inside.set()
                assert self.over.wait(LONG_ENOUGH)

        self.pool.submit(work)
        return inside

    def end(self) -> None:
        self.over.set()
        self.pool.shutdown()


@pytest.fixture
def held() -> Iterator[Held]:
    pieces = Held()
    yield pieces
    pieces.end()


def waits_for(true: Callable[[], bool]) -> None:
    until = threading.Event()
    for _ in range(100 * LONG_ENOUGH):
        if true():
            return
        until.wait(0.01)
    raise AssertionError("it never came true")


@pytest.mark.parametrize("long", [False, True])
def test_at_most_one_piece_of_each_kind_a_core(long: bool) -> None:
    door = Gate(2)
    inside, most, lock = 0, 0, threading.Lock()
    ready = threading.Barrier(6)

    def work(_: int) -> None:
        nonlocal inside, most
        ready.wait()
        with door.acquire_core("work", long=long):
            with lock:
                inside += 1
                most = max(most, inside)
            threading.Event().wait(0.05)
            with lock:
                inside -= 1

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert most == 2


def test_quick_work_passes_long_work_inside_and_in_the_queue(held: Held) -> None:
    door = Gate(1)
    assert held.hold(door, long=True).wait(LONG_ENOUGH)
    waiting = [held.hold(door, long=True) for _ in range(3)]
    done = []
    with door.acquire_core("a click"):
        done.append(True)
    assert done
    assert not any(each.is_set() for each in waiting)


def test_first_come_first_served(held: Held) -> None:
    door = Gate(1)
    assert held.hold(door, long=True).wait(LONG_ENOUGH)
    order: list[int] = []

    def work(number: int) -> None:
        with door.acquire_core("work", long=True):
            order.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for number, thread in enumerate(threads):
        thread.start()
        waits_for(lambda number=number: len(door._long.queue) == number + 1)
    held.end()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3]


def test_long_work_stands_aside_at_its_reports_while_quick_work_needs_the_core(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "PAUSE", 1e9)
    door = Gate(1)
    steps: list[int] = []
    goes_on = threading.Event()

    def work() -> None:
        with door.acquire_core("LIME", silent, long=True) as report:
            for step in range(3):
                report(step, 3)
                steps.append(step)
                goes_on.set()

    assert held.hold(door, long=False).wait(LONG_ENOUGH)
    thread = threading.Thread(target=work)
    thread.start()
    assert not goes_on.wait(0.5)
    assert steps == []
    held.end()
    thread.join(LONG_ENOUGH)
    assert steps == [0, 1, 2]


def test_long_work_keeps_a_core_that_quick_work_has_no_use_for(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PAUSE", 1e9)
    door = Gate(2)
    assert held.hold(door, long=False).wait(LONG_ENOUGH)
    with door.acquire_core("LIME", silent, long=True) as report:
        report(1, 2)  # would never return


def test_a_stream_of_clicks_does_not_stop_long_work_for_good(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PAUSE", 0.05)
    door = Gate(1)
    assert held.hold(door, long=False).wait(LONG_ENOUGH)
    with door.acquire_core("LIME", silent, long=True) as report:
        for step in range(5):
            report(step, 5)


def test_work_that_stands_aside_or_waits_ends_when_nobody_waits_for_it(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "PAUSE", 1e9)
    door = Gate(1)
    calls: list[int] = []

    def gives_up(done: int, _total: int) -> None:
        calls.append(done)
        if len(calls) == 3:
            raise Stop

    assert held.hold(door, long=False).wait(LONG_ENOUGH)
    with pytest.raises(Stop), door.acquire_core("LIME", gives_up, long=True) as report:
        report(1, 2)
    assert calls == [1, 1, 1]
    assert held.hold(door, long=True).wait(LONG_ENOUGH)  # the slot is free again
    with pytest.raises(Stop), door.acquire_core("LIME", stop, long=True):
        raise AssertionError("it had no slot")
    assert not door._long.queue


def test_a_full_queue_says_so_at_once(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PEOPLE", 2)
    door = Gate(2)
    for _ in range(2):
        assert held.hold(door, long=True).wait(LONG_ENOUGH)
    for _ in range(4):  # two people with a sweep each
        held.hold(door, long=True)
    waits_for(lambda: len(door._long.queue) == 4)
    with (
        pytest.raises(rc.ResNetCoreError, match="4 long computations wait for this machine already"),
        door.acquire_core("LIME", silent, long=True),
    ):
        raise AssertionError("it had no slot")
    with door.acquire_core("a click"):  # which is still answered
        pass


def test_who_waits_hears_how_many_come_first(held: Held) -> None:
    door = Gate(1)
    assert held.hold(door, long=True).wait(LONG_ENOUGH)
    held.hold(door, long=True)
    waits_for(lambda: len(door._long.queue) == 1)
    heard: list[int] = []

    def tell(before: int) -> None:
        heard.append(before)
        if len(heard) == 2:
            raise Stop

    token = waiter.set(Waiter(silent, tell))
    try:
        with pytest.raises(Stop), door.acquire_core("LIME", silent, long=True):
            raise AssertionError("it had no slot")
    finally:
        waiter.reset(token)
    assert heard == [1, 1]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "done"),
        (ValueError(), "failed"),
        (Stop(), "cancelled"),
        (CancelledError(), "cancelled"),
    ],
)
def test_the_log_says_what_was_slow_and_how_it_ended(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, error: BaseException | None, outcome: str
) -> None:
    def work(what: str) -> None:
        with contextlib.suppress(ValueError, Stop, CancelledError), gate.acquire_core(what):
            if error is not None:
                raise error

    with caplog.at_level(logging.WARNING, "resnet_explorer"):
        work("saliency of ResNet-18")
        assert not caplog.messages
        monkeypatch.setattr(gate, "SLOW", 0.0)
        work("LIME of ResNet-152")
    (message,) = caplog.messages
    assert re.fullmatch(rf"LIME of ResNet-152: waited 0\.0 s, worked 0\.0 s, {outcome}", message)


@pytest.mark.parametrize(
    "error",
    [MemoryError(), torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("MPS backend out of memory (…)")],
)
@pytest.mark.parametrize("long", [False, True])
def test_work_that_gets_no_memory_is_explained_and_the_gate_opens_again(error: Exception, long: bool) -> None:
    door = Gate(1)
    for _ in range(3):
        with (
            pytest.raises(rc.ResNetCoreError, match="more memory than the machine has free"),
            door.acquire_core("work", silent, long=long),
        ):
            raise error


def test_pytorchs_own_allocator_is_known_by_its_words() -> None:
    with pytest.raises(rc.ResNetCoreError, match="more memory than the machine has free"), gate.acquire_core("work"):
        torch.empty(2**55)


def test_other_errors_keep_their_names() -> None:
    with pytest.raises(RuntimeError, match="must match the size"), gate.acquire_core("work"):
        torch.ones(2) + torch.ones(3)
