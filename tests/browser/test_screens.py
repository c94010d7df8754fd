"""Every page on a phone and on a desktop, in both themes, and without the internet."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Request, WebSocket, expect
from playwright.sync_api import TimeoutError as Missing

from app.pages import PAGES
from tests.browser.steps import (
    APP,
    DESKTOP,
    EXCUSED,
    OVERFLOWING,
    PHONE,
    OpenPage,
    TakeTab,
    box,
    choose,
    photo_of,
    picture,
    problems,
    settle,
)

LAST = {  # by path: what a page draws last of all
    "/": lambda page: page.get_by_alt_text("An astronaut"),
    "/predict": lambda page: picture(page, "Grad-CAM for church"),
    "/predict?compare=true&net2=ResNet-20": lambda page: page.get_by_text("32 × 32 pixels").first,
    "/feature_maps": lambda page: page.get_by_role("application").locator(".view").last,
    "/feature_maps?maps=Channels&histogram_open=true": lambda page: page.get_by_test_id("stPlotlyChart").last,
    "/feature_maps?maps=Along+depth": lambda page: page.get_by_test_id("stPlotlyChart").last,
    "/gradients?depths_cifar=20": lambda page: page.locator(".st-key-ends").get_by_test_id("stPlotlyChart"),
    "/lesions?net=ResNet-56&gone=layer2.3": lambda page: page.get_by_role("group", name="plain-56"),
    "/lesions?lesions=All+subnetworks": lambda page: page.get_by_test_id("stPlotlyChart").last,
    "/lesions?net=ResNet-56&lesions=Paths": lambda page: page.get_by_test_id("stPlotlyChart"),
    "/lesions?net=ResNet-56&lesions=Read-out": lambda page: page.get_by_test_id("stPlotlyChart"),
    "/lesions?net=ResNet-20&lesions=Test+set&study=Several": lambda page: page.get_by_test_id("stPlotlyChart"),
    "/training_replay": lambda page: page.get_by_text("How the errors were measured"),
    "/training_replay?replay=Paper": lambda page: page.get_by_test_id("stTable"),
    "/attributions?net=ResNet-20&weights=CIFAR-10": lambda page: page.get_by_text("Methods that are not in the list"),
    "/attributions?net=ResNet-20&weights=CIFAR-10&maps_part=Edit": lambda page: page.locator(
        ".st-key-edit_regions svg"
    ),
    "/lessons": lambda page: page.get_by_text("How the answer grows"),
    "/glossary": lambda page: page.get_by_text("training error"),
    "/architecture?sent=7": lambda page: page.locator("[data-node=head]"),
    "/architecture?anatomy=Numbers": lambda page: page.get_by_test_id("stDataFrame"),
}
PATHS = list(LAST)
Parts = Callable[[Page], tuple[Locator, Locator]]
FIRST: dict[str, Parts] = {  # by path: the end of the picture or chart, and the control that matters
    "/": lambda page: (page.get_by_role("img", name="ResNet-56 learns"), page.get_by_alt_text("An astronaut")),
    "/predict": lambda page: (picture(page, "Grad-CAM for church"), box(page, "Method")),
    "/predict?compare=true&net2=ResNet-20": lambda page: (picture(page, "Grad-CAM for truck"), box(page, "Method")),
    "/training_replay": lambda page: (legend(page), page.get_by_role("slider", name="Epoch")),
    "/training_replay?replay=Confusions": lambda page: (chart(page), page.get_by_role("slider", name="Epoch")),
    "/architecture": lambda page: (page.locator("[data-node=head]"), page.get_by_role("radio", name="C", exact=True)),
    "/architecture?anatomy=Numbers": lambda page: (chart(page), page.get_by_role("radio", name="C", exact=True)),
    "/feature_maps": lambda page: (page.get_by_role("application").locator(".ends"), button(page, "Next")),
    "/feature_maps?maps=Channels": lambda page: (page.get_by_role("grid").last, button(page, "Play")),
    "/feature_maps?maps=Along+depth": lambda page: (legend(page), box(page, "Compare with")),
    "/gradients?depths_cifar=20&source=noise&seeds=1": lambda page: (
        legend(page),
        page.get_by_role("button", name="110"),
    ),
    "/lesions": lambda page: (page.locator("[data-node='layer4.1']"), button(page, "Take out one more at random")),
    "/lesions?net=ResNet-56&gone=layer2.3": lambda page: (
        page.get_by_role("group", name="plain-56"),
        page.get_by_role("slider", name="Scale of F(x)"),
    ),
    "/lesions?lesions=All+subnetworks": lambda page: (legend(page), page.get_by_role("tab", name="Paths")),
    "/lesions?net=ResNet-20&lesions=Test+set": lambda page: (legend(page), page.get_by_text("What to notice")),
    "/attributions?net=ResNet-20&weights=CIFAR-10": lambda page: (
        page.get_by_role("img", name="Colour scale").first,
        button(page, "Another class"),
    ),
    "/attributions?net=ResNet-20&weights=CIFAR-10&maps_part=Edit": lambda page: (
        page.locator(".st-key-edit_regions svg"),
        button(page, "Take the map's top"),
    ),
}
REDRAWN = 20_000  # milliseconds until a busy machine has drawn a chart for another width
CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"


def test_the_list_of_pages_is_complete() -> None:
    assert len({urlsplit(path).path for path in PATHS}) == len(PAGES)


def wait_for_content(page: Page, path: str) -> None:
    expect(LAST[path](page)).to_be_visible()
    settle(page)


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_too_wide_or_without_words_or_asked_of_another_machine(tab: TakeTab, path: str) -> None:
    """On a dark phone, then light as on a projector, then as wide as a tablet or half of a wide screen."""
    page = tab(**PHONE)
    asked: list[str] = []

    def note(request: Request | WebSocket) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.on("websocket", note)
    page.goto(path)
    wait_for_content(page, path)
    assert_fits(page, PHONE["viewport"]["width"])
    assert_theme(page, "dark")
    page.emulate_media(color_scheme="light")
    for width in (DESKTOP["viewport"]["width"], 1100):
        page.set_viewport_size({"width": width, "height": 900})
        wait_for_content(page, path)
        assert_fits(page, width)
    assert_theme(page, "light")
    addresses = [address for address in map(urlsplit, asked) if address.scheme not in {"data", "blob"}]
    assert {"http", "ws"} <= {address.scheme for address in addresses}
    assert {address.hostname for address in addresses} <= {"127.0.0.1", "localhost"}


def chart(page: Page) -> Locator:
    return page.get_by_test_id("stPlotlyChart").first


def legend(page: Page) -> Locator:
    return chart(page).locator(".legend")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name).first


@pytest.mark.parametrize("path", FIRST)
def test_the_picture_and_the_control_that_matters_stand_on_the_first_screen(open_page: OpenPage, path: str) -> None:
    """Of a projector, beside the sidebar and as wide as without it."""
    page = open_page(path, viewport={"width": 1280, "height": 720})
    for width in (1280, 1600):
        page.set_viewport_size({"width": width, "height": 720})
        for part in FIRST[path](page):
            expect(part).to_be_visible()
            settle(page)
            place = part.bounding_box()
            assert place is not None
            assert 0 <= place["y"] <= place["y"] + place["height"] <= 720, (path, width, place)


def test_all_lessons_can_begin_on_the_first_screen(tab: TakeTab) -> None:
    page = tab(viewport={"width": 1280, "height": 720})
    page.goto("/lessons")
    wait_for_content(page, "/lessons")
    expect(button(page, "Begin")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Begin").last).to_be_in_viewport(ratio=1)


def test_a_finger_reaches_the_network_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(**PHONE)
    wait_for_content(page, "/predict")
    page.get_by_test_id("stExpandSidebarButton").tap()
    choose(page, "Network", "ResNet-20")
    expect(page.get_by_role("combobox", name="Weights of ResNet-20")).to_be_in_viewport()
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").tap()
    expect(page.get_by_text("32 × 32 pixels").first).to_be_visible()
    expect(photo_of(page, "The Summer Palace")).to_be_visible()
    settle(page)
    assert problems(page) == []


def assert_fits(page: Page, width: int) -> None:
    """Nothing that no page may show, no page wider than its window, and nothing over its heading."""
    assert page.evaluate("[innerWidth, document.documentElement.clientWidth]") == [width] * 2
    with suppress(Missing):  # a chart follows its window a moment later
        page.wait_for_function(f"excused => ({OVERFLOWING})(excused).length === 0", arg=EXCUSED, timeout=REDRAWN)
    assert problems(page) == []
    page.get_by_role("heading", level=1).click(trial=True, position={"x": 4, "y": 20})


def assert_theme(page: Page, scheme: str) -> None:
    """The theme follows the visitor."""
    theme = tomllib.loads(CONFIG.read_text())["theme"][scheme]
    expect(page.locator(APP)).to_have_css("background-color", rgb(theme["backgroundColor"]))
    expect(page.get_by_role("heading", level=1)).to_have_css("color", rgb(theme["textColor"]))
    assert (brightness(theme["backgroundColor"]) > brightness(theme["textColor"])) == (scheme == "light")


def rgb(colour: str) -> str:
    """`#10161d` as browsers compute it."""
    return f"rgb({', '.join(str(channel) for channel in bytes.fromhex(colour[1:]))})"


def brightness(colour: str) -> int:
    return sum(bytes.fromhex(colour[1:]))
