"""How results are kept: by reference, bounded in bytes, shared by all sessions.

A result that two sessions want at once is computed once; who waits for it may stop waiting.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from typing import Any, ParamSpec, TypeVar

from cachetools import LRUCache, cached
from cachetools.keys import hashkey

from app.engine.gate import LOOK, poll
from app.engine.sizes import size_of

P = ParamSpec("P")
R = TypeVar("R")


class Impatient(threading.Condition):
    """A condition whose waiter looks up every 100 ms, and leaves if the visitor has asked for something else."""

    def wait(self, timeout: float | None = None) -> bool:
        told = super().wait(LOOK if timeout is None else min(timeout, LOOK))
        poll()
        return told


def room(mebibytes: int) -> LRUCache[Hashable, Any]:
    """Where results of so many MiB together are kept; those that were asked for longest ago make way."""
    return LRUCache(mebibytes * 2**20, getsizeof=size_of)


def result_key(*args: Hashable, progress: object = None, **options: Hashable) -> Hashable:
    """What decides a result: everything but who watches it being made. No key keeps what it stands for in memory.

    An option that is None is as good as left out.
    """
    given = {name: _compared(value) for name, value in options.items() if value is not None}
    return hashkey(*map(_compared, args), **given)


def _compared(value: Hashable) -> Hashable:
    """What a value is told apart by: a `Photo` or a `Net` by its digest, a record by being the same one."""
    if isinstance(value, tuple):
        return tuple(map(_compared, value))
    if not is_dataclass(value):
        return value
    if type(value).__eq__ is object.__eq__:
        return weakref.ref(value)
    return type(value), *(_compared(getattr(value, field.name)) for field in fields(value) if field.compare)


def kept(
    results: LRUCache[Hashable, Any],
    key: Callable[..., Hashable] = result_key,
    changed: threading.Condition | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A function whose results stay in `results`, which only `changed` may touch besides."""
    return cached(results, key=key, condition=changed or Impatient())
