"""Caches for results: by reference, bounded in bytes, shared by all sessions.

A result that two sessions ask for at the same time is computed once; a session that waits for it may stop waiting.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from typing import Any, ParamSpec, TypeVar

import cachetools
from cachetools import LRUCache
from cachetools.keys import hashkey

from app.engine.gate import CHECK_EVERY, raise_if_cancelled
from app.engine.sizes import size_of

P = ParamSpec("P")
R = TypeVar("R")


class CancellableCondition(threading.Condition):
    """A condition that checks every 100 ms, while it waits, whether the visitor has asked for something else."""

    def wait(self, timeout: float | None = None) -> bool:
        notified = super().wait(CHECK_EVERY if timeout is None else min(timeout, CHECK_EVERY))
        raise_if_cancelled()
        return notified


def new_cache(mebibytes: int) -> LRUCache[Hashable, Any]:
    """A cache for results of so many MiB together; the least recently used ones are dropped first."""
    return LRUCache(mebibytes * 2**20, getsizeof=size_of)


def result_key(*args: Hashable, progress: object = None, **options: Hashable) -> Hashable:
    """The key of a result: all arguments but `progress` and options that are None. Holds no photo, file or record."""
    set_options = {name: _key_part(value) for name, value in options.items() if value is not None}
    return hashkey(*map(_key_part, args), **set_options)


def _key_part(value: Hashable) -> Hashable:
    """What stands for a value in a key: its digest for a `Photo` or a `Net`, the identity for a record."""
    if isinstance(value, tuple):
        return tuple(map(_key_part, value))
    if not is_dataclass(value):
        return value
    if type(value).__eq__ is object.__eq__:
        return weakref.ref(value)
    return type(value), *(_key_part(getattr(value, field.name)) for field in fields(value) if field.compare)


def cached(
    results: LRUCache[Hashable, Any],
    key: Callable[..., Hashable] = result_key,
    changed: threading.Condition | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator that keeps the results of a function in `results`, guarded by the condition `changed`."""
    return cachetools.cached(results, key=key, condition=changed or CancellableCondition())
