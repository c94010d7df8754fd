"""What every place for work offers: pieces in, results as they come, and one end for all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from typing import Any, Protocol, TypeVar

from resnet_core.errors import ClusterError
from resnet_core.progress import Progress

Task = TypeVar("Task")
Result = TypeVar("Result")
Results = Generator[tuple[Task, Future[Result]], None, None]
PATIENCE = 0.1  # seconds between two reports


class Pool(Protocol):
    """A place where work runs."""

    @property
    def cores(self) -> int:
        """How many pieces of work run at once."""

    def run(
        self,
        work: Callable[..., Result],
        tasks: Sequence[Task],
        *,
        shared: tuple[Any, ...] = (),
        sizes: Sequence[int] | None = None,
        progress: Progress | None = None,
    ) -> Results[Task, Result]:
        """Each task with its finished future, as they come; `work(task, *shared, report)` gives the result.

        `shared` are the large things that all tasks use, such as a network. On another machine only a function at the
        top level of a module can be found, and it gets copies of everything. `progress` counts the work done of all
        tasks, on the caller's thread and every 0.1 s: a task counts as much as its entry of `sizes` (None: 1 each), in
        shares as `report(done, total)` tells them.

        When the iterator is closed, or `progress` raises, tasks that have not begun are dropped, and `report` raises
        `CancelledError` in those at work. So close it (`contextlib.closing`) where an exception may leave the loop.
        """


def results(
    submit: Callable[[int, Progress], Future[Result]],
    tasks: Sequence[Task],
    *,
    at_once: Callable[[], int],
    sizes: Sequence[int] | None,
    progress: Progress | None,
) -> Results[Task, Result]:
    """The loop of `Pool.run`: `submit(index, report)` begins a task, of which `at_once()` are given away at a time.

    `report` raises `CancelledError` once nobody waits for results, and futures that are not done are then cancelled.
    """
    sizes = [1] * len(tasks) if sizes is None else sizes
    done = [0] * len(tasks)
    stop = threading.Event()
    waiting = iter(range(len(tasks)))
    running: dict[Future[Result], int] = {}

    def report_of(index: int) -> Progress:
        def report(pieces: int, total: int) -> None:
            if stop.is_set():
                raise CancelledError
            done[index] = sizes[index] * pieces // max(total, 1)

        return report

    try:
        while True:
            while len(running) < at_once() and (index := next(waiting, None)) is not None:
                running[submit(index, report_of(index))] = index
            if not running:
                return
            finished, _ = wait(running, timeout=PATIENCE, return_when=FIRST_COMPLETED)
            ended = sorted((running.pop(future), future) for future in finished)
            for index, future in ended:
                if not isinstance(future.exception(), ClusterError):  # which leaves work to be done elsewhere
                    done[index] = sizes[index]
            if progress is not None:
                progress(sum(done), sum(sizes))
            yield from ((tasks[index], future) for index, future in ended)
    finally:
        stop.set()
        for future in running:
            future.cancel()
