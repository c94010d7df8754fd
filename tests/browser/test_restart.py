"""A server starts, dies in mid-lesson and is started again: what was chosen is there, and what is lost is told."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import pictures
from tests.browser.steps import (
    APP,
    DESKTOP,
    PATIENCE,
    box,
    choose,
    choose_photo,
    photo_of,
    picture,
    problems,
    settle,
    upload,
    url_choices,
)
from tests.serving import Server, running

CHOICES = {"Network": "ResNet-20", "Show what mattered for": "dog", "Method": "Saliency"}
LINK = {"net": "ResNet-20", "sample": "A rocket", "class": "dog", "method": "Saliency"}
GONE = "The photo that was given here is not on this server"


def lasting_port() -> int:
    """A free port that no outgoing connection takes while no server listens there: systems give those higher ones."""
    for port in range(20_000, 20_100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("a hundred ports, and none is free")


@pytest.fixture(scope="module")
def first(browser_type_launch_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that nobody has visited yet, and that is going to die."""
    with running(tmp_path_factory.mktemp("restart") / "first.txt", port=lasting_port()) as server:
        yield server


COUNT_RUNS = f"""() => {{
    window.runs = 0
    const app = document.querySelector("{APP}")
    new MutationObserver(() => {{ runs += app.dataset.testScriptState === "running" }})
        .observe(app, {{attributeFilter: ["data-test-script-state"]}})
}}"""


@contextmanager
def restarted(first: Server, *pages: Page) -> Iterator[Server]:
    """Kill the server, see the tabs notice, and start another in its place; from then on they count as `runs`."""
    os.kill(first.pid, signal.SIGKILL)
    os.waitid(os.P_PID, first.pid, os.WEXITED | os.WNOWAIT)  # its port is free then
    for page in pages:
        expect(page.locator(f"{APP}[data-test-connection-state=CONNECTED]")).to_have_count(0)
        page.evaluate(COUNT_RUNS)
    with running(first.log.with_name("second.txt"), port=int(first.url.rpartition(":")[2])) as second:
        yield second
        assert "Traceback" not in second.said(), second.said()


def visit(browser: Browser, server: Server) -> Page:
    page = browser.new_page(**DESKTOP)
    page.set_default_timeout(PATIENCE)
    page.goto(f"{server.url}/predict")
    expect(picture(page, "Grad-CAM for ")).to_be_visible()
    settle(page)
    return page


def test_the_frame_stands_before_torch_is_loaded(page: Page, first: Server) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(f"{first.url}/predict", wait_until="commit")
    page.locator(f"{APP}:has(h1):has([data-testid=stSkeletonElement]):not(:has([role=combobox]))").wait_for()
    expect(picture(page, "Grad-CAM for church")).to_be_visible()
    expect(page.get_by_test_id("stSkeletonElement")).to_have_count(0)
    expect(page.get_by_text("Loading PyTorch")).to_have_count(0)

    settle(page)  # from here on the first visitor's page is like any other
    choose_photo(page, "A rocket")
    expect(photo_of(page, "A rocket")).to_be_visible()
    settle(page)
    choose(page, "Method", "Saliency")
    expect(picture(page, "Saliency for ")).to_be_visible()
    assert url_choices(page) == {"sample": "A rocket", "method": "Saliency"}
    assert "Traceback" not in first.said(), first.said()


def test_a_restart_costs_no_choice_and_loses_a_photo_in_so_many_words(first: Server, browser: Browser) -> None:
    chosen, given = visit(browser, first), visit(browser, first)
    for label, option in CHOICES.items():
        choose(chosen, label, option)
        settle(chosen)
    choose_photo(chosen, "A rocket")
    expect(photo_of(chosen, "A rocket")).to_be_visible()
    settle(chosen)
    expect(picture(chosen, "Saliency for dog: ")).to_be_visible()
    assert url_choices(chosen) == LINK
    jpeg = pictures.encode(pictures.quadrants(), "JPEG", quality=95)
    upload(given, "phone.jpg", jpeg)
    expect(photo_of(given, "phone.jpg")).to_be_visible()
    settle(given)
    with restarted(first, chosen, given):
        every_choice_is_there(chosen)
        the_photo_is_asked_for(given, jpeg)


def every_choice_is_there(page: Page) -> None:
    page.wait_for_function("runs > 0")  # by itself, with all choices
    expect(picture(page, "Saliency for dog: ")).to_be_visible()
    settle(page)
    choose(page, "Method", "Input x gradient")  # in a part of the page that is run alone
    expect(picture(page, "Input x gradient for dog: ")).to_be_visible()
    settle(page)
    page.reload()
    expect(picture(page, "Input x gradient for dog: ")).to_be_visible()
    settle(page)
    for label, option in {**CHOICES, "Method": "Input x gradient"}.items():
        expect(box(page, label)).to_have_value(option)
    expect(photo_of(page, "A rocket")).to_be_visible()
    assert url_choices(page) == {**LINK, "method": "Input x gradient"}
    assert problems(page) == []


def the_photo_is_asked_for(page: Page, jpeg: bytes) -> None:
    expect(page.get_by_text(GONE)).to_be_visible()
    expect(photo_of(page, "The Summer Palace")).to_be_visible()
    settle(page)
    page.reload()
    expect(page.get_by_text(GONE)).to_be_visible()
    expect(picture(page, "Grad-CAM for church: ")).to_be_visible()
    settle(page)
    assert problems(page) == []
    upload(page, "again.jpg", jpeg)
    expect(photo_of(page, "again.jpg")).to_be_visible()
    expect(page.get_by_text(GONE)).to_have_count(0)
