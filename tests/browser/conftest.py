"""Browsers that visit a server as a user starts it."""

from __future__ import annotations

import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright

from app.classroom.store import WHERE
from tests.browser.steps import DESKTOP, PATIENCE, Device, OpenPage, TakeTab, settle
from tests.serving import Server, running

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
JAVASCRIPT = "--js-flags=--single-threaded --no-opt"  # no page lives long enough for better code to be worth its making
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
    JAVASCRIPT,
]


@pytest.hookimpl(trylast=True)  # after pytest has put together what shares a fixture of the session
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers come last: playwright leaves its event loop in the main thread until the end. Of them small files do.

    Processes take a file at a time; so none waits long for another one's last file.
    """
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (True, -tests[item.path], item.path) if item.path.is_relative_to(HERE) else (False,))


def installed(own: str) -> str | None:
    """The Chromium of this machine, else playwright's `own` if it is there."""
    return next(filter(None, map(shutil.which, NAMES)), own if Path(own).exists() else None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], playwright: Playwright) -> dict[str, Any]:
    """The Chromium of this machine, or playwright's own. Without one the tests are skipped, in CI they fail."""
    path = installed(playwright.chromium.executable_path)
    if path is None:
        reason = f"no browser: install one of {', '.join(NAMES)}, or run `playwright install chromium`"
        if os.environ.get("RESNET_EXPLORER_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return {**browser_type_launch_args, "executable_path": path, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def server(browser_type_launch_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that the tests share; asks for the browser first, so that none is started in vain."""
    folder = tmp_path_factory.mktemp("server")
    os.environ[WHERE] = str(folder / "classes.sqlite")
    with running(folder / "log.txt") as it:
        yield it
    assert "Traceback" not in it.said(), it.said()


@pytest.fixture(scope="session")
def base_url(server: Server) -> str:
    """Where pages are opened."""
    return server.url


@pytest.fixture(scope="session")
def idle() -> dict[str, list[Page]]:
    """Tabs by device. One that has shown a page opens the next with half the work, for its scripts are compiled."""
    return defaultdict(list)


@pytest.fixture
def tab(idle: dict[str, list[Page]], browser: Browser, base_url: str) -> Iterator[TakeTab]:
    """A blank tab of a device, in a browser context of its own. For Streamlit each address opened is a new visitor."""
    used: list[tuple[Device, Page]] = []

    def take(**device: Any) -> Page:
        wanted: Device = {**DESKTOP, **device}
        waiting = idle[repr(wanted)]
        page = waiting.pop() if waiting else browser.new_context(base_url=base_url, **wanted).new_page()
        page.set_default_timeout(PATIENCE)
        used.append((wanted, page))
        return page

    yield take
    for device, page in used:
        for other in page.context.pages:
            if other != page:
                other.close()
        if page.is_closed():
            page.context.close()
            continue
        page.goto("about:blank")
        page.set_viewport_size(device["viewport"])
        page.emulate_media(color_scheme=device["color_scheme"])
        page.mouse.move(0, 0)
        idle[repr(device)].append(page)


@pytest.fixture
def open_page(tab: TakeTab) -> OpenPage:
    """Opens an address, and waits until the page stands."""

    def opener(path: str = "/predict", **device: Any) -> Page:
        page = tab(**device)
        page.goto(path)
        page.get_by_test_id("stMain").locator(
            "img:not([data-testid=stButtonGroup] *), canvas, pre, .diagram svg, [role=application], "
            "[data-testid=stDataFrame], [data-testid=stPlotlyChart]"
        ).first.wait_for()
        settle(page)
        return page

    return opener
