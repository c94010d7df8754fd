"""What a visitor sees is what the address holds: labels, choices and files, on all pages and back in the history."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from pytest_playwright import CreateContextCallback

import resnet_core as rc
from resnet_core.pictures.samples import SAMPLES
from tests import pictures
from tests.browser.steps import (
    DESKTOP,
    PATIENCE,
    OpenPage,
    TakeTab,
    box,
    choose,
    choose_photo,
    photo_of,
    picture,
    settle,
    upload,
    url_choices,
)
from tests.walk.seen import address_of, difference, seen
from tests.walk.walk import walk


def same_in_a_fresh_browser(page: Page, open_page: OpenPage) -> Page:
    """The fresh one."""
    fresh = open_page(address_of(page))
    assert difference(seen(page), seen(fresh), url_choices(page)) == []
    assert address_of(fresh) == address_of(page)
    return fresh


def go(page: Page, title: str) -> None:
    """To another page."""
    page.get_by_role("link", name=title, exact=True).click()
    expect(page).to_have_url(re.compile(f"/{title.lower().replace(' ', '_')}"))
    expect(page.locator("h1")).to_be_visible()
    settle(page)


def test_a_walk_at_random_leaves_no_address_that_lies(new_context: CreateContextCallback, tab: TakeTab) -> None:
    page = new_context(**DESKTOP).new_page()  # with no history
    steps = list(walk(page, tab(), steps=8, seed=1, every=4))
    assert [(step.number, step.what, step.problems) for step in steps if step.problems] == []


def test_a_click_before_the_lists_are_loaded_chooses_nothing_in_them(new_context: CreateContextCallback) -> None:
    page = new_context(**DESKTOP).new_page()
    held: list[Route] = []
    page.route("**/static/js/Selectbox*", lambda route: held.append(route))
    page.goto("/predict?net=ResNet-50&method=Saliency")
    choose_photo(page, "A dahlia")
    expect(page).to_have_url(re.compile("sample="))
    for route in held:
        route.continue_()
    expect(box(page, "Network")).to_have_value("ResNet-50")
    choose_photo(page, "A cup of coffee")
    expect(page).to_have_url(re.compile("coffee"))
    assert {"net": "ResNet-50", "method": "Saliency"}.items() <= url_choices(page).items()


@pytest.mark.parametrize("path", ["/predict", "/attributions?net=ResNet-20&methods=Grad-CAM"])
def test_no_label_speaks_of_the_photo_before(open_page: OpenPage, path: str) -> None:
    page = open_page(path)
    choose_photo(page, "A cup of coffee")  # neither network takes it for what it takes the palace for
    expect(page).to_have_url(re.compile("sample="))
    settle(page)
    same_in_a_fresh_browser(page, open_page)


def test_a_class_goes_along_to_the_page_that_knows_it_too(open_page: OpenPage) -> None:
    page = open_page("/predict?class=French+horn")
    go(page, "Attributions")
    expect(box(page, "Show what mattered for")).to_have_value("French horn")
    same_in_a_fresh_browser(page, open_page)


def microscope(page: Page, block: str, channel: int | None = None) -> Locator:
    """The microscope while it shows this block."""
    return page.get_by_role("application", name=f"{block}, channel {'' if channel is None else channel}")


def strongest_channel(block: str) -> int:
    """The channel that comes first for the palace in ResNet-18."""
    model = rc.load("resnet18", "imagenette")
    return int(rc.capture(model, rc.preprocess(SAMPLES["palace"].load(), model))[block].y[0].mean((1, 2)).argmax())


def test_the_field_of_the_channel_says_what_the_microscope_shows(open_page: OpenPage) -> None:
    page = open_page("/feature_maps?block=layer4.1&channel=500")
    choose(page, "Block", "layer1.0")
    field = page.get_by_role("spinbutton", name="Channel", exact=True)
    strongest = strongest_channel("layer1.0")
    expect(microscope(page, "layer1.0", strongest)).to_be_visible()
    expect(field).to_have_value(f"{strongest}")
    page.get_by_test_id("stNumberInputStepUp").click()  # before any number is typed
    expect(microscope(page, "layer1.0", strongest + 1)).to_be_visible()
    expect(field).to_have_value(f"{strongest + 1}")
    settle(page)
    same_in_a_fresh_browser(page, open_page)


def test_arrow_keys_lead_to_a_block_with_fewer_channels(open_page: OpenPage) -> None:
    page = open_page("/feature_maps?block=layer3.0&channel=200")
    page.get_by_role("application").press("ArrowLeft")
    strongest = strongest_channel("layer2.1")
    expect(microscope(page, "layer2.1", strongest)).to_be_visible()
    expect(page.get_by_role("spinbutton", name="Channel", exact=True)).to_have_value(f"{strongest}")


def test_a_page_is_one_step_of_the_history(open_page: OpenPage) -> None:
    page = open_page("/feature_maps")
    choose(page, "Block", "layer3.0")
    expect(microscope(page, "layer3.0")).to_be_visible()
    settle(page)
    go(page, "Architecture")
    expect(page.get_by_role("img", name=re.compile("^Inside layer3.0:"))).to_be_visible()
    settle(page)
    choose(page, "Block", "layer2.0")
    expect(page.get_by_role("img", name=re.compile("^Inside layer2.0:"))).to_be_visible()
    settle(page)
    page.go_back()
    expect(microscope(page, "layer3.0")).to_be_visible()
    expect(box(page, "Block")).to_have_value("layer3.0")
    page.go_forward()
    expect(page.get_by_role("img", name=re.compile("^Inside layer2.0:"))).to_be_visible()


def test_unit_opacity_code_folds_and_guess_stand_in_the_address(open_page: OpenPage) -> None:
    page = open_page("/feature_maps?maps=Channels&channel=10")
    unit = page.get_by_role("grid").last
    unit.scroll_into_view_if_needed()
    unit.click(position={"x": 40, "y": 60})
    expect(page.get_by_test_id("stMain")).to_contain_text(re.compile(r"Unit in row \d+, column \d+"))
    expect(page).to_have_url(re.compile("unit="))
    settle(page)
    same_in_a_fresh_browser(page, open_page)
    go(page, "Architecture")
    page.get_by_role("tab", name="Code").click()
    page.get_by_role("radio", name="Keras, the same block").click()
    expect(page.get_by_text("import keras").first).to_be_visible()
    settle(page)
    same_in_a_fresh_browser(page, open_page)
    page.get_by_role("link", name="Predict").click()
    expect(picture(page, "Grad-CAM for ")).to_be_visible()
    page.get_by_role("button", name="Display").click()
    page.locator("input[type=range]").press("ArrowRight")
    expect(page).to_have_url(re.compile("opacity=70"))
    settle(page)
    same_in_a_fresh_browser(page, open_page)


def test_two_photos_in_a_row_and_a_sample_on_the_way(open_page: OpenPage) -> None:
    page = open_page("/predict?sample=A rocket")
    for number in (1, 2, 3):
        photo = pictures.encode(pictures.quadrants().rotate(90 * number), "PNG")
        upload(page, f"own-{number}.png", photo)
        expect(photo_of(page, f"own-{number}.png")).to_be_visible()
        settle(page)
        assert url_choices(page) == {"sample": "A rocket", "photo": "own"}
    go(page, "Attributions")
    expect(picture(page, "Grad-CAM for ").first).to_be_visible()
    settle(page)
    assert url_choices(page) == {"sample": "A rocket", "photo": "own"}
    choose_photo(page, "A rocket")  # which the address names, but nobody sees
    expect(page).to_have_url(re.compile(r"sample=A\+rocket(?!.*photo)"))
    expect(page.get_by_text("own-3.png")).to_have_count(0)
    choose_photo(page, "A cup of coffee")
    expect(page).to_have_url(re.compile(r"sample=A\+cup\+of\+coffee(?!.*photo)"))
    page.get_by_role("link", name="Predict").click()
    expect(photo_of(page, "A cup of coffee")).to_be_visible()
    settle(page)
    assert url_choices(page) == {"sample": "A cup of coffee"}
    page.set_default_timeout(PATIENCE)
    same_in_a_fresh_browser(page, open_page)


def test_weights_that_another_network_has_not_leave_the_address(open_page: OpenPage) -> None:
    page = open_page("/architecture?net=ResNet-20&weights=CIFAR-10, plain twin")
    choose(page, "Network", "ResNet-1202")
    expect(page.get_by_role("heading", name="ResNet-1202: 600 blocks")).to_be_visible()
    settle(page)
    assert url_choices(page) == {"net": "ResNet-1202"}
    choose(page, "Network", "ResNet-18")
    choose(page, "Weights of ResNet-18", "random weights")
    choose(page, "Network", "ResNet-20")
    expect(page.get_by_label("Weights of ResNet-20")).to_be_visible()
    go(page, "Training replay")  # where no network is chosen
    go(page, "Architecture")
    choose(page, "Network", "ResNet-18")
    expect(page).to_have_url(re.compile(r"\?weights=random\+weights$"))  # as chosen for this network before
    settle(page)
    same_in_a_fresh_browser(page, open_page)
