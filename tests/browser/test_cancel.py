"""A closed tab, another photo or page: the server's log says that the work was left."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from app.engine.gate import SLOW
from tests.browser.steps import PATIENCE, TakeTab, choose_photo
from tests.serving import Server

MINUTES_OF_WORK = "/predict?net=ResNet-152&weights=random weights&method=LIME"
CANCELLED = re.compile(r"^LIME of ResNet-152.*: .*, cancelled$", re.MULTILINE)


def wait_until_logged(page: Page) -> None:
    """LIME is at work, for so long that its end stands in the log."""
    expect(page.get_by_text(re.compile("% of the passes are done"))).to_be_visible()
    page.wait_for_timeout(1000 * (SLOW + 3))  # the line may be that of the work before, for a moment


def test_work_that_nobody_waits_for_is_left(server: Server, tab: TakeTab) -> None:
    """Another photo, another page, a closed tab."""
    page = tab()
    page.goto(MINUTES_OF_WORK)
    wait_until_logged(page)
    is_left(server, lambda: choose_photo(page, "Chelsea the cat"))
    wait_until_logged(page)
    is_left(server, lambda: page.get_by_role("link", name="Architecture").click())
    page.get_by_role("link", name="Predict").click()
    wait_until_logged(page)
    is_left(server, page.close)
    assert "Traceback" not in server.said()


def is_left(server: Server, leave: Callable[[], object]) -> None:
    """The log tells of one more piece of work that was left."""
    before = len(CANCELLED.findall(server.said()))
    leave()
    for _ in range(PATIENCE // 100):
        if len(CANCELLED.findall(server.said())) > before:
            break
        time.sleep(0.1)
    assert len(CANCELLED.findall(server.said())) == before + 1, server.said()
