"""`resnet-explorer`: a server on this machine, and with `--lan` one for the room."""

from __future__ import annotations

import ipaddress
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from app import command
from tests.serving import Server, wait_for_health

ROOT = Path(__file__).parent.parent.parent


def test_only_lan_opens_the_server_to_others() -> None:
    assert "--server.address=127.0.0.1" in command.server(8501, lan=False)
    assert "--server.address=0.0.0.0" in command.server(8501, lan=True)


def test_the_address_for_phones_is_printed_with_a_qr_code(capsys: pytest.CaptureFixture[str]) -> None:
    ipaddress.ip_address(command.own_address())
    command.tell("http://192.168.0.7:8501")
    words, *code = capsys.readouterr().out.splitlines()
    assert words.endswith("http://192.168.0.7:8501")
    assert len({len(line) for line in code if line}) == 1  # a square of blocks
    assert len(code) > 10


def test_it_serves_from_any_folder(tmp_path: Path) -> None:
    script = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]["resnet-explorer"]
    module, _, function = script.partition(":")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = f"from {module} import {function}; {function}(['--port', '{port}'])"
    log = tmp_path / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=output, stderr=output) as process,
    ):
        try:
            server = Server(f"http://127.0.0.1:{port}", process.pid, log)
            wait_for_health(process, server)
            assert f"http://localhost:{port}" in server.said()
        finally:
            process.terminate()
