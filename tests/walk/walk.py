"""A visitor at random, and after each step somebody else who opens the address."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from playwright.sync_api import Error as Trouble
from playwright.sync_api import Page

from tests.browser.steps import APP, problems, url_choices
from tests.walk.moves import MOVES, drawer
from tests.walk.seen import address_of, difference, quiet, seen

START = "/predict?depths_cifar=20&methods=Grad-CAM"  # little work on each page
SOON = 800  # milliseconds in which a step that changes something starts a run
LONGEST = 60_000  # milliseconds that a page may take
LATE = 2_000  # milliseconds after which what differs is no matter of time
COUNT_RUNS = f"""() => {{
    if (window.runs === undefined) {{
        const app = document.querySelector("{APP}")
        new MutationObserver(() => {{ window.runs += app.dataset.testScriptState === "running" }})
            .observe(app, {{attributeFilter: ["data-test-script-state"]}})
    }}
    window.runs = 0
}}"""


@dataclass(frozen=True)
class Step:
    """What was done, where it led, and what a fresh browser shows otherwise there."""

    number: int
    what: str
    address: str
    problems: list[str]


def stands(page: Page) -> None:
    """Wait until nothing runs, also after what has not begun to run yet."""
    page.locator("h1").first.wait_for()
    with suppress(Trouble):  # where it led to no run
        page.wait_for_function("window.runs === undefined || window.runs > 0", timeout=SOON)
    for _ in range(2):
        quiet(page)
        page.wait_for_timeout(100)


def fresh(page: Page, address: str) -> tuple[list[str], str]:
    """What somebody else sees at an address, and what theirs is then."""
    page.set_default_timeout(LONGEST)
    page.goto("about:blank")
    page.goto(address)
    stands(page)
    return seen(page), address_of(page)


def compared(page: Page, other: Page) -> list[str]:
    """What a fresh browser shows otherwise at the address of this page."""
    address = address_of(page)
    theirs, there = fresh(other, address)
    found = difference(seen(page), theirs, url_choices(page))
    if there != address:
        found.append(f"the address becomes {there}")
    return found


def walk(page: Page, other: Page, steps: int, seed: int, *, every: int = 1) -> Iterator[Step]:
    """Some steps in one tab; after each, or only after each so many, the address is opened in the other."""
    chance = random.Random(seed)
    page.set_default_timeout(LONGEST)
    page.goto(START)
    stands(page)
    number = 0
    while number < steps:
        (move,) = chance.choices(list(MOVES), list(MOVES.values()))
        page.evaluate(COUNT_RUNS)
        try:
            drawer(page, wanted=chance.random() < 0.3)
            what = move(page, chance)
        except Trouble as trouble:  # the page moved under the finger
            page.keyboard.press("Escape")  # of a list that stands open
            what = f"({move.__name__} in vain: {trouble.message.splitlines()[0]})"
        if not what:
            continue
        number += 1
        found = checked(page, other if number % every == 0 else None)
        yield Step(number, what, address_of(page), found)


def checked(page: Page, other: Page | None) -> list[str]:
    """What is wrong with the page as it stands now, and with its address if there is somebody to open it."""

    def found() -> list[str]:
        return problems(page) + ([] if other is None else compared(page, other))

    try:
        stands(page)
        if not found():
            return []
        page.wait_for_timeout(LATE)
        return found()
    except Trouble as trouble:
        why = page.evaluate("() => [...document.images].filter(e => !e.complete).map(e => e.alt)")
        return [f"the page never stands still: {trouble.message.splitlines()[0]}; pictures that never come: {why}"]
