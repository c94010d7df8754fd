"""The main path in a real browser: arrive, look, choose, give a photo, share the link."""

from __future__ import annotations

import io
import re
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests import pictures
from tests.browser.steps import (
    PHONE,
    OpenPage,
    box,
    choose,
    choose_by_keyboard,
    choose_photo,
    photo_of,
    picture,
    problems,
    settle,
    tab_to,
    upload,
    url_choices,
)

TURNS = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}


def test_the_first_visit_answers_with_bars_a_map_and_its_legend(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.get_by_role("heading", level=1)).to_contain_text("What does a ResNet see in your photo")
    expect(photo_of(page, "The Summer Palace")).to_be_visible()
    rows = page.get_by_role("list", name="Most probable classes").get_by_role("listitem")
    expect(rows).to_have_count(5)
    expect(rows.first).to_contain_text("church")
    percents = [float(text.strip("<> %")) for text in rows.locator(".value").all_inner_texts()]
    assert percents == sorted(percents, reverse=True)
    assert sum(percents) <= 100.3
    for row, percent in zip(rows.all(), percents, strict=True):
        track, fill = row.locator(".track").bounding_box(), row.locator(".fill").bounding_box()
        assert track is not None
        assert fill is not None
        assert fill["width"] == pytest.approx(max(2, track["width"] * percent / 100), abs=1)
    overlay = picture(page, "Grad-CAM for church: strongest in the ")
    expect(overlay).to_be_visible()
    assert overlay.evaluate("e => e.complete && e.naturalWidth") == 448
    legend = page.get_by_role("img", name=re.compile("^Colour scale from 0, .*, to .*, counted most for church$"))
    expect(legend).to_be_visible()
    assert problems(page) == []


def test_an_uploaded_photo_is_shown_upright(open_page: OpenPage) -> None:
    page = open_page()
    for orientation, turn in TURNS.items():
        name = f"phone-{orientation}.jpg"
        sideways = pictures.quadrants().transpose(turn)
        upload(page, name, pictures.encode(sideways, "JPEG", quality=95, exif=pictures.exif(orientation)))
        seen = photo_of(page, name)
        expect(seen).to_be_visible()
        expect(picture(page, "Grad-CAM for ")).to_be_visible()
        settle(page)
        assert corners(Image.open(io.BytesIO(seen.screenshot()))) == ["r", "g", "b", ""], orientation
        page.get_by_role("button", name=f"Remove {name}").click()
        expect(photo_of(page, "The Summer Palace")).to_be_visible()
        settle(page)
    assert problems(page) == []


def corners(screen: Image.Image) -> list[str]:
    """Which of red, green and blue are bright in each corner."""
    width, height = screen.size
    pixels = [screen.convert("RGB").getpixel((width * x // 8, height * y // 8)) for y in (1, 7) for x in (1, 7)]
    return ["".join(letter for letter, value in zip("rgb", pixel, strict=True) if value > 128) for pixel in pixels]


def test_choices_by_mouse_stand_in_the_address_and_a_link_restores_them(open_page: OpenPage) -> None:
    page = open_page()
    choices = {
        "Network": "ResNet-20",
        "Weights of ResNet-20": "random weights",
        "Show what mattered for": "class 3",
        "Method": "Saliency",
    }
    for label, option in choices.items():
        choose(page, label, option)
        settle(page)
    choose_photo(page, "A rocket")
    expect(photo_of(page, "A rocket")).to_be_visible()
    settle(page)
    expect(picture(page, "Saliency for class 3: ")).to_be_visible()
    assert url_choices(page) == {
        "net": "ResNet-20",
        "weights": "random weights",
        "sample": "A rocket",
        "class": "class 3",
        "method": "Saliency",
    }
    address = urlsplit(page.url)
    other = open_page(f"{address.path}?{address.query}")
    for label, option in choices.items():
        expect(box(other, label)).to_have_value(option)
    expect(photo_of(other, "A rocket")).to_be_visible()
    expect(picture(other, "Saliency for class 3: ")).to_be_visible()
    expect(other.get_by_text("ResNet-20 with random weights")).to_be_visible()
    assert url_choices(other) == url_choices(page)
    assert problems(other) == []


def test_the_keyboard_alone_is_enough(open_page: OpenPage) -> None:
    page = open_page()
    tab_to(page, "The Summer Palace")
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(photo_of(page, "Chelsea the cat")).to_be_visible()
    settle(page)
    choose_by_keyboard(page, "Show what mattered for", "parachute")
    expect(picture(page, "Grad-CAM for parachute: ")).to_be_visible()
    settle(page)
    choose_by_keyboard(page, "Method", "Saliency")
    expect(picture(page, "Saliency for parachute: ")).to_be_visible()
    settle(page)
    assert url_choices(page) == {"sample": "Chelsea the cat", "class": "parachute", "method": "Saliency"}
    assert problems(page) == []


def test_a_temperature_and_the_diagram_stand_in_the_address(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(0)
    page.get_by_text("Is it right as often as it says?").click()
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(1)
    settle(page)
    page.get_by_text("Temperature scaling").click()
    expect(page.get_by_text("Logits are divided by T = ")).to_be_visible()
    expect(page.get_by_role("figure", name=re.compile("^ResNet-18 with T = .* is right "))).to_be_visible()
    settle(page)
    assert url_choices(page) == {"temperature": "true", "reliability": "true"}
    first = page.get_by_role("list", name="Most probable classes").get_by_role("listitem").first.inner_text()
    address = urlsplit(page.url)
    other = open_page(f"{address.path}?{address.query}", **PHONE)
    expect(other.get_by_test_id("stPlotlyChart")).to_have_count(1)
    assert first == other.get_by_role("list", name="Most probable classes").get_by_role("listitem").first.inner_text()
    assert problems(page) == problems(other) == []


def test_a_click_on_an_answer_asks_what_mattered_for_it_and_all_of_it_can_be_saved(open_page: OpenPage) -> None:
    page = open_page()
    expect(picture(page, "Grad-CAM for church: ")).to_be_visible()
    answer = page.locator("[data-answer]", has_text="parachute")
    answer.click()
    expect(picture(page, "Grad-CAM for parachute: ")).to_be_visible()
    expect(answer).to_have_attribute("aria-pressed", "true")
    settle(page)
    assert url_choices(page) == {"class": "parachute"}
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as PNG").click()
    with Image.open(download.value.path()) as saved:
        assert saved.width > 2 * 448
    page.locator("[data-answer]", has_text="church").click()
    expect(picture(page, "Grad-CAM for church: ")).to_be_visible()
    settle(page)
    assert url_choices(page) == {}
