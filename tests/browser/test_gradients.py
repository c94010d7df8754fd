"""The Gradients page in a real browser: it measures while one watches, and can be stopped."""

from __future__ import annotations

import re

import pandas as pd
from playwright.sync_api import Page, expect

import resnet_core as rc
from resnet_core.gradients import batches
from tests.browser.steps import OpenPage, open_downloads, problems, settle, url_choices


def chart_title(page: Page, number: int = 0) -> str:
    """The title of a chart in one line."""
    return page.locator(".finding h3").nth(number).inner_text()


def test_the_class_sees_a_live_measurement_can_take_its_numbers_and_stop_it(open_page: OpenPage) -> None:
    page = open_page("/gradients?depths_cifar=20&source=noise&seeds=1")
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    settle(page)
    open_downloads(page, "flow")
    with page.expect_download() as csv:
        page.locator(".st-key-flow_csv").get_by_role("button", name="CSV").click()
    table = pd.read_csv(csv.value.path())
    batch, labels = batches.noise("cifar")
    alone = rc.gradient_flow("resnet20", batch, labels, shortcut="none")
    plain = table[table["net"] == "plain-20"]["grad_norm"].reset_index(drop=True)
    pd.testing.assert_series_equal(plain, alone["grad_norm"], check_exact=True)  # in another process
    assert problems(page) == []

    page.get_by_role("button", name="Measurement").click()
    page.locator(".st-key-seeds").get_by_role("radio", name="5", exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="110").click()
    expect(page.get_by_text(re.compile(r"Measured \d+ of 20 networks"))).to_be_visible()  # not the run before
    stop = page.get_by_test_id("stMain").get_by_role("button", name="Stop")  # not that of the toolbar
    stop.press("Enter")  # a click can miss a button that a growing page moves
    expect(page.get_by_text(re.compile(r"Stopped: \d+ of 20 networks are measured"))).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Go on").click()
    expect(stop).to_be_visible()
    expect(page.get_by_role("button", name="Go on")).to_have_count(0, timeout=2000)  # long before all is measured
    assert problems(page) == []


def test_trained_networks_and_single_precision_are_in_the_link(open_page: OpenPage) -> None:
    page = open_page("/gradients?depths_cifar=20&depths_cifar=32&source=noise")
    expect(page.locator(".st-key-ends .js-plotly-plot")).to_be_visible()
    page.get_by_role("button", name="Measurement").click()
    page.get_by_role("radio", name="trained", exact=True).click()
    expect(page.get_by_text("Left out: plain-32 and ResNet-32")).to_be_visible()
    page.get_by_role("radio", name="single", exact=True).click()
    expect(page.get_by_text("in single precision")).to_be_visible()
    settle(page)
    assert {"learned": "trained", "precision": "single"}.items() <= url_choices(page).items()
    assert chart_title(page).startswith("plain-20, trained: the first layer's gradient is ")
    assert problems(page) == []
