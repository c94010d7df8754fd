"""A lesson beside its page; on a phone its words cover the foot of the screen."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from app.course.panel import MEASURED
from tests.browser.steps import PHONE, OpenPage, TakeTab, settle

SEEN = "/lesions?lesson=take-a-block-away&step=2&guess=1&revealed=true"


def in_the_open(page: Page, part: Locator) -> None:
    """On the screen, and above the words of the lesson."""
    settle(page)
    page.wait_for_function(
        """part => {
            const {top, bottom} = part.getBoundingClientRect();
            return top >= 0 && bottom <= document.querySelector(".st-key-lesson_panel").getBoundingClientRect().top;
        }""",
        arg=part.element_handle(),
    )


def test_a_step_begins_at_its_picture_and_the_next_at_its_question(open_page: OpenPage) -> None:
    page = open_page(SEEN, **PHONE)
    finding = page.locator(".finding h3").first
    expect(finding).to_be_visible()
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 0")  # its controls are above
    in_the_open(page, finding)
    page.get_by_role("button", name="Next").click()
    question = page.get_by_role("heading", name="Why the plain twin fails")
    expect(question).to_be_visible()
    in_the_open(page, question)


def test_a_change_in_a_part_of_the_page_is_told_beside_it(tab: TakeTab) -> None:
    page = tab()
    page.goto("/architecture?lesson=what-a-block-does&step=2&guess=1&revealed=true")
    changed = page.get_by_text("You changed what the step shows.")
    expect(page.get_by_text(MEASURED)).to_be_visible()
    expect(changed).to_have_count(0)
    page.get_by_role("radio", name="A", exact=True).click()
    expect(changed).to_be_visible()
    page.get_by_role("radio", name="its own", exact=True).click()
    expect(changed).to_have_count(0)
