"""A class of phones against a server as a user starts it: are votes counted, how soon, at what cost?

`python -m tests.load.phones` prints a table; the server is killed and started again in the middle of a question.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import re
import signal
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import async_playwright, expect

from app.classroom.store import WHERE
from tests.browser.conftest import ARGUMENTS, installed
from tests.browser.steps import IDLE, PATIENCE
from tests.serving import Server, running

T = TypeVar("T")
LESSON = "take-a-block-away"
STEP, GUESSES = 2, 3
PORTS = 10_000, 30_000  # none that the phones' own ends could take while the server is away
REST = 10.0  # seconds in which phones only wait


@dataclass
class Phone:
    """One student: the votes that were sent, and when each state of the class came."""

    url: str
    code: str
    student: str = ""
    seen: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    async def post(self, path: str, data: dict[str, Any]) -> dict[str, Any]:
        """An answer of the server; again until there is one."""
        body = json.dumps(data).encode()
        while True:
            try:
                reader, writer = await self._open()
                writer.write(self._head("POST", f"/class/{self.code}/{path}", len(body)) + body)
                answer = await asyncio.wait_for(reader.read(), 30)
                writer.close()
                head, _, found = answer.partition(b"\r\n\r\n")
                if not head:
                    raise ConnectionError
                parsed: dict[str, Any] = json.loads(found[found.index(b"{") : found.rindex(b"}") + 1])
                return parsed
            except OSError:
                await asyncio.sleep(0.5)

    async def listen(self) -> None:
        """Follow the class until it is over; a lost connection is opened again."""
        while True:
            try:
                reader, writer = await self._open()
                writer.write(self._head("GET", f"/class/{self.code}/stream?student={self.student}", 0))
                while line := await reader.readline():
                    if line.startswith(b"event: over"):
                        return
                    if line.startswith(b"data: {"):
                        self.seen.append((time.perf_counter(), json.loads(line[6:])))
                writer.close()
            except OSError:
                pass
            await asyncio.sleep(0.5)

    async def vote(self, guess: int) -> None:
        """Guess, at the step of the lesson."""
        answer = await self.post("vote", {"student": self.student, "step": STEP, "round": 1, "guess": guess})
        assert answer == {"counted": guess}, answer

    async def sees(self, what: Callable[[dict[str, Any]], object]) -> float:
        """When this phone first saw a state like this."""
        return (await self._first(what))[0]

    async def state(self, what: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """The first state like this."""
        return (await self._first(what))[1]

    async def _first(self, what: Callable[[dict[str, Any]], object]) -> tuple[float, dict[str, Any]]:
        while True:
            found = next((each for each in self.seen if what(each[1])), None)
            if found is not None:
                return found
            await asyncio.sleep(0.01)

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self.url)
        return await asyncio.open_connection(parts.hostname, parts.port)

    def _head(self, method: str, path: str, length: int) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {urlsplit(self.url).netloc}", "Connection: close"]
        return ("\r\n".join([*lines, f"Content-Length: {length}"]) + "\r\n\r\n").encode()


@dataclass
class Found:
    """What was measured: seconds, and the server's processor time in milliseconds a second and phone."""

    phones: int
    joined: float = 0.0
    waiting: float = 0.0
    step_seen: float = 0.0
    counted: float = 0.0
    revealed: float = 0.0
    votes: list[int] = field(default_factory=list)


