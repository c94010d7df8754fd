"""The Lesions page in a real browser: mouse, keys and a finger take blocks out and back, and the link knows."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import PHONE, OpenPage, problems, settle, url_choices


def node(page: Page, name: str) -> Locator:
    return page.locator(f"[data-node='{name}']")


def test_a_click_a_key_and_a_finger_take_a_block_out_and_put_it_back(open_page: OpenPage) -> None:
    page = open_page("/lesions")
    node(page, "layer2.1").click()
    expect(page.get_by_role("heading", name="Without layer2.1")).to_be_in_viewport()
    expect(node(page, "layer2.1")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Without 2 blocks")).to_be_visible()
    settle(page)
    assert page.locator("[data-node]:focus").get_attribute("data-node") == "layer3.0"
    assert "gone=layer2.1&gone=layer3.0" in page.url
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="Without layer2.1")).to_be_visible()
    settle(page)
    assert url_choices(page)["gone"] == "layer2.1"
    assert problems(page) == []


def test_on_a_phone_the_answers_of_both_networks_follow_the_finger(open_page: OpenPage) -> None:
    page = open_page("/lesions?net=ResNet-56", **PHONE)
    node(page, "layer2.3").tap()
    expect(page.get_by_role("heading", name="Without layer2.3")).to_be_in_viewport()
    expect(page.get_by_role("group", name="plain-56")).to_be_visible()
    settle(page)
    seen = [page.get_by_role("button", name="Undo"), page.get_by_test_id("stSlider")]
    seen += [page.locator("[data-node='layer3.8']"), page.get_by_role("group", name="ResNet-56: ").locator("li").first]
    for part in seen:  # on the first screen, without a scroll
        expect(part).to_be_in_viewport(ratio=1)
    assert problems(page) == []
