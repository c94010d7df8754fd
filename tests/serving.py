"""A server as a user starts it: what browsers and the load driver visit."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
START = 120  # seconds until a busy machine has started a server
STREAMLIT = ("-m", "streamlit")


@dataclass(frozen=True)
class Server:
    """One that runs: its address, its process and the file of what it says."""

    url: str
    pid: int
    log: Path

    def said(self) -> str:
        """Everything so far."""
        return self.log.read_text(errors="replace")


@contextmanager
def running(log: Path, program: Sequence[str] = STREAMLIT, port: int = 0) -> Iterator[Server]:
    """`streamlit run app/main.py` on `port`, or a free one, up to its first answer; `program` is what Python runs."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a server that was here may have left traces
        probe.bind(("127.0.0.1", port))
        host, port = probe.getsockname()
    command = [sys.executable, "-P", *program, "run", "app/main.py"]  # -P: no help from the current directory
    options = [f"--server.address={host}", f"--server.port={port}", "--server.fileWatcherType=none"]
    with log.open("wb") as output, subprocess.Popen([*command, *options], cwd=ROOT, stdout=output, stderr=output) as it:
        server = Server(f"http://{host}:{port}", it.pid, log)
        try:
            wait_for_health(it, server)
            yield server
        finally:
            it.terminate()
            try:
                it.wait(timeout=30)
            except subprocess.TimeoutExpired:
                it.kill()


@contextmanager
def serving(log: Path) -> Iterator[str]:
    """The address of a server; at the end its log must hold no traceback."""
    with running(log) as server:
        yield server.url
    assert "Traceback" not in server.said(), server.said()


def wait_for_health(process: subprocess.Popen[bytes], server: Server) -> None:
    """Until the first answer of a server."""
    for _ in range(5 * START):
        assert process.poll() is None, server.said()
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=10) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.2)  # the port is closed until the server listens, and nothing tells when it does
    raise AssertionError(f"the server never became healthy: {server.said()}")
