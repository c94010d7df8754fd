"""The class on a server: its time, its memory, and what the server counts of its own networks."""

from __future__ import annotations

import itertools
import json
import math
import os
import re
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.load.compare import errors
from tests.load.visitor import Visitor
from tests.load.walk import ARRIVAL, Seen, rounds, take, walk
from tests.serving import Server, running

Walk = list[Seen]
NEW = 10**6  # where the numbers of ever new photos begin
READINGS = 20  # of the memory, about
PATIENCE = 60  # seconds until a server has counted
FULL = 0.98  # share of what the caches hold at the end, from which on they are full
PROBE = Path(__file__).with_name("probe.py")
TRACEBACK = re.compile(r"Traceback.*?\n(?=\S)[^\n]*", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Group:
    """The walks of some students, and the seconds until all had ended.

    `processor` are the seconds of all cores that the server used meanwhile, `others` the share of the cores that other
    programs took: where that is large, only `processor` compares.
    """

    walks: list[Walk]
    seconds: float
    processor: float
    others: float


@dataclass(frozen=True)
class Reading:
    """A server at rest after so many actions.

    `resident` are its bytes in the main memory, `used` those of them that it could not give back. `copies` says how
    often it holds the weights of each network, `weights` the bytes of them all, `kept` the bytes that its caches count.
    """

    actions: int
    resident: int
    used: int
    copies: dict[str, int]
    weights: int
    kept: int


@contextmanager
def fresh(folder: Path, name: str, problems: list[str], *, times: int = 1) -> Iterator[Server]:
    """A server that nobody has visited and that can count; a traceback in what it says becomes a problem.

    Its caches are so many `times` smaller.
    """
    program = (str(PROBE), str(folder / f"{name}.json"), str(times))
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


def others(server: Server) -> float:
    """Seconds that neither the server nor this program has used of all cores together."""
    user, nice, system, _, _, *interrupts = map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9])
    busy = (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")
    return busy - processor(server) - time.process_time()


def walked(server: Server, number: int, limit: float, most: int | None = None) -> Walk:
    """One student's walk, up to its end, to so many steps at most, or to the first trouble."""
    visitor = Visitor(server.url, limit)
    seen: Walk = []
    with closing(visitor.line):
        for step in walk(number)[:most]:
            seen.append(take(visitor, step))
            if seen[-1].trouble:
                break
    return seen


def group(server: Server, sessions: int, at_once: int, limit: float, most: int | None = None) -> Group:
    """All walks, so many at once, each of so many steps at most."""
    started, own, foreign = time.monotonic(), processor(server), others(server)
    with ThreadPoolExecutor(at_once) as pool:
        walks = list(pool.map(lambda number: walked(server, number, limit, most), range(sessions)))
    seconds = time.monotonic() - started
    share = (others(server) - foreign) / seconds / (os.cpu_count() or 1)
    return Group(walks, seconds, processor(server) - own, share)


def reading(server: Server, actions: int) -> Reading:
    """The server's memory while nobody asks it for anything."""
    file = server.log.with_suffix(".json")
    file.unlink(missing_ok=True)
    before = resident(server)
    os.kill(server.pid, signal.SIGUSR1)
    for _ in range(10 * PATIENCE):
        if file.exists():
            return Reading(actions, before, resident(server), **json.loads(file.read_text()))
        time.sleep(0.1)
    raise AssertionError("the server did not count its networks")


def kept_busy(
    server: Server, sessions: int, actions: int, limit: float, problems: list[str], tell: Callable[[Reading], None]
) -> list[Reading]:
    """So many sessions go on with ever new photos, and all stop for a moment whenever the memory is read.

    Every session does as many of the `actions` as the others; `tell` hears each reading at once. What no student may
    see becomes a problem, and ends it.
    """
    photos = itertools.count(NEW)
    each = math.ceil(actions / sessions)
    pace = max(1, each // READINGS)  # actions between two readings
    readings = [reading(server, 0)]

    def read() -> None:
        readings.append(reading(server, readings[-1].actions + pace * sessions))
        tell(readings[-1])

    pause = threading.Barrier(sessions, read)

    def act(number: int) -> None:
        visitor = Visitor(server.url, limit)
        steps = itertools.chain([ARRIVAL], rounds(photos, number))
        with closing(visitor.line), suppress(threading.BrokenBarrierError):
            for turn in range(1, each + 1):
                wrong = errors(take(visitor, next(steps)))
                if wrong:
                    problems.extend(f"action {turn} of session {number}: {text}" for text in wrong)
                    pause.abort()
                    break
                if turn % pace == 0:
                    pause.wait()

    with ThreadPoolExecutor(sessions) as pool:
        list(pool.map(act, range(sessions)))
    return readings


@dataclass(frozen=True)
class Growth:
    """Bytes in use that each action adds, the standard error of that, and the action from which on it was measured."""

    slope: float
    error: float
    start: int

    @property
    def most(self) -> float:
        """What an action may well add: the slope and its standard error."""
        return self.slope + self.error


def growth(readings: list[Reading]) -> Growth | None:
    """Of the readings with full caches; None if they are too few to tell."""
    late = [reading for reading in readings if reading.kept >= FULL * readings[-1].kept]
    if len(late) < 4:
        return None
    actions, used = [reading.actions for reading in late], [reading.used for reading in late]
    line = statistics.linear_regression(actions, used)
    residuals = [there - line.slope * here - line.intercept for here, there in zip(actions, used, strict=True)]
    spread = len(actions) * statistics.pvariance(actions)
    error = math.sqrt(sum(each**2 for each in residuals) / (len(actions) - 2) / spread)
    return Growth(line.slope, error, actions[0])
