"""What a person sees of a page: its headings, sentences and pictures, and what every widget shows."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.steps import IDLE

GONE = re.compile("was given here is not on this server")
OWN = ("photo", "own_weights")  # what an address can only tell of
SECONDS = re.compile(r"\b[\d.,]+ (?:s|ms)\b")  # are measured, and differ each time
READ = """() => {
    const all = (css) => [...document.querySelectorAll(css)].filter(e => !e.closest("[data-testid=stPopoverBody]"))
    const name = (e) => e.ariaLabel ?? e.closest("[aria-label]")?.ariaLabel
        ?? e.closest(".stElementContainer").querySelector("[data-testid=stWidgetLabel]").innerText
    const seen = []
    for (const e of all("[role=combobox], input[type=number], input[type=text]:not([role=combobox])"))
        seen.push(`${name(e)}: ${e.value}`)
    for (const e of all("input[type=range]")) seen.push(`${name(e)}: ${e.value}`)
    for (const e of all("input[type=checkbox]")) seen.push(`${name(e)}: ${e.checked}`)
    for (const e of all("[data-testid=stButtonGroup] button[data-selected=true]"))
        seen.push(`${name(e)}: ${e.innerText || e.querySelector("img")?.alt}`)
    for (const e of all("input[type=radio]:checked")) seen.push(`${name(e)}: ${e.closest("label").innerText}`)
    for (const e of all("[data-testid=stMultiSelect] [role=row]")) seen.push(`method: ${e.innerText}`)
    for (const e of all("[data-testid=stMain] img[alt]:not([data-testid=stButtonGroup] *)"))
        seen.push(`picture: ${e.alt}`)
    for (const e of all("h1, h2, h3, .stMarkdown p, [data-testid=stAlert]"))
        if (e.checkVisibility()) seen.push(`text: ${e.innerText}`)
    return seen.sort()
}"""


def quiet(page: Page) -> None:
    """Wait until the script has ended and the pictures are here."""
    expect(page.locator(IDLE)).to_have_count(1)
    page.wait_for_function("[...document.images].every(image => image.complete)")


def seen(page: Page) -> list[str]:
    """Everything, once the page has said it."""
    quiet(page)
    found: list[str] = page.evaluate(READ)
    return [SECONDS.sub("some seconds", line) for line in found]


def choices(lines: list[str]) -> list[str]:
    """What no photo and no checkpoint decides: the widgets, without those that speak of the photo."""
    own = ("text: ", "picture: ", "Photo", "Channel", "Show what mattered for", "Sixteen pictures", "Block")
    return [line for line in lines if not line.startswith(own)]


def difference(here: list[str], fresh: list[str], address: dict[str, str]) -> list[str]:
    """What the two do not have in common. Of a file of the visitor's own a fresh page must say that it is gone."""
    if any(what in address for what in OWN):
        if not any(GONE.search(line) for line in fresh):
            return ["the address tells of a file that was given, and a fresh page does not say that it is gone"]
        here, fresh = choices(here), choices(fresh)
    left = list(fresh)
    gone = [line for line in here if line not in left or left.remove(line)]
    return [f"here: {line}" for line in gone] + [f"fresh: {line}" for line in left]


def address_of(page: Page) -> str:
    """Path and query."""
    found: Any = page.evaluate("location.pathname + location.search")
    return str(found)
