"""The only gate to the processor: whose turn it is, and the end of work that nobody waits for.

A piece of work computes with one thread of PyTorch. At most one piece of quick work and one of long work a core are
inside, first come, first served; long work pauses at its reports as long as quick work has use for its core, so that
one student's LIME does not hold up the clicks of the others.
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
from contextvars import ContextVar

import streamlit as st
import torch
from streamlit.runtime.scriptrunner import get_script_run_ctx

import resnet_core as rc
from app.engine.allocator import heap

PEOPLE = 40  # whose long work may wait: a sweep asks for every core at once
PAUSE = 1.0  # seconds that long work steps aside at most at one report, so that it ends some day
LOOK = 0.1  # seconds between two looks at the queue, and at whether anybody still waits
SLOW = 3.0  # seconds after which the log tells of a piece of work

TOO_LITTLE_MEMORY = (
    "This needs more memory than the machine has free just now. Choose something smaller, or try again in a moment."
)
REFUSED = ("out of memory", "DefaultCPUAllocator")  # what errors of GPUs and of PyTorch's own allocator say
LOST_DEVICE = (
    "The graphics card of this server does not answer any more. Ask whoever runs the server to restart it; then reload "
    "this page: your choices stand in its address."
)
BROKEN = ("CUDA error", "cuDNN error", "HIP error")  # what a GPU says that was lost, once and to all who ask later

log = logging.getLogger("resnet_explorer")
torch.set_num_threads(1)

tell_queue: ContextVar[Callable[[int], None]] = ContextVar("tell_queue", default=lambda _before: None)
"""Hears from a turn that waits how many pieces of work are before it."""


wanted: ContextVar[Callable[[int, int], None]] = ContextVar("wanted", default=lambda _done, _total: None)
"""Ends the work of a thread that draws no page itself, if nobody waits for it."""


def poll(done: int = 0, total: int = 0) -> None:
    """Stop here if the visitor has already asked for something else: any look at the session state does.

    But not within a fragment, whose own widgets Streamlit lets wait: there the work is short.
    """
    if get_script_run_ctx(suppress_warning=True) is not None:
        st.session_state.get("poll")
    wanted.get()(done, total)


class Lane:
    """A queue to `places` places."""

    def __init__(self, places: int, changed: threading.Condition) -> None:
        self.places = places
        self.changed = changed
        self.queue: deque[object] = deque()
        self.inside = 0

    def enter(self, before_me: Callable[[int], None]) -> None:
        """Wait for a place; `before_me` hears how many come first, and ends the wait by an exception."""
        me = object()
        with self.changed:
            self.queue.append(me)
        try:
            while (before := self._step(me)) is not None:
                before_me(before)
        except BaseException:
            with self.changed:
                self.queue.remove(me)
                self.changed.notify_all()
            raise

    def _step(self, me: object) -> int | None:
        """Go in, or look around again after a while: how many come first then."""
        with self.changed:
            if self.inside < self.places and self.queue[0] is me:
                self.queue.popleft()
                self.inside += 1
                return None
            self.changed.wait(LOOK)
            return self.queue.index(me)

    def leave(self) -> None:
        """Give the place back."""
        with self.changed:
            self.inside -= 1
            self.changed.notify_all()


class Gate:
    """Two lanes to `cores` cores."""

    def __init__(self, cores: int) -> None:
        self.cores = cores
        self._changed = threading.Condition()
        self._quick, self._long = Lane(cores, self._changed), Lane(cores, self._changed)
        self._paused = 0  # long work inside

    @contextmanager
    def turn(self, what: str, progress: rc.Progress = poll, *, long: bool = False) -> Iterator[rc.Progress]:
        """Wait for a core to do `what`, and leave the queue if nobody waits for the result any more.

        Hand the value to what takes `progress`. Work that gets no memory, or whose GPU is lost, ends as one
        `rc.ResNetCoreError`, and so does long work if the queue is too long already.
        """
        lane = self._long if long else self._quick
        if long and len(lane.queue) >= PEOPLE * self.cores:
            raise rc.ResNetCoreError(
                f"{len(lane.queue)} long computations wait for this machine already. Try again in a minute, or choose "
                "something that costs less."
            )
        tell = tell_queue.get()

        def before_me(before: int) -> None:
            progress(0, 1)
            tell(before)

        started = time.perf_counter()
        lane.enter(before_me)
        begun = time.perf_counter()
        end = "and left, for nobody waits for it"
        try:
            with mishaps():
                yield self._giving_way(progress) if long else progress
            end = "and done"
        except CancelledError:
            raise
        except Exception:
            end = "and failed"
            raise
        finally:
            lane.leave()
            waited, worked = begun - started, time.perf_counter() - begun
            if waited + worked > SLOW:
                log.warning("%s: %.1f s in the queue, %.1f s at work %s", what, waited, worked, end)
            heap.give_back()

    def _giving_way(self, progress: rc.Progress) -> rc.Progress:
        def report(done: int, total: int) -> None:
            progress(done, total)
            until = time.monotonic() + PAUSE
            while self._pause() and time.monotonic() < until:
                progress(done, total)

        return report

    def _pause(self) -> bool:
        """Stand aside for a moment if quick work has use for the core; false if it has not."""
        with self._changed:
            quick = min(self.cores, len(self._quick.queue) + self._quick.inside)
            if quick + self._long.inside - self._paused <= self.cores:
                return False
            self._paused += 1
            self._changed.wait(LOOK)
            self._paused -= 1
            return True


@contextmanager
def mishaps() -> Iterator[None]:
    """Work that gets no memory, or whose GPU is lost, ends as one `rc.ResNetCoreError`; what others compute goes on."""
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


turn = Gate(os.cpu_count() or 1).turn
