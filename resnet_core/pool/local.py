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
    """This machine: `workers` threads, None for one a core. Nothing is copied, so tasks may be anything.

    One worker is the caller's thread itself, which then passes every report on at once.
    """

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

        if self.cores == 1:
            yield from one_by_one(work, tasks, shared, sizes, progress)
            return
        with ThreadPoolExecutor(self.cores, thread_name_prefix=THREADS) as pool:

            def submit(index: int, report: Progress) -> Future[Result]:
                return pool.submit(alone, index, report)

            yield from results(submit, tasks, at_once=lambda: len(tasks), sizes=sizes, progress=progress)


def one_by_one(
    work: Callable[..., Result],
    tasks: Sequence[Task],
    shared: tuple[Any, ...],
    sizes: Sequence[int] | None,
    progress: Progress | None,
) -> Results[Task, Result]:
    """The tasks on the caller's thread. An exception of `progress` ends them and is passed on."""
    sizes = [1] * len(tasks) if sizes is None else sizes
    whole, before = sum(sizes), 0
    told: list[BaseException] = []
    for task, size in zip(tasks, sizes, strict=True):

        def report(done: int, total: int, before: int = before, size: int = size) -> None:
            if progress is not None:
                try:
                    progress(before + size * done // max(total, 1), whole)
                except BaseException as error:
                    told.append(error)
                    raise

        future: Future[Result] = Future()
        try:
            with single_thread():
                future.set_result(work(task, *shared, report))
        except Exception as error:
            if error in told:
                raise
            future.set_exception(error)
        before += size
        yield task, future
