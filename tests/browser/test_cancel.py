"""A closed tab, another method, photo or page: the server's log says that the work was left."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.engine.gate import SLOW
from tests.browser.steps import PATIENCE, TakeTab, choose
from tests.serving import Server

MINUTES_OF_WORK = "/?net=ResNet-152&weights=random weights&method=LIME"
CANCELLED = re.compile(r"^LIME of ResNet-152.*: .*, cancelled$", re.MULTILINE)


@pytest.mark.parametrize(
    "leave",
    [
        pytest.param(lambda page: page.close(), id="closed tab"),
        pytest.param(lambda page: choose(page, "Method", "Saliency"), id="another method"),
        pytest.param(lambda page: choose(page, "Sample photo", "Chelsea the cat"), id="another photo"),
        pytest.param(lambda page: page.get_by_role("link", name="Architecture").click(), id="another page"),
    ],
)
def test_work_that_nobody_waits_for_is_left(server: Server, tab: TakeTab, leave: Callable[[Page], object]) -> None:
    page = tab()
    page.goto(MINUTES_OF_WORK)
    expect(page.get_by_text(re.compile("% of the passes are done"))).to_be_visible()
    page.wait_for_timeout(1000 * SLOW)  # less is not told in the log
    before = len(CANCELLED.findall(server.said()))
    leave(page)
    for _ in range(PATIENCE // 100):
        if len(CANCELLED.findall(server.said())) > before:
            break
        time.sleep(0.1)
    assert len(CANCELLED.findall(server.said())) == before + 1, server.said()
    assert "Traceback" not in server.said()
