"""A server that starts as the README says asks nobody on the internet for anything."""

from __future__ import annotations

import http.server
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import ROOT, START


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    """The address of a proxy for all that leaves the machine by HTTP, and what was asked of it."""
    asked: list[str] = []

    class Noting(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(503)

        do_CONNECT = do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Noting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_nothing_is_asked_of_the_internet_when_a_server_starts(proxy: tuple[str, list[str]], tmp_path: Path) -> None:
    address, asked = proxy
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-P", "-m", "streamlit", "run", "app/main.py", f"--server.port={port}"]
    through = {**os.environ, **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), address)}
    log = tmp_path / "log.txt"
    with log.open("wb") as output, subprocess.Popen(command, cwd=ROOT, env=through, stdout=output, stderr=output) as it:
        try:
            _wait_for_words(log, "You can now view")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=60) as answer:
                assert answer.read() == b"ok"
        finally:
            it.terminate()
            it.wait(timeout=60)
    assert asked == []
    assert "http://localhost:" in log.read_text()


def _wait_for_words(log: Path, words: str) -> None:
    for _ in range(5 * START):
        if words in log.read_text(errors="replace"):
            return
        time.sleep(0.2)  # nothing tells when a server writes
    raise AssertionError(log.read_text(errors="replace"))
