"""Work on the cores of this machine: many tasks in threads, results as they come, and one end for all."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from resnet_core.progress import Progress

Task = TypeVar("Task")
Result = TypeVar("Result")
PATIENCE = 0.1  # seconds between two reports
THREADS = "on-cores"  # begins the names of the threads


def on_cores(
    work: Callable[[Task, Progress], Result],
    tasks: Sequence[Task],
    *,
    sizes: Sequence[int] | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Generator[tuple[Task, Future[Result]], None, None]:
    """Each task with its finished future, as they come; `work(task, report)` runs in `workers` threads.

    `workers` None is one a core. `progress` counts the work done of all tasks, on the caller's thread and every 0.1 s:
    a task counts as much as its entry of `sizes` (None: 1 each), in shares as `report(done, total)` tells them.

    When the iterator is closed, or `progress` raises, tasks that have not begun are dropped, and `report` raises
    `CancelledError` in those at work. So close it (`contextlib.closing`) where an exception may leave the loop.
    """
    sizes = [1] * len(tasks) if sizes is None else sizes
    done = [0] * len(tasks)
    stop = threading.Event()

    def run(index: int) -> Result:
        def report(pieces: int, total: int) -> None:
            if stop.is_set():
                raise CancelledError
            done[index] = sizes[index] * pieces // max(total, 1)

        return work(tasks[index], report)

    with ThreadPoolExecutor(workers or os.cpu_count(), thread_name_prefix=THREADS) as pool:
        running = {pool.submit(run, index): index for index in range(len(tasks))}
        try:
            while running:
                finished, _ = wait(running, timeout=PATIENCE, return_when=FIRST_COMPLETED)
                ended = sorted((running.pop(future), future) for future in finished)
                for index, _ in ended:
                    done[index] = sizes[index]
                if progress is not None:
                    progress(sum(done), sum(sizes))
                yield from ((tasks[index], future) for index, future in ended)
        finally:
            stop.set()
            for future in running:
                future.cancel()
