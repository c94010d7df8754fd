"""The classes of this server: one store, and one set of phones."""

from __future__ import annotations

from functools import cache

from app.classroom.phones import Phones
from app.classroom.store import Store
from app.course.shelf import course


@cache
def store() -> Store:
    """The store."""
    return Store.usual()


@cache
def phones() -> Phones:
    """The phones."""
    return Phones(store(), course)
