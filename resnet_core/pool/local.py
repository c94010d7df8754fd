"""The cores of this machine: many tasks in threads, each with one thread of PyTorch."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from resnet_core.pool.interface import Result, Results, Task, results
from resnet_core.pool.single_thread import single_thread
from resnet_core.progress import Progress

THREADS = "on-cores"  # begins the names of the threads


class LocalPool:
    """This machine: `workers` threads, None for one a core. Nothing is copied, so tasks may be anything."""

    def __init__(self, workers: int | None = None) -> None:
        self.cores = workers or os.cpu_count() or 1

    def run(
        self,
        work: Callable[..., Result],
        tasks: Sequence[Task],
        *,
        shared: tuple[Any, ...] = (),
        sizes: Sequence[int] | None = None,
        progress: Progress | None = None,
    ) -> Results[Task, Result]:
        """As `Pool.run` says. Once the iterator is closed no thread is at work any more."""

        def alone(index: int, report: Progress) -> Result:
            with single_thread():
                return work(tasks[index], *shared, report)

        with ThreadPoolExecutor(self.cores, thread_name_prefix=THREADS) as pool:

            def submit(index: int, report: Progress) -> Future[Result]:
                return pool.submit(alone, index, report)

            yield from results(submit, tasks, at_once=lambda: len(tasks), sizes=sizes, progress=progress)
