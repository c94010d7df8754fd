"""How long work reports: `progress(done, total)`, at least every 200 ms; an exception raised in it cancels the work.

Work made of pieces that each report for themselves still shows one progress bar.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

Progress = Callable[[int, int], None]
RESOLUTION = 10_000  # a piece of the work ends at a share of this total, whatever the piece itself counts


def part_of(progress: Progress | None, before: int, here: int, whole: int) -> Progress | None:
    """The reports of a piece that weighs `here` of `whole`, after pieces that weigh `before`."""
    if progress is None:
        return None

    def report(done: int, total: int) -> None:
        progress(RESOLUTION * (before * total + here * done) // (whole * total), RESOLUTION)

    return report


def without_the_end(progress: Progress | None) -> Progress | None:
    """The same reports but the last, (total, total), which whoever does the whole work makes himself, once."""
    if progress is None:
        return None

    def report(done: int, total: int) -> None:
        progress(min(done, total - 1), total)

    return report


def not_yet(progress: Progress | None, total: int) -> Progress | None:
    """Reports, while what comes first is made, that nothing of `total` is done yet."""
    return None if progress is None else lambda _done, _total: progress(0, total)


def counter(progress: Progress | None, total: int) -> Callable[[], None]:
    """A function to be called after each of `total` pieces of work, which reports them to `progress`."""
    done = 0
    caller = threading.get_ident()

    def advance() -> None:
        nonlocal done
        done += 1
        # a GPU's backward pass runs on a thread of its own, where the caller's progress bar has no home
        if progress is not None and threading.get_ident() == caller:
            progress(done, total)

    return advance