async def hold(log: Path, count: int, *, idle: float = REST) -> Found:
    """A class that joins, waits, votes while its server is killed and starts again, and sees what is measured."""
    found = Found(count)
    with ExitStack() as servers:
        port = random.randrange(*PORTS)
        server = servers.enter_context(running(log, port=port))
        async with async_playwright() as playwright:
            path = installed(playwright.chromium.executable_path)
            browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
            teacher = await (await browser.new_context(viewport={"width": 1280, "height": 720})).new_page()
            await teacher.goto(f"{server.url}/lessons")
            await teacher.locator(f".st-key-teach_{LESSON}").get_by_role("button", name="Teach").first.click()
            await expect(teacher).to_have_url(re.compile("room="), timeout=PATIENCE)
            code = parse_qs(urlsplit(teacher.url).query)["room"][-1]
            await expect(teacher.get_by_text("0 here")).to_be_visible(timeout=PATIENCE)
            alone = await _cost(server, idle)

            phones = [Phone(server.url, code) for _ in range(count)]
            start = time.perf_counter()
            for phone, answer in zip(phones, await _all(each.post("join", {}) for each in phones), strict=True):
                phone.student = answer["student"]
            streams = [asyncio.ensure_future(phone.listen()) for phone in phones]
            await _all(phone.sees(lambda state: state["step"] == 0) for phone in phones)
            found.joined = time.perf_counter() - start
            await expect(teacher.get_by_text(f"{count} here")).to_be_visible(timeout=PATIENCE)
            found.waiting = 1000 * (await _cost(server, idle) - alone) / count

            await teacher.locator(".st-key-lesson_next button").click()
            await _all(phone.sees(lambda state: state["step"] == 1) for phone in phones)
            await teacher.locator(IDLE).wait_for()
            start = time.perf_counter()
            await teacher.get_by_role("button", name="Next").click()
            found.step_seen = max(await _all(phone.sees(lambda state: "ask" in state) for phone in phones)) - start

            half = count // 2
            await _all(phone.vote(place % GUESSES) for place, phone in enumerate(phones[:half]))
            late = [asyncio.ensure_future(phone.vote(place % GUESSES)) for place, phone in enumerate(phones[half:])]
            await asyncio.sleep(0.05)  # some of these votes are on their way
            os.kill(server.pid, signal.SIGKILL)
            await asyncio.to_thread(_free, port)
            server = await asyncio.to_thread(servers.enter_context, running(log.with_suffix(".again"), port=port))
            await asyncio.gather(*late)
            start = time.perf_counter()
            await expect(teacher.get_by_text(f"{count} voted")).to_be_visible(timeout=PATIENCE)
            found.counted = time.perf_counter() - start

            await teacher.get_by_role("button", name="Show the votes").click()
            shown = await _all(phone.state(_counted) for phone in phones)
            found.votes = _counted(shown[0])
            await teacher.locator(IDLE).wait_for()
            start = time.perf_counter()
            await teacher.get_by_role("button", name="Measure").click()
            found.revealed = max(await _all(phone.sees(lambda state: "said" in state) for phone in phones)) - start
            await teacher.locator(IDLE).wait_for()  # a list that opens closes when the page is drawn again
            await teacher.get_by_text("End the class").click()
            await teacher.get_by_role("button", name="End and delete").click()
            await asyncio.gather(*streams)
            await browser.close()
    return found


def _counted(state: dict[str, Any]) -> list[int]:
    """The votes of the first round, if they are shown."""
    return next((each["counts"] for each in state.get("rounds", []) if each["counts"]), [])


async def _all(work: Iterable[Awaitable[T]]) -> list[T]:
    return list(await asyncio.wait_for(asyncio.gather(*work), PATIENCE / 1000))


async def _cost(server: Server, seconds: float) -> float:
    """Processor time of the server in seconds a second."""
    before = _used(server)
    await asyncio.sleep(seconds)
    return (_used(server) - before) / seconds


def _used(server: Server) -> float:
    """Its seconds of processor so far. Linux only."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free(port: int) -> None:
    """Wait until nobody has this port: threads of a killed server take a moment to end."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return
        time.sleep(0.05)


def main() -> None:
    """Print what a class costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--phones", type=int, default=100)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[WHERE] = str(Path(folder) / "classes.sqlite")
        found = asyncio.run(hold(Path(folder) / "log.txt", parser.parse_args().phones))
    print(f"{found.phones} phones, {os.cpu_count()} cores, {platform.machine()}, server and phones on one machine")  # noqa: T201
    for name, value in asdict(found).items():
        print(f"{name:10} {value}")  # noqa: T201


if __name__ == "__main__":
    main()
