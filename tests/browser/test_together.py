"""What goes wrong for one visitor, or changes while work runs, leaves everything else as it should be."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.steps import (
    OpenPage,
    box,
    choose,
    choose_photo,
    photo_of,
    picture,
    problems,
    settle,
    upload,
    url_choices,
)


def test_a_bad_file_costs_one_sentence_and_no_other_visitor_notices(open_page: OpenPage) -> None:
    page, neighbour = open_page(), open_page("/predict?sample=Chelsea the cat")
    upload(page, "notes.jpg", b"These bytes are no picture.")
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_have_count(1)
    expect(alert).to_contain_text(re.compile(r"notes\.jpg: .+ The photo shown before stays\.$"))
    settle(page)
    expect(photo_of(page, "The Summer Palace")).to_be_visible()
    expect(picture(page, "Grad-CAM for church: ")).to_be_visible()
    assert problems(page) == []

    expect(photo_of(neighbour, "Chelsea the cat")).to_be_visible()
    choose(neighbour, "Method", "Saliency")
    expect(picture(neighbour, "Saliency for ")).to_be_visible()
    expect(neighbour.get_by_test_id("stAlert")).to_have_count(0)
    assert problems(neighbour) == []

    choose_photo(page, "A rocket")
    expect(photo_of(page, "A rocket")).to_be_visible()
    expect(alert).to_have_count(0)


def test_a_second_choice_while_work_runs_wins(open_page: OpenPage) -> None:
    page = open_page("/predict?net=ResNet-152&weights=random weights")
    expect(picture(page, "Grad-CAM for class ")).to_be_visible()
    choose(page, "Method", "Integrated gradients")
    expect(page.get_by_text("Integrated gradients at work")).to_be_visible()
    choose_photo(page, "Chelsea the cat")  # while the map of the palace is being made
    expect(photo_of(page, "Chelsea the cat")).to_be_visible()
    choose(page, "Method", "Saliency")  # while that of the cat is
    expect(picture(page, "Saliency for class ")).to_be_visible()
    settle(page)
    expect(photo_of(page, "Chelsea the cat")).to_be_visible()
    expect(picture(page, "Saliency for class ")).to_be_visible()
    expect(picture(page, "Integrated gradients for ")).to_have_count(0)
    expect(box(page, "Method")).to_have_value("Saliency")
    wanted = {"net": "ResNet-152", "sample": "Chelsea the cat", "method": "Saliency"}
    assert wanted.items() <= url_choices(page).items()  # random weights stand there too unless they are the default
    assert problems(page) == []
