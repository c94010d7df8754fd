"""A download over a slow network: it says how far it is, can be cancelled, leaves nothing, and holds up nobody."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.steps import DESKTOP, PATIENCE, choose, picture, problems, settle
from tests.serving import Server, running

DROP_SECONDS = 0.5  # between two bytes


def drip(connection: socket.socket) -> None:
    """Begin an answer that never ends."""
    with connection:
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while True:
                connection.sendall(b".")
                time.sleep(DROP_SECONDS)
        except OSError:
            return  # the other side has gone


@pytest.fixture
def slow_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A proxy that answers a byte at a time, for servers started later; the folder that their downloads go to."""
    with socket.create_server(("127.0.0.1", 0)) as proxy:

        def accept() -> None:
            while True:
                try:
                    connection, _ = proxy.accept()
                except OSError:
                    return  # closed at the end of the test
                threading.Thread(target=drip, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
        monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))
        yield tmp_path / "cache"


@pytest.fixture
def server(browser_type_launch_args: dict[str, Any], slow_network: Path, tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "log.txt") as it:
        yield it


def left_over(folder: Path) -> list[Path]:
    """The files that stay. The page runs anew beside the run that is cancelled, which ends at its next report."""
    for _ in range(100):
        if not any(path.is_file() for path in folder.rglob("*")):
            return []
        time.sleep(0.1)
    return [path for path in folder.rglob("*") if path.is_file()]


def visit(browser: Browser, address: str) -> Page:
    page = browser.new_page(**DESKTOP)
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    return page


def test_a_slow_download_can_be_cancelled_and_holds_up_nobody(
    server: Server, browser: Browser, slow_network: Path
) -> None:
    page = visit(browser, f"{server.url}/predict?net=ResNet-50&weights=ImageNet")
    start = page.get_by_role("button", name="Download 98 MB")
    start.click()
    cancel = page.get_by_role("button", name="Cancel")
    expect(page.get_by_text("0 of 98 MB")).to_be_visible()
    expect(cancel).to_be_visible()

    neighbour = visit(browser, f"{server.url}/predict")
    expect(picture(neighbour, "Grad-CAM for church: ")).to_be_visible()
    settle(neighbour)
    choose(neighbour, "Method", "Saliency")
    expect(picture(neighbour, "Saliency for church: ")).to_be_visible()

    expect(page.get_by_text("0 of 98 MB")).to_be_visible()  # the neighbour's clicks have not ended it
    cancel.click()
    expect(cancel).to_have_count(0)
    expect(start).to_be_visible()
    settle(page)
    expect(page.get_by_role("alert").filter(has_text="could not be downloaded")).to_have_count(0)
    assert left_over(slow_network) == []
    assert problems(page) == problems(neighbour) == []
    assert "Traceback" not in server.said(), server.said()
