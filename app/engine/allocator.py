"""How memory goes back to the machine: garbage is looked for, and the C library returns what is free.

PyTorch asks for aligned memory, and glibc (seen with 2.36) hardly ever finds a free hole that fits. Where small
results lie between large ones that are freed, the heap of a server would grow for hours with nothing more in use.
Mapping every piece on its own would prevent that, but a forward pass would take twice as long.

Streamlit would look for garbage after every run of a page, through all that was ever imported: .streamlit/config.toml.
"""

from __future__ import annotations

import ctypes
import gc
import os
import threading
import time

ARENA_MAX = -8  # `M_ARENA_MAX` of malloc.h
EVERY = 5.0  # seconds between two looks for garbage and for holes, which take some tens of milliseconds


def _of_glibc(name: str) -> ctypes._NamedFuncPointer | None:
    """A function of glibc; None with another C library."""
    try:
        found: ctypes._NamedFuncPointer = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):  # musl and macOS have none, and Windows no such library
        return None
    return found


class Heap:
    """The heap of this process, with at most one arena per core, because each keeps holes of its own."""

    def __init__(self) -> None:
        self.trim = _of_glibc("malloc_trim")
        self._next = 0.0
        self._lock = threading.Lock()
        limit = _of_glibc("mallopt")
        if limit is not None:
            limit(ARENA_MAX, os.cpu_count() or 1)

    def give_back(self) -> None:
        """Free what is garbage, and return holes in the heap to the machine, at most every `EVERY` seconds."""
        if time.monotonic() < self._next or not self._lock.acquire(blocking=False):
            return
        try:
            gc.collect()
            if self.trim is not None:
                self.trim(0)
            self._next = time.monotonic() + EVERY
        finally:
            self._lock.release()


def keep_what_is_imported() -> None:
    """Leave what exists by now out of every later search for garbage: what is imported stays as long as the server."""
    gc.collect()
    gc.freeze()


heap = Heap()
