"""One call of a function, done elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

from resnet_core.pool.interface import Pool, Result
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


def _called(task: tuple[Callable[..., Result], tuple[str, ...]], *values: Any) -> Result:
    work, names = task
    *shared, report = values
    return work(**dict(zip(names, shared, strict=True)), progress=report)
