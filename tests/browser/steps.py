"""What a visitor does and sees, in the words of the tests. Everything waits for its outcome, nothing for a clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypedDict
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Error as Trouble
from playwright.sync_api import FilePayload, Locator, Page, expect
from playwright.sync_api import TimeoutError as Missing

PATIENCE = 120_000  # milliseconds: a busy machine is slow, not broken
LIST_OPEN = 5_000  # milliseconds in which an open list shows its options
APP = "[data-testid=stApp]"
IDLE = f"{APP}[data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
# a list that opens before the page has scrolled to it closes again
NEXT_FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
STILL = """() => [...document.images].every(image => image.complete)
    && document.getAnimations().every(
        each => each.playState === "finished" || each.effect.getComputedTiming().endTime === Infinity)"""
EXCUSED = ".family, pre, [data-testid=stDataFrame], [data-collapsed=true]"  # tables, code, a sidebar that is shut
OVERFLOWING = """excused =>
    [...document.querySelectorAll("html, body, main, [data-testid=stApp], [data-testid=stApp] *")]
    .filter(e => e.scrollWidth > e.clientWidth + 1 && !e.closest(excused))
    .filter(e => e.matches("html, body, main, [data-testid=stMain]")
        || ["auto", "scroll"].includes(getComputedStyle(e).overflowX))
    .map(e => `${e.tagName} ${e.dataset.testid ?? e.className}: ${e.scrollWidth} > ${e.clientWidth}`)"""

FOCUS = """() => document.activeElement.getAttribute("aria-label")
    ?? document.activeElement.closest("[role=radio]")?.querySelector("img")?.alt"""

expect.set_options(timeout=PATIENCE)


class Device(TypedDict, total=False):
    """Options of a browser context."""

    viewport: dict[str, int]
    color_scheme: str
    is_mobile: bool
    has_touch: bool


OpenPage = Callable[..., Page]
TakeTab = Callable[..., Page]
DESKTOP: Device = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}  # of many projectors
PHONE: Device = {
    "viewport": {"width": 390, "height": 844},
    "color_scheme": "dark",
    "is_mobile": True,
    "has_touch": True,
}


def settle(page: Page) -> None:
    """Wait until the script has ended, the pictures are here and nothing moves: a list closes when the page shifts.

    After a click, wait for its outcome first: the run may not have begun.
    """
    expect(page.locator(IDLE)).to_have_count(1)
    page.wait_for_function(STILL)


def box(page: Page, label: str) -> Locator:
    """The select box with this label."""
    return page.get_by_role("combobox", name=label, exact=True)


def choose(page: Page, label: str, option: str) -> None:
    """Pick an option with the mouse, or with the finger on a touch screen.

    A list closes when the page shifts under it, as it does when work ends; then it is opened again, as people do.
    """
    wanted = page.get_by_role("option", name=option, exact=True)
    for _ in range(PATIENCE // LIST_OPEN):
        try:
            box(page, label).scroll_into_view_if_needed()
        except Missing:
            raise
        except Trouble:  # it was replaced meanwhile
            continue
        page.evaluate(NEXT_FRAME)
        box(page, label).click()
        try:
            wanted.click(timeout=LIST_OPEN)
        except Missing:
            continue
        break
    expect(box(page, label)).to_have_value(option)


def choose_photo(page: Page, title: str) -> None:
    """Click a small picture of the strip."""
    page.get_by_role("radio", name=title, exact=True).click()
    expect(page.get_by_role("radio", name=title, exact=True)).to_be_checked()


def tab_to(page: Page, label: str) -> None:
    """Move the focus with the Tab key until it stands on the widget with this label."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUS) == label:
            page.evaluate(NEXT_FRAME)
            return
    raise AssertionError(f"the Tab key never reaches {label!r}")


def choose_by_keyboard(page: Page, label: str, option: str) -> None:
    """Pick an option with Tab, arrows and Enter alone."""
    tab_to(page, label)
    page.keyboard.press("ArrowDown")  # opens the list at the present choice
    marked = page.locator("[role=option][data-focused=true]")
    expect(marked).to_have_count(1)
    names = page.get_by_role("option").all_inner_texts()
    way = names.index(option) - names.index(marked.inner_text())
    for _ in range(abs(way)):
        page.keyboard.press("ArrowDown" if way > 0 else "ArrowUp")
    expect(marked).to_have_text(option)
    page.keyboard.press("Enter")
    expect(box(page, label)).to_have_value(option)


def picture(page: Page, alt: str) -> Locator:
    """The pictures whose alternative text starts like this."""
    return page.get_by_role("img", name=re.compile(f"^{re.escape(alt)}"))


def photo_of(page: Page, title: str) -> Locator:
    """The picture of what the network sees."""
    return picture(page, f"{title}, cut to the centre square")


def upload(page: Page, name: str, content: bytes, where: str = "stMain") -> None:
    """Give a photo to the uploader in the page, or one behind "Your photo"; a checkpoint in the sidebar."""
    behind = page.get_by_role("button", name="Your photo")
    popover = where == "stMain" and behind.count() > 0
    if popover:
        behind.click()
    chooser = page.get_by_test_id("stPopoverBody") if popover else page.get_by_test_id(where)
    file: FilePayload = {"name": name, "mimeType": "image/jpeg", "buffer": content}
    chooser.locator("input[type=file]").last.set_input_files(file)
    if popover:
        expect(chooser).to_have_count(0)  # it does not stay over the answer


def open_downloads(page: Page, key: str) -> None:
    """The menu of what can be taken away of the chart, sheet or map with this key."""
    page.locator(f".st-key-{key}_downloads").get_by_role("button").first.click()


def url_choices(page: Page) -> dict[str, str]:
    """What the address says."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}


def problems(page: Page) -> list[str]:
    """What no page may show: an exception, a picture without words, sideways scrolling of more than a table."""
    found = [f"exception: {text}" for text in page.get_by_test_id("stException").all_inner_texts()]
    mute: list[Any] = page.locator("img").evaluate_all("all => all.filter(e => !e.alt.trim()).map(e => e.src)")
    found += [f"no alternative text: {source}" for source in mute]
    found += [f"too wide: {element}" for element in page.evaluate(OVERFLOWING, EXCUSED)]
    return found
