"""The presenter view by its keys, one picture alone in a frame, and what can be taken away of a chart."""

from __future__ import annotations

import struct
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import OpenPage, TakeTab, open_downloads, problems, settle, url_choices

GRADIENTS = "/gradients?depths_cifar=20&source=noise&seeds=1"


def slide(page: Page, name: str) -> Locator:
    return page.locator(f".st-key-slide_{name}")


WHOLE = """slide => {
    const {x, y, width, height} = document.querySelector(slide).getBoundingClientRect();
    return x === 0 && y === 0 && width === innerWidth && height <= innerHeight && innerHeight - height < 80;
}"""
SMALLER = """slide => {
    const {x, y, width, height} = document.querySelector(slide).getBoundingClientRect();
    const centred = Math.abs(x + width / 2 - innerWidth / 2) < 1 && width < innerWidth;
    return centred && y === 0 && height <= innerHeight && innerHeight - height < 80;
}"""
AS_WIDE_AS_COLUMNS = """() => {
    const pictures = [...document.querySelectorAll(".st-key-whole_maps [data-testid=stImage] img")];
    return pictures.length === 3 && pictures.every(one => one.offsetWidth === one.closest(".stColumn").offsetWidth);
}"""
UNCUT = "() => {const box = document.querySelector('.st-key-drawing'); return box.scrollHeight <= box.clientHeight}"
FILLED = """slide => {
    const [drawn, frame] = [".main-svg", "[data-testid=stPlotlyChart]"]
        .map(part => document.querySelector(`${slide} ${part}`).getBoundingClientRect());
    return ["x", "y", "width", "height"].every(side => drawn[side] === frame[side]);
}"""


def covers(page: Page, name: str, how: str = WHOLE) -> None:
    """It becomes the whole screen but for a bar at the foot, and nothing beside it can be seen."""
    page.wait_for_function(how, arg=f".st-key-slide_{name}")
    expect(page.get_by_role("heading", level=1)).not_to_be_visible()


def test_arrow_keys_go_from_picture_to_picture_and_escape_leaves(open_page: OpenPage) -> None:
    page = open_page(GRADIENTS)
    expect(slide(page, "ends").get_by_test_id("stPlotlyChart")).to_be_visible()
    settle(page)
    page.keyboard.press("p")
    place = page.get_by_role("toolbar", name="Presenter view")
    expect(place).to_contain_text("1 / 2")
    covers(page, "flow")
    settle(page)
    assert problems(page) == []
    high = slide(page, "flow").get_by_test_id("stPlotlyChart").bounding_box()["height"]
    page.set_viewport_size({"width": 1280, "height": 720})  # of many projectors: the chart makes room, not its letters
    expect(slide(page, "flow").get_by_test_id("stPlotlyChart")).not_to_have_css("height", f"{high:g}px")
    covers(page, "flow")
    page.wait_for_function(FILLED, arg=".st-key-slide_flow")
    page.keyboard.press("ArrowRight")
    expect(place).to_contain_text("2 / 2")
    covers(page, "ends")
    page.keyboard.press("ArrowLeft")
    expect(place).to_contain_text("1 / 2")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(place).to_have_count(0)
    assert "present" not in url_choices(page)


def test_words_without_a_chart_fill_slides_and_the_bar_says_which_tab_it_is(open_page: OpenPage, tab: TakeTab) -> None:
    page = tab()
    page.goto("/glossary?present=1")
    expect(slide(page, "words")).to_be_visible()
    covers(page, "words")
    page.keyboard.press("ArrowRight")
    covers(page, "more_words")
    other = open_page("/training_replay?replay=Paper&present=1")
    expect(other.get_by_role("toolbar", name="Presenter view")).to_contain_text("Paper 1 / 1")


def test_a_drawing_stands_whole_on_its_slide_and_no_slide_of_a_tab_is_left_empty(open_page: OpenPage) -> None:
    page = open_page("/architecture?present=1&net=ResNet-152")
    page.set_viewport_size({"width": 1280, "height": 720})
    place = page.get_by_role("toolbar", name="Presenter view")
    expect(place).to_contain_text("Network 1 / 2")
    expect(page.locator(".st-key-drawing svg")).to_be_visible()
    page.wait_for_function(UNCUT)
    covers(page, "network", SMALLER)
    page.keyboard.press("ArrowRight")
    covers(page, "inside", SMALLER)
    page.keyboard.press("ArrowRight")
    expect(place).to_contain_text("Code 1 / 2")
    covers(page, "code")
    page.keyboard.press("ArrowRight")
    expect(slide(page, "source").locator("figure:visible")).to_have_count(3)  # how they are made is for the page


def test_pictures_on_a_slide_that_is_made_smaller_are_as_wide_as_their_columns(open_page: OpenPage) -> None:
    page = open_page("/attributions?present=1")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.wait_for_function(AS_WIDE_AS_COLUMNS)
    page.reload()  # now they are measured on a slide of that size
    page.wait_for_function(AS_WIDE_AS_COLUMNS)
    covers(page, "maps", SMALLER)


def test_a_panel_stands_alone_and_an_unknown_one_is_the_page(open_page: OpenPage) -> None:
    page = open_page(GRADIENTS)
    page.goto(f"{GRADIENTS}&panel=ends&embed=true")
    expect(slide(page, "ends").get_by_role("heading", name="First / last gradient")).to_be_visible()
    covers(page, "ends")
    other = open_page(f"{GRADIENTS}&panel=nonsense&present=perhaps")
    expect(other.get_by_role("heading", level=1)).to_be_visible()
    expect(slide(other, "ends").get_by_test_id("stPlotlyChart")).to_be_visible()
    expect(other.get_by_role("toolbar", name="Presenter view")).to_have_count(0)


def test_a_chart_is_saved_with_its_title_in_the_shape_of_a_slide_and_framed(open_page: OpenPage) -> None:
    page = open_page(GRADIENTS)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(slide(page, "ends").get_by_test_id("stPlotlyChart")).to_be_visible()
    settle(page)
    open_downloads(page, "ends")
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG 16:9").click()
    assert struct.unpack(">II", Path(download.value.path()).read_bytes()[16:24]) == (2560, 1440)
    open_downloads(page, "ends")
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").click()
    assert "First / last gradient by depth" in Path(download.value.path()).read_text()
    open_downloads(page, "ends")
    page.get_by_role("button", name="Copy frame").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    frame = page.evaluate("navigator.clipboard.readText()")
    page.set_content(frame)
    inside = page.frame_locator("iframe").locator(".st-key-slide_ends")
    expect(inside.get_by_role("heading", name="First / last gradient")).to_be_visible()
