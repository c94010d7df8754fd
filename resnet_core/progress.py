"""How work reports progress: `progress(done, total)`, at least every 200 ms; an exception in it cancels the work.

Here the reports of several pieces become one progress bar.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

Progress = Callable[[int, int], None]
RESOLUTION = 10_000  # the total of the whole work, whatever its pieces count


def part_of(progress: Progress | None, before: int, here: int, whole: int) -> Progress | None:
    """The `progress` for a piece of weight `here` of `whole`, after pieces of weight `before`."""
    if progress is None:
        return None

    def report(done: int, total: int) -> None:
        progress(RESOLUTION * (before * total + here * done) // (whole * total), RESOLUTION)

    return report


def without_the_end(progress: Progress | None) -> Progress | None:
    """The same reports except the last, (total, total), which the caller makes once for the whole work."""
    if progress is None:
        return None

    def report(done: int, total: int) -> None:
        progress(min(done, total - 1), total)

    return report


def not_yet(progress: Progress | None, total: int) -> Progress | None:
    """Reports that nothing of `total` is done yet, while the preparation runs."""
    return None if progress is None else lambda _done, _total: progress(0, total)


def counter(progress: Progress | None, total: int) -> Callable[[], None]:
    """A function to be called after each of `total` pieces of work, which reports them to `progress`."""
    advance = counter_of_many(progress, total)
    return lambda: advance(1)


def counter_of_many(progress: Progress | None, total: int) -> Callable[[int], None]:
    """A function to be called with the number of pieces that were just done, of `total`; it may be 0."""
    done = 0
    caller = threading.get_ident()

    def advance(pieces: int) -> None:
        nonlocal done
        done += pieces
        # a GPU's backward pass runs on a thread of its own, which cannot draw the caller's progress bar
        if progress is not None and threading.get_ident() == caller:
            progress(done, total)

    return advance
