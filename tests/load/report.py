"""The measured class as Markdown."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence

from tests.load.measure import Group, Reading, growth
from tests.load.walk import Seen

GOAL = 1.2  # times as long as the same work in turn
GROWTH = 16 * 2**10  # bytes that an action may add to the memory, the standard error with them


def sized(count: float) -> str:
    """Bytes in words."""
    small = f"{count / 2**10:.0f} KiB" if count >= 10 * 2**10 else f"{count / 2**10:.1f} KiB"
    return f"{count / 2**20:.1f} MiB" if count >= 2**20 else small


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share does not exceed; not a number if there are none."""
    return sorted(values)[math.ceil(share * len(values)) - 1] if values else math.nan


def latencies(together: Group, in_turn: Group) -> Iterator[str]:
    """A table with a row for each action: how long it takes alone and among all, and what goes over the line."""
    yield "| page | action | in turn, p50 | at once, p50 | at once, p95 | received | sent |"
    yield "|---|---|---|---|---|---|---|"
    for name in (seen.step.name for seen in max(together.walks, key=len)):
        once, turn = _named(together, name), _named(in_turn, name)
        seconds = [[seen.seconds for seen in side] for side in (turn, once, once)]
        times = [f"{percentile(each, share):.1f} s" for each, share in zip(seconds, (0.5, 0.5, 0.95), strict=True)]
        sizes = [statistics.median(seen.received for seen in once), statistics.median(seen.sent for seen in once)]
        cells = (once[0].step.page, once[0].step.what, *times, *map(sized, sizes))
        yield f"| {' | '.join(cells)} |"


def _named(found: Group, name: str) -> list[Seen]:
    """What every student of a group saw after one action."""
    return [seen for walk in found.walks for seen in walk if seen.step.name == name]


def totals(together: Group, in_turn: Group) -> Iterator[str]:
    """All walks at once against the same in turn."""
    sessions = len(together.walks)
    yield _ratio(f"time of {sessions} sessions at once", together.seconds, in_turn.seconds, f", goal at most {GOAL}x")
    yield _ratio("processor time of the server", together.processor, in_turn.processor)
    yield f"- other programs took {together.others:.0%} of the cores at once, {in_turn.others:.0%} in turn"


def _ratio(what: str, ours: float, reference: float, goal: str = "") -> str:
    return f"- {what}: {ours / reference:.2f}x the same in turn ({ours:.0f} / {reference:.0f} s{goal})"


def at_rest(reading: Reading) -> str:
    """One reading, in a line."""
    used, kept = sized(reading.used), sized(reading.kept)
    return f"- after {reading.actions} actions: {sized(reading.resident)}, {used} in use; caches count {kept}"


def memory(one: int, readings: list[Reading]) -> Iterator[str]:
    """The resident bytes after `one` session, and what the readings say."""
    yield f"- resident memory: {sized(one)} after one session, {sized(readings[0].resident)} before these actions"
    goal = f"(goal at most {GROWTH // 2**10} KiB, the error with it)"
    if (found := growth(readings)) is None:
        yield f"- growth in use with full caches: too few actions to tell {goal}"
    else:
        told = f"{found.slope / 2**10:+.0f} KiB an action, standard error {found.error / 2**10:.0f} KiB"
        yield f"- growth in use from action {found.start} on, with full caches: {told} {goal}"
    copies = ", ".join(f"{name} {count}" for name, count in sorted(readings[-1].copies.items()))
    yield f"- copies of weights in the server: {copies}; {sized(readings[-1].weights)} in all"
