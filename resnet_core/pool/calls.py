"""Calls of a function, done elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from resnet_core.pool.interface import Pool, Result, Task
from resnet_core.progress import Progress

SHARES = 1000  # in which progress is told


def call(pool: Pool, work: Callable[..., Result], *, progress: Progress | None, **shared: Any) -> Result:
    """`work(**shared, progress=...)` on one core of a pool; `shared` are large things, such as a network.

    Raises what `work` and `progress` raise, and as the pool does.
    """
    things = tuple(shared.values())
    run = pool.run(_called, [(work, tuple(shared))], shared=things, sizes=[SHARES], progress=progress)
    with closing(run) as results:
        _, future = next(results)
        result: Result = future.result()
        return result


def in_order(
    pool: Pool,
    work: Callable[..., Result],
    tasks: Sequence[Task],
    *,
    shared: tuple[Any, ...],
    sizes: Sequence[int],
    progress: Progress | None,
) -> list[Result]:
    """The results of `work(task, *shared, report)` for all tasks, in their order.

    Raises what one of them raised, and ends the others.
    """
    numbered = list(enumerate(tasks))
    found: dict[int, Result] = {}
    with closing(pool.run(_numbered, numbered, shared=(work, *shared), sizes=sizes, progress=progress)) as results:
        for (number, _), future in results:
            found[number] = future.result()
    return [found[number] for number in range(len(tasks))]


def _numbered(task: tuple[int, Any], work: Callable[..., Result], *rest: Any) -> Result:
    return work(task[1], *rest)


def _called(task: tuple[Callable[..., Result], tuple[str, ...]], *values: Any) -> Result:
    work, names = task
    *shared, report = values
    return work(**dict(zip(names, shared, strict=True)), progress=report)
