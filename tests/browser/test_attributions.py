"""The Attributions page in a real browser: a link that holds it all, superpixels taken away, the report as a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

import resnet_core as rc
from app.attributions.charts import regions
from resnet_core.inside.answers import transform_of
from resnet_core.pictures.samples import SAMPLES
from tests.browser.steps import DESKTOP, PHONE, Device, OpenPage, picture, problems, settle, url_choices

SMALL = "/attributions?net=ResNet-20&weights=CIFAR-10&sample=Chelsea the cat"
EDITOR = f"{SMALL}&maps_part=Edit"


def test_a_superpixel_is_taken_away_with_mouse_and_keyboard(open_page: OpenPage) -> None:
    page = open_page(EDITOR)
    shape = page.get_by_role("checkbox", name=re.compile("^Superpixel 1 of ")).first
    expect(page.get_by_text("Nothing is taken away yet")).to_be_visible()
    shape.click()
    expect(page.get_by_text("Without the marked superpixel").first).to_be_visible()
    settle(page)
    shape.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Nothing is taken away yet")).to_be_visible()
    settle(page)
    every_key_goes_to_its_superpixel(page)
    assert problems(page) == []


def every_key_goes_to_its_superpixel(page: Page) -> None:
    """From the first on: by number, to neighbours, away and back."""
    shapes = page.locator(".st-key-edit_regions [role=checkbox]")
    ways, last = neighbours(), shapes.count() - 1
    assert len(ways) == last + 1
    shapes.nth(last // 2).focus()
    for key, way in (("ArrowLeft", 0), ("ArrowRight", 1), ("ArrowUp", 2), ("ArrowDown", 3)):
        expected = ways[int(in_hand(page))][way]
        page.keyboard.press(key)
        assert in_hand(page) == f"{expected}", key
    steps = {"End": last, "PageDown": last, "PageUp": last - 1, "Home": 0}
    for key, number in (*steps.items(), ("PageUp", 0), ("Control+PageDown", 0), ("Alt+End", 0), ("PageDown", 1)):
        page.keyboard.press(key)
        assert in_hand(page) == f"{number}", key
    gone = page.locator(".st-key-edit_regions [role=checkbox][aria-checked=true]")
    field = page.get_by_role("textbox", name="Superpixels taken away, by number")
    for key, numbers in (("Enter", "2"), ("Space", "2, 3")):
        page.keyboard.press(key)
        expect(field).to_have_value(numbers)
        settle(page)
        page.keyboard.press("PageDown")
    assert gone.count() == 2
    page.keyboard.press("Escape")
    expect(page.get_by_text("Nothing is taken away yet")).to_be_visible()
    assert gone.count() == 0
    settle(page)


def in_hand(page: Page) -> str:
    """The number, from 0, of the superpixel that has the focus."""
    return page.locator(".st-key-edit_regions [role=checkbox]:focus").get_attribute("data-id") or ""


def neighbours() -> tuple[tuple[int, int, int, int], ...]:
    """Of each superpixel of the cat those on its left and right, above and below it; the page asks for 48."""
    model = rc.load("resnet20", "cifar10")
    pixels = transform_of(model).restore(rc.preprocess(SAMPLES["cat"].load(), model))
    return regions.outlines(rc.superpixels(pixels, 48)[0].numpy()).neighbours


def test_picture_and_numbers_say_the_same(open_page: OpenPage) -> None:
    page = open_page(f"{EDITOR}&methods=Saliency&edit_gone=2, 4-6")
    field = page.get_by_role("textbox", name="Superpixels taken away, by number")
    gone = page.locator(".st-key-edit_regions [role=checkbox][aria-checked=true]")
    expect(gone).to_have_count(4)
    page.get_by_role("checkbox", name=re.compile("^Superpixel 1 of ")).first.click()
    expect(field).to_have_value("1, 2, 4-6")
    for text, count in (("7", 1), ("1, 2, 4-6", 5), ("", 0)):
        field.fill(text)
        field.press("Enter")
        expect(gone).to_have_count(count)
    settle(page)
    assert problems(page) == []


def test_a_link_with_a_check_shows_its_verdict_and_the_report_holds_it(open_page: OpenPage, tmp_path: Path) -> None:
    checks = "&checks=Randomised network&checks=Deletion and insertion"
    page = open_page(f"{SMALL}&methods=Saliency{checks}&against=random weights of the same network", **PHONE)
    expect(picture(page, "Saliency for cat")).to_be_visible()
    expect(page.get_by_text("Randomised network").last).to_be_visible()
    expect(page.get_by_text("the map itself")).to_be_visible()
    settle(page)
    assert problems(page) == []
    page.get_by_role("tab", name="Deletion and insertion").click()
    expect(page.locator(".st-key-deletion").get_by_test_id("stPlotlyChart")).to_be_visible()
    settle(page)
    page.get_by_role("tab", name="Keep").click()
    expect(page.get_by_role("button", name="Report of these maps (HTML)")).to_be_visible()
    settle(page)
    assert problems(page) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Report of these maps (HTML)").click()
    file = tmp_path / "report.html"
    download.value.save_as(file)
    opened = page.context.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(file.as_uri())
    expect(opened.get_by_text("Randomised network").first).to_be_visible()
    expect(opened.get_by_role("heading", name="Saliency, ResNet-20 · random weights")).to_be_visible()
    charts = opened.locator(".chart .js-plotly-plot .plot-container")
    expect(charts).to_have_count(3)  # the cascade of the first network, and both games
    expect(charts.first).to_be_visible()
    assert {url.partition(":")[0] for url in asked} <= {"file", "data", "blob"}


def test_the_film_plays_until_it_is_stopped_and_not_by_itself(open_page: OpenPage) -> None:
    page = open_page(f"{SMALL}&methods=Saliency&checks=Randomised network")
    slider = page.get_by_role("slider", name="Parts made random, from the head down")
    expect(slider).to_have_value("0")
    settle(page)
    button = page.locator(".st-key-cascade_play button")
    button.click()
    expect(slider).to_have_value("2")
    expect(button).to_contain_text("Pause")
    button.click()
    expect(button).to_contain_text("Play")
    settle(page)
    stopped = slider.input_value()
    page.wait_for_timeout(2500)  # longer than two frames
    assert slider.input_value() == stopped
    expect(page).to_have_url(re.compile(f"cascade={stopped}"))
    assert problems(page) == []


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["mouse", "finger"])
def test_a_rectangle_is_drawn_in_the_picture(open_page: OpenPage, device: Device) -> None:
    page = open_page(f"{EDITOR}&edit_by=a rectangle", **device)
    place = page.locator(".st-key-edit_rectangle .picture")
    expect(page.get_by_text("Without the rectangle (10 % of the picture)").first).to_be_visible()
    settle(page)
    place.scroll_into_view_if_needed()
    stroke(page, place, (0.1, 0.2), (0.6, 0.7), finger="has_touch" in device)
    expect(page.get_by_text("Without the rectangle (25 % of the picture)").first).to_be_visible()
    settle(page)
    assert url_choices(page) == {**url_choices(page), "edit_columns": "60", "edit_rows": "70"}
    frame = place.locator(".edge")
    assert frame.evaluate("e => [e.style.left, e.style.width]") == ["10%", "50%"]
    assert problems(page) == []


def stroke(page: Page, place: Locator, start: tuple[float, float], end: tuple[float, float], *, finger: bool) -> None:
    """From one place of a picture to another, in shares of its sides."""
    box = place.bounding_box()
    assert box is not None
    first, middle, last = (
        {"x": box["x"] + across * box["width"], "y": box["y"] + down * box["height"]}
        for across, down in (start, ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), end)
    )
    if not finger:
        page.mouse.move(**first)
        page.mouse.down()
        page.mouse.move(**middle)
        page.mouse.move(**last)
        page.mouse.up()
        return
    hand = page.context.new_cdp_session(page)
    for kind, points in (("touchStart", [first]), ("touchMove", [middle]), ("touchMove", [last]), ("touchEnd", [])):
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
