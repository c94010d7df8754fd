"""Every page on a phone and on a desktop, in both themes, and without the internet."""

from __future__ import annotations

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, WebSocket, expect
from pytest_playwright import CreateContextCallback

from app.pages import PAGES
from tests.browser.steps import (
    APP,
    DESKTOP,
    PATIENCE,
    PHONE,
    Device,
    OpenPage,
    choose,
    photo_of,
    picture,
    problems,
    settle,
)

LAST = {  # by path: what a page draws last of all
    "/": lambda page: picture(page, "Grad-CAM for church"),
    "/?compare=true&net2=ResNet-20": lambda page: page.get_by_text("32 × 32 pixels").first,
    "/feature_maps": lambda page: page.get_by_test_id("stPlotlyChart").last,
    "/gradients?depths_cifar=20": lambda page: page.locator(".st-key-ends").get_by_test_id("stPlotlyChart"),
    "/training_replay": lambda page: page.get_by_test_id("stTable"),
    "/attributions?net=ResNet-20&weights=CIFAR-10": lambda page: page.locator(".st-key-edit_regions svg"),
    "/architecture": lambda page: page.get_by_test_id("stDataFrame"),
}
PATHS = list(LAST)
CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"


def test_the_list_of_pages_is_complete() -> None:
    assert len({urlsplit(path).path for path in PATHS}) == len(PAGES)


def wait_for_content(page: Page, path: str) -> None:
    expect(LAST[path](page)).to_be_visible()
    settle(page)


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone, dark", "desktop, light"])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_too_wide_or_without_words_or_asked_of_another_machine(
    new_context: CreateContextCallback, path: str, screen: Device
) -> None:
    page = new_context(**screen).new_page()
    page.set_default_timeout(PATIENCE)
    asked: list[str] = []

    def note(request: Request | WebSocket) -> None:
        asked.append(request.url)

    page.context.on("request", note)
    page.on("websocket", note)
    page.goto(path)
    wait_for_content(page, path)
    assert page.evaluate("[innerWidth, document.documentElement.clientWidth]") == [screen["viewport"]["width"]] * 2
    assert problems(page) == []
    if screen == DESKTOP:
        page.set_viewport_size({"width": 1100, "height": 900})  # a tablet, or half of a wide screen
        settle(page)
        assert problems(page) == []
    addresses = [address for address in map(urlsplit, asked) if address.scheme not in {"data", "blob"}]
    assert {"http", "ws"} <= {address.scheme for address in addresses}
    assert {address.hostname for address in addresses} <= {"127.0.0.1", "localhost"}


def test_a_finger_reaches_the_network_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(**PHONE)
    wait_for_content(page, "/")
    page.get_by_test_id("stExpandSidebarButton").tap()
    choose(page, "Network", "ResNet-20")
    expect(page.get_by_role("combobox", name="Weights of ResNet-20")).to_be_in_viewport()
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").tap()
    expect(page.get_by_text("32 × 32 pixels").first).to_be_visible()
    expect(photo_of(page, "The Summer Palace")).to_be_visible()
    settle(page)
    assert problems(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_visitor(open_page: OpenPage, scheme: str) -> None:
    theme = tomllib.loads(CONFIG.read_text())["theme"][scheme]
    page = open_page(color_scheme=scheme)
    wait_for_content(page, "/")
    expect(page.locator(APP)).to_have_css("background-color", rgb(theme["backgroundColor"]))
    expect(page.get_by_role("heading", level=1)).to_have_css("color", rgb(theme["textColor"]))
    assert (brightness(theme["backgroundColor"]) > brightness(theme["textColor"])) == (scheme == "light")


def rgb(colour: str) -> str:
    """`#10161d` as browsers compute it."""
    return f"rgb({', '.join(str(channel) for channel in bytes.fromhex(colour[1:]))})"


def brightness(colour: str) -> int:
    return sum(bytes.fromhex(colour[1:]))
