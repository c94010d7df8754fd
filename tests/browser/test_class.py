"""A class as it is held: a teacher, phones, two votes, a measurement, and a teacher who comes back."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.steps import DESKTOP, PATIENCE, PHONE, problems, settle
from tests.serving import Server

LESSON = "take-a-block-away"
PHONES = 3


def opened(context: BrowserContext, address: str) -> Page:
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(address)
    return page


def click(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def test_a_class_guesses_discusses_and_measures(browser: Browser, server: Server) -> None:
    desk = browser.new_context(**DESKTOP)
    teacher = opened(desk, f"{server.url}/lessons")
    teacher.locator(f".st-key-teach_{LESSON}").get_by_role("button", name="Teach").first.click()
    expect(teacher).to_have_url(re.compile("room="))
    code = teacher.url.partition("room=")[2]
    expect(teacher.get_by_role("heading", name=code)).to_be_visible()

    phones = [opened(browser.new_context(**PHONE), f"{server.url}/join") for _ in range(PHONES)]
    phones[0].get_by_role("textbox").fill("QQQQ")
    click(phones[0], "Join")
    expect(phones[0].get_by_text("There is no class QQQQ here.")).to_be_visible()
    for phone in phones:
        phone.get_by_role("textbox").fill(code.lower())
        click(phone, "Join")
        expect(phone.get_by_text("You are in.")).to_be_visible()
    expect(teacher.get_by_text(f"{PHONES} here")).to_be_visible()
    click(teacher, "Begin")
    expect(phones[0].get_by_role("link", name="See it live")).to_be_visible()
    # a second press before the screen has changed would be the same step again: nobody skips a question by accident
    expect(teacher.get_by_role("button", name="Next")).to_be_visible()
    teacher.keyboard.press("PageDown")  # a clicker

    for phone, guess in zip(phones, ("hardly more", "a third", "a third"), strict=True):
        click(phone, guess)
        expect(phone.get_by_text("Counted.")).to_be_visible()
    click(phones[2], "nearly all")  # and changes its mind
    expect(teacher.get_by_text(f"{PHONES} voted")).to_be_visible()
    assert not teacher.locator(".ballots .bar").count()  # nobody follows the crowd
    assert not phones[0].locator(".bar").count()
    click(teacher, "Show the votes")
    expect(phones[0].get_by_role("button", name=re.compile("hardly more.*your guess.*1 vote"))).to_be_disabled()
    click(teacher, "Discuss, then vote again")
    for phone in phones:
        click(phone, "hardly more")
        expect(phone.get_by_text("Counted.")).to_be_visible()
    assert not phones[0].locator(".bar").count()
    expect(teacher.get_by_text(f"{PHONES} voted")).to_be_visible()
    click(teacher, "Measure")
    measured = phones[1].get_by_role("button", name=re.compile("hardly more.*measured.*1 vote.*3 in the second vote"))
    expect(measured).to_be_visible()
    expect(phones[1].get_by_text("With all blocks it gets")).to_be_visible()
    settle(teacher)
    assert problems(teacher) == []
    teacher.close()

    back = opened(desk, f"{server.url}/lessons")  # the laptop was closed
    click(back, f"Go on with class {code}")
    expect(back.locator(".ballots .holds")).to_contain_text("hardly more")
    stranger = opened(browser.new_context(**DESKTOP), back.url)  # has the address, and not the secret
    expect(stranger.get_by_role("button", name="Next")).to_be_visible()
    expect(stranger.get_by_text("End the class")).to_have_count(0)
    back.get_by_text("End the class").click()
    click(back, "End and delete")
    for phone in phones:
        expect(phone.get_by_text("The class is over")).to_be_visible()
