"""The only gate to the processor: it hands out cores, and ends work that nobody waits for any more.

Each task computes with one thread of PyTorch. At most one quick and one long task run per core, first come, first
served; a long task pauses when it reports progress as long as quick tasks need its core, so that one student's LIME
does not hold up the clicks of the others.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager

import torch

import resnet_core as rc
from app.engine.allocator import heap
from app.engine.waiter import raise_if_cancelled, waiter

PEOPLE = 40  # whose long tasks may wait: a sweep asks for every core at once
PAUSE = 1.0  # the longest pause in seconds of a long task at one report, so that it ends some day
CHECK_EVERY = 0.1  # seconds between two checks of the queue, and of whether anybody still waits
SLOW = 3.0  # seconds; tasks that take longer are logged

TOO_LITTLE_MEMORY = (
    "This needs more memory than the machine has free just now. Choose something smaller, or try again in a moment."
)
REFUSED = ("out of memory", "DefaultCPUAllocator")  # what errors of GPUs and of PyTorch's own allocator say
LOST_DEVICE = (
    "The graphics card of this server does not answer any more. Ask whoever runs the server to restart it; then reload "
    "this page: its address keeps your choices."
)
BROKEN = ("CUDA error", "cuDNN error", "HIP error")  # what PyTorch says of a lost GPU, the first time and ever after

log = logging.getLogger("resnet_explorer")
torch.set_num_threads(1)


class Lane:
    """A queue for `slots` slots."""

    def __init__(self, slots: int, changed: threading.Condition) -> None:
        self.slots = slots
        self.changed = changed
        self.queue: deque[object] = deque()
        self.running = 0

    def acquire(self, on_position: Callable[[int], None]) -> None:
        """Wait for a slot; `on_position` is told how many tasks come first, and may raise to end the wait."""
        me = object()
        with self.changed:
            self.queue.append(me)
        try:
            while (before := self._try(me)) is not None:
                on_position(before)
        except BaseException:
            with self.changed:
                self.queue.remove(me)
                self.changed.notify_all()
            raise

    def _try(self, me: object) -> int | None:
        """Take a free slot and return None, or wait a moment and return how many tasks come first."""
        with self.changed:
            if self.running < self.slots and self.queue[0] is me:
                self.queue.popleft()
                self.running += 1
                return None
            self.changed.wait(CHECK_EVERY)
            return self.queue.index(me)

    def release(self) -> None:
        """Give the slot back."""
        with self.changed:
            self.running -= 1
            self.changed.notify_all()


class Gate:
    """One lane for quick tasks and one for long tasks, each with `cores` slots."""

    def __init__(self, cores: int) -> None:
        self.cores = cores
        self._changed = threading.Condition()
        self._quick, self._long = Lane(cores, self._changed), Lane(cores, self._changed)
        self._away = Lane(0, self._changed)  # long tasks on a cluster
        self._paused = 0  # long tasks

    @contextmanager
    def acquire_core(
        self, what: str, progress: rc.Progress = raise_if_cancelled, *, long: bool = False
    ) -> Iterator[rc.Progress]:
        """Wait for a core to do `what`; the wait ends early if nobody waits for the result any more.

        The value is a `progress` to hand on. Too little memory, a lost GPU and, for a long task, a queue that is too
        long already raise `rc.ResNetCoreError`.
        """
        lane = self._long if long else self._quick
        if long:
            check_length(lane, "this machine")
        with self._held(lane, what, progress):
            yield self._yielding(progress) if long else progress

    @contextmanager
    def acquire_away(self, what: str, progress: rc.Progress, cores: Callable[[], int]) -> Iterator[rc.Progress]:
        """The same for a core of a cluster, which has so many of them, maybe fewer or more by and by."""
        self._away.slots = cores()
        check_length(self._away, "the cluster")

        def watched(done: int, total: int) -> None:
            self._away.slots = cores()
            progress(done, total)

        with self._held(self._away, what, watched):
            yield progress

    @contextmanager
    def _held(self, lane: Lane, what: str, progress: rc.Progress) -> Iterator[None]:
        """A slot of a lane."""
        report_position = waiter.get().on_position

        def on_position(before: int) -> None:
            progress(0, 1)
            report_position(before)

        started = time.perf_counter()
        lane.acquire(on_position)
        begun = time.perf_counter()
        outcome = "cancelled"
        try:
            with explain_machine_errors():
                yield
            outcome = "done"
        except CancelledError:
            raise
        except Exception:
            outcome = "failed"
            raise
        finally:
            lane.release()
            waited, worked = begun - started, time.perf_counter() - begun
            if waited + worked > SLOW:
                log.warning("%s: waited %.1f s, worked %.1f s, %s", what, waited, worked, outcome)
            heap.give_back()

    def _yielding(self, progress: rc.Progress) -> rc.Progress:
        def report(done: int, total: int) -> None:
            progress(done, total)
            until = time.monotonic() + PAUSE
            while self._pause() and time.monotonic() < until:
                progress(done, total)

        return report

    def _pause(self) -> bool:
        """Wait a moment if quick tasks need the core; false if they do not."""
        with self._changed:
            quick = min(self.cores, len(self._quick.queue) + self._quick.running)
            if quick + self._long.running - self._paused <= self.cores:
                return False
            self._paused += 1
            self._changed.wait(CHECK_EVERY)
            self._paused -= 1
            return True


def check_length(lane: Lane, where: str) -> None:
    """Raise `rc.ResNetCoreError` if too many tasks wait already."""
    if len(lane.queue) >= PEOPLE * max(1, lane.slots):
        raise rc.ResNetCoreError(
            f"{len(lane.queue)} long computations wait for {where} already. Try again in a minute, or choose "
            "something that costs less."
        )


@contextmanager
def explain_machine_errors() -> Iterator[None]:
    """Turn too little memory and a lost GPU into one `rc.ResNetCoreError`; the work of others goes on."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        said = str(error)
        if isinstance(error, MemoryError) or any(words in said for words in REFUSED):
            raise rc.ResNetCoreError(TOO_LITTLE_MEMORY) from error
        if isinstance(error, torch.AcceleratorError) or any(words in said for words in BROKEN):
            log.error("the GPU is lost until the server is restarted: %s", said.partition("\n")[0])
            raise rc.ResNetCoreError(LOST_DEVICE) from error
        raise


_gate = Gate(os.cpu_count() or 1)
acquire_core, acquire_away = _gate.acquire_core, _gate.acquire_away
