"""What a first visit costs, counted in Chromium with an empty profile: `python -m tests.browser.first_visit`.

Counts the requests and the bytes, headers included, from the address to the moment when the first page stands and
nothing is on its way any more, the websocket's among them. "Packed" are the same bytes where a proxy sends pages,
scripts and styles as gzip of level 5.
"""

from __future__ import annotations

import gzip
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, Request, WebSocket, sync_playwright

from tests.browser.conftest import ARGUMENTS, NAMES
from tests.browser.steps import DESKTOP, PATIENCE, settle
from tests.serving import serving

PACKED = ("text/html", "application/javascript", "text/javascript", "text/css")  # as by the nginx of app/README.md
LEVEL = 5


@dataclass(frozen=True)
class Visit:
    """How many requests over HTTP, and how many bytes came back, as they were sent and packed."""

    requests: int
    received: int
    packed: int

    def __str__(self) -> str:
        return f"{self.requests} requests, {self.received / 1e6:.1f} MB received ({self.packed / 1e6:.1f} MB packed)"


def first_visit(page: Page, url: str) -> Visit:
    """Counts all that a page of a fresh context loads from `url`."""
    finished: list[Request] = []
    frames: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: frames.append(len(payload)))

    page.on("requestfinished", lambda request: finished.append(request))
    page.on("websocket", listen)
    page.goto(url)
    page.get_by_test_id("stMain").locator("img").first.wait_for()
    settle(page)
    page.wait_for_load_state("networkidle")
    done = [request for request in finished if request.url.startswith("http")]  # not what a page holds in itself
    sizes = [request.sizes() for request in done]
    received = sum(frames) + sum(size["responseHeadersSize"] + size["responseBodySize"] for size in sizes)
    return Visit(len(done), received, received - sum(map(_saved, done)))


def _saved(request: Request) -> int:
    """The bytes by which packing makes an answer smaller; 0 if it is packed already, or is not packed."""
    response = request.response()
    headers = response.headers if response is not None else {}
    if response is None or "content-encoding" in headers or headers.get("content-type", "").split(";")[0] not in PACKED:
        return 0
    body = response.body()
    return len(body) - len(gzip.compress(body, LEVEL))


def main() -> None:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        sys.exit(f"This needs a browser: install one of {', '.join(NAMES)}.")
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "log.txt") as url, sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_context(**DESKTOP).new_page()
        page.set_default_timeout(PATIENCE)
        print(first_visit(page, url))  # noqa: T201  (what the command is for)
        browser.close()


if __name__ == "__main__":
    main()
