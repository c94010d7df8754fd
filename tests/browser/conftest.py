"""Browsers that visit a server as a user starts it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright
from pytest_playwright import CreateContextCallback

from tests.browser.steps import DESKTOP, PATIENCE, OpenPage, settle
from tests.serving import Server, running

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@pytest.hookimpl(trylast=True)  # after pytest has put together what shares a fixture of the session
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers come last: playwright leaves its event loop in the main thread until the end."""
    items.sort(key=lambda item: item.path.is_relative_to(Path(__file__).parent))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], playwright: Playwright) -> dict[str, Any]:
    """The Chromium of this machine, or playwright's own. Without one the tests are skipped, in CI they fail."""
    own = playwright.chromium.executable_path
    path = next(filter(None, map(shutil.which, NAMES)), own if Path(own).exists() else None)
    if path is None:
        reason = f"no browser: install one of {', '.join(NAMES)}, or run `playwright install chromium`"
        if os.environ.get("RESNET_EXPLORER_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return {**browser_type_launch_args, "executable_path": path, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def server(browser_type_launch_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that the tests share; asks for the browser first, so that none is started in vain."""
    with running(tmp_path_factory.mktemp("server") / "log.txt") as it:
        yield it
    assert "Traceback" not in it.said(), it.said()


@pytest.fixture(scope="session")
def base_url(server: Server) -> str:
    """Where pages are opened."""
    return server.url


@pytest.fixture
def open_page(new_context: CreateContextCallback) -> OpenPage:
    """Opens an address in a browser of its own, and waits until the page stands."""

    def opener(path: str = "/", **device: Any) -> Page:
        context = new_context(**{**DESKTOP, **device})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(path)
        page.get_by_test_id("stMain").locator(
            "img, [data-testid=stDataFrame], [data-testid=stPlotlyChart]"
        ).first.wait_for()
        settle(page)
        return page

    return opener
