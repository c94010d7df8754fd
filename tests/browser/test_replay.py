"""A class replays a training: the scrubber, moved by keys, and the answer of each epoch to a photo of one's own."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests import pictures
from tests.browser.steps import OpenPage, photo_of, problems, settle, upload, url_choices


def test_a_photo_of_ones_own_is_answered_by_the_weights_of_every_epoch(open_page: OpenPage) -> None:
    page = open_page("/training_replay?epoch=3")
    expect(page.get_by_text("ResNet-20 after epoch 3")).to_be_visible()
    upload(page, "mine.jpg", pictures.encode(pictures.quadrants(), "JPEG", quality=95), where="stSidebar")
    expect(photo_of(page, "mine.jpg")).to_be_visible()
    settle(page)

    scrubber = page.get_by_role("slider", name="Epoch")
    for epoch in (4, 5):
        scrubber.press("ArrowRight")
        expect(page.get_by_text(f"After epoch {epoch} ResNet-20 is right on")).to_be_visible()
        settle(page)
        assert url_choices(page)["epoch"] == str(epoch)
    expect(page.get_by_text("ResNet-20 after epoch 4")).to_be_visible()  # those of epoch 5 were not kept
    expect(page.get_by_text(re.compile("of plain-20, ResNet-20 after epochs 1, 2, 3, 4, 6"))).to_be_visible()
    expect(photo_of(page, "mine.jpg")).to_be_visible()
    assert problems(page) == []
