"""Proves that one server holds a class: `python -m tests.load`.

Thirty students without browsers, each with a photo of their own, walk every page at once. The same walks are repeated
one after the other on a second server, and each alone on a fresh one: every page must show the same. All go on with
ever new photos while the memory of the first server is read. Prints Markdown for app/README.md. Ends with 1 if anything
was wrong that a student sees, if a server logged a traceback, if its memory grows or holds weights twice. Linux only.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.load import report
from tests.load.compare import differences, errors, mistaken
from tests.load.measure import Group, fresh, group, growth, kept_busy, resident, walked
from tests.serving import Server

WARM_UP = 10**5  # the number of the walk by which a server has loaded all that it loads once
MOST = 40  # problems that are listed


def say(text: str) -> None:
    """Print at once: a run takes long."""
    print(text, flush=True)  # noqa: T201


def students(argv: list[str] | None) -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--memory", action="store_true", help="only read the memory, without comparing what is seen")
    parser.add_argument(
        "--less", type=int, default=1, help="with `--memory`: caches so many times smaller are full early"
    )
    parser.add_argument("--actions", type=int, default=3000, help="with ever new photos, while the memory is read")
    parser.add_argument("--alone", type=int, help="walks that are repeated on a fresh server each; all if left out")
    parser.add_argument("--limit", type=float, default=600, help="seconds that an action may take")
    return parser.parse_args(argv)


def class_at_once(folder: Path, asked: argparse.Namespace, problems: list[str]) -> Group:
    """All at once, then all with ever new photos."""
    with fresh(folder, "at once", problems) as server:
        walked(server, WARM_UP, asked.limit)
        one = resident(server)
        students_at_once = group(server, asked.sessions, asked.sessions, asked.limit)
        long_day(server, one, asked, problems)
    return students_at_once


def long_day(server: Server, one: int, asked: argparse.Namespace, problems: list[str]) -> None:
    """All with ever new photos, while the memory is read; `one` was resident after one session."""
    readings = kept_busy(
        server, asked.sessions, asked.actions, asked.limit, problems, lambda reading: say(report.at_rest(reading))
    )
    for line in report.memory(one, readings):
        say(line)
    found = growth(readings)
    if found is not None and found.most > report.GROWTH:
        problems.append("the memory grows")
    problems += [f"{count} copies of the weights of {name}" for name, count in readings[-1].copies.items() if count > 1]


def class_in_turn(folder: Path, asked: argparse.Namespace, problems: list[str]) -> Group:
    """One after the other, on a server of their own."""
    with fresh(folder, "in turn", problems) as server:
        walked(server, WARM_UP, asked.limit)
        return group(server, asked.sessions, 1, asked.limit)


def compared_with_alone(folder: Path, asked: argparse.Namespace, groups: dict[str, Group], problems: list[str]) -> None:
    """Each walk alone on a fresh server, against what the same student saw among others."""
    for number in range(asked.sessions if asked.alone is None else min(asked.alone, asked.sessions)):
        with fresh(folder, f"student {number} alone", problems) as server:
            alone = walked(server, number, asked.limit)
        problems += [f"student {number} alone: {text}" for seen in alone for text in errors(seen)]
        for name, found in groups.items():
            for one, other in zip(found.walks[number], alone, strict=False):  # a walk that ended early is a problem
                who = f"student {number} {name} against alone"
                problems += [f"{who}: {text}" for text in differences(one, other)]


def wrong(name: str, found: Group) -> Iterator[str]:
    """What students of a group saw that they must not see."""
    for number, walk in enumerate(found.walks):
        for seen in walk:
            yield from (f"student {number} {name}: {text}" for text in errors(seen))
    yield from (f"{name}: {text}" for text in mistaken(found.walks))


def compared(folder: Path, asked: argparse.Namespace, problems: list[str]) -> None:
    """At once, in turn and alone: whether all see the same, and how long it takes."""
    groups = {"at once": class_at_once(folder, asked, problems), "in turn": class_in_turn(folder, asked, problems)}
    for line in (*report.totals(*groups.values()), *report.latencies(*groups.values())):
        say(line)
    compared_with_alone(folder, asked, groups, problems)
    for where, found in groups.items():
        problems += wrong(where, found)


def memory_alone(folder: Path, asked: argparse.Namespace, problems: list[str]) -> None:
    """The memory of a server that one student has visited before all come with ever new photos."""
    with fresh(folder, "memory", problems, times=asked.less) as server:
        walked(server, WARM_UP, asked.limit)
        long_day(server, resident(server), asked, problems)


def main(argv: list[str] | None = None) -> int:
    """0 if all is well."""
    asked = students(argv)
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        (memory_alone if asked.memory else compared)(Path(name), asked, problems)
    say(f"\n{len(problems)} problems" + "".join(f"\n- {problem}" for problem in problems[:MOST]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
