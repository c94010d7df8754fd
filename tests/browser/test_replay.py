"""A class replays a training: the scrubber, moved by keys, and the answer of each epoch to a photo of one's own."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests import pictures
from tests.browser.steps import (
    DESKTOP,
    PHONE,
    Device,
    OpenPage,
    photo_of,
    problems,
    settle,
    upload,
    url_choices,
)


def test_a_photo_of_ones_own_is_answered_by_the_weights_of_every_epoch(open_page: OpenPage) -> None:
    page = open_page("/training_replay?epoch=3&replay=Your photo")
    expect(page.get_by_text("ResNet-20 after epoch 3")).to_be_visible()
    upload(page, "mine.jpg", pictures.encode(pictures.quadrants(), "JPEG", quality=95))
    expect(photo_of(page, "mine.jpg")).to_be_visible()
    settle(page)

    scrubber = page.get_by_role("slider", name="Epoch")
    for epoch in (4, 5):
        scrubber.press("ArrowRight")
        expect(page).to_have_url(re.compile(f"epoch={epoch}"))
        settle(page)
        assert url_choices(page)["epoch"] == str(epoch)
    expect(page.get_by_text("ResNet-20 after epoch 4")).to_be_visible()  # those of epoch 5 were not kept
    expect(page.get_by_text(re.compile("plain-20, ResNet-20 after epochs 1, 2, 3, 4, 6"))).to_be_visible()
    expect(photo_of(page, "mine.jpg")).to_be_visible()
    assert problems(page) == []


PLACES = """until => new Promise(done => {
    const seen = new Set();
    const look = () => {
        const [main, chart] = ["[data-testid=stMain]", ".st-key-errors"].map(name => document.querySelector(name));
        seen.add(`${main.scrollHeight} ${Math.round(chart.getBoundingClientRect().top)}`);
        const epoch = Number(document.querySelector(".finding h3").textContent.match(/\\d+/)[0]);
        epoch < until ? requestAnimationFrame(look) : done([...seen]);
    };
    look();
})"""  # the height of the page and the place of its chart, in every frame until this epoch


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_moves_but_the_curves_while_it_plays(open_page: OpenPage, device: Device) -> None:
    page = open_page("/training_replay?epoch=8", **device)
    settle(page)
    page.locator(".st-key-play button").click()
    assert len(page.evaluate(PLACES, 11)) == 1
    page.locator(".st-key-play button").click()
    expect(page.get_by_role("slider", name="Epoch")).to_be_enabled()
    settle(page)
    assert problems(page) == []
