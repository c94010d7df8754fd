"""The class on a server: its time, its memory, and what the server counts of its own networks."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.load.compare import errors
from tests.load.visitor import Visitor
from tests.load.walk import ARRIVAL, Seen, rounds, take, walk
from tests.serving import Server, running

Walk = list[Seen]
NEW = 10**6  # where the numbers of ever new photos begin
READINGS = 20  # of the memory
FULL = 500  # actions after which the caches are full
PROBE = Path(__file__).with_name("probe.py")
TRACEBACK = re.compile(r"Traceback.*?\n(?=\S)[^\n]*", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Group:
    """The walks of some students, the seconds until all had ended, and the processor's seconds in the server."""

    walks: list[Walk]
    seconds: float
    processor: float


@dataclass(frozen=True)
class Reading:
    """Resident bytes of a server after so many actions."""

    actions: int
    resident: int


@dataclass(frozen=True)
class Weights:
    """How many copies of its weights a server holds of each network, and the bytes of all weights."""

    copies: dict[str, int]
    bytes: int


@contextmanager
def fresh(folder: Path, name: str, problems: list[str]) -> Iterator[Server]:
    """A server that nobody has visited and that can count; a traceback in what it says becomes a problem."""
    program = (str(PROBE), str(folder / f"{name}.json"))
    with running(folder / f"{name}.log", program) as server:
        yield server
    problems += [f"{name}: {text}" for text in TRACEBACK.findall(server.said())]


def resident(server: Server) -> int:
    """Bytes of the server in the main memory."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())
    assert found is not None
    return 1024 * int(found[1])


def processor(server: Server) -> float:
    """Seconds that the server has used of all cores together."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def walked(server: Server, number: int, limit: float) -> Walk:
    """One student's walk, up to its end or to the first trouble."""
    visitor = Visitor(server.url, limit)
    seen: Walk = []
    with closing(visitor.line):
        for step in walk(number):
            seen.append(take(visitor, step))
            if seen[-1].trouble:
                break
    return seen


def group(server: Server, sessions: int, at_once: int, limit: float) -> Group:
    """All walks, so many at once."""
    before, started = processor(server), time.monotonic()
    with ThreadPoolExecutor(at_once) as pool:
        walks = list(pool.map(lambda number: walked(server, number, limit), range(sessions)))
    return Group(walks, time.monotonic() - started, processor(server) - before)


def kept_busy(server: Server, sessions: int, actions: int, limit: float, problems: list[str]) -> list[Reading]:
    """So many sessions go on with ever new photos; what a student may not see becomes a problem."""
    photos, turns, lock = itertools.count(NEW), itertools.count(1), threading.Lock()
    readings = [Reading(0, resident(server))]

    def act(number: int) -> None:
        visitor = Visitor(server.url, limit)
        steps = itertools.chain([ARRIVAL], rounds(photos, number))
        with closing(visitor.line):
            while (turn := next(turns)) <= actions:
                seen = take(visitor, next(steps))
                with lock:
                    problems.extend(f"action {turn}: {text}" for text in errors(seen))
                    if turn % max(1, actions // READINGS) == 0:
                        readings.append(Reading(turn, resident(server)))
                if seen.trouble:
                    break

    with ThreadPoolExecutor(sessions) as pool:
        list(pool.map(act, range(sessions)))
    return sorted(readings, key=lambda reading: reading.actions)


def slope(readings: list[Reading]) -> float | None:
    """Bytes that each action adds once the caches are full; None if there are too few readings to tell."""
    late = [reading for reading in readings if reading.actions >= FULL]
    if len(late) < 4:
        return None
    return statistics.linear_regression([r.actions for r in late], [r.resident for r in late]).slope


def counted(server: Server) -> Weights:
    """What the server counts of its own networks while nobody asks it for anything."""
    file = server.log.with_suffix(".json")
    file.unlink(missing_ok=True)
    os.kill(server.pid, signal.SIGUSR1)
    for _ in range(600):
        if file.exists():
            return Weights(**json.loads(file.read_text()))
        time.sleep(0.1)
    raise AssertionError("the server did not count its networks")
