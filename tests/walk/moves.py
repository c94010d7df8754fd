"""What a visitor may do next: a table of moves, each of which does something that the page offers, or nothing."""

from __future__ import annotations

import random
from collections.abc import Callable

from playwright.sync_api import Locator, Page

from app.pages import PAGES
from tests import pictures
from tests.browser.steps import upload

BRIEF = 5_000  # milliseconds for what should be there
SLIDE = 400  # milliseconds that a sidebar takes to come or go
NARROW = 700  # pixels, of windows in which the sidebar lies over the page
LIGHT = {  # what a walk chooses where the rest takes long, or needs the internet
    "Network": ("ResNet-18", "ResNet-34", "ResNet-20", "ResNet-32", "ResNet-56"),
    "Second network": ("ResNet-18", "ResNet-20", "ResNet-32"),
    "Method": ("Grad-CAM", "Saliency", "Input x gradient", "Deconvolution"),
}
PHOTO_MENU = "[class*=st-key-your_photo]"
HEAVY = ("Methods", "Family", "Depths", "Seeds", "SGD steps", "Precision", "Put the maps", "Networks")


def light(label: str) -> bool:
    """Whether a widget with this label never starts long work."""
    return not label.startswith(HEAVY)


def some(chance: random.Random, all_of_them: Locator, name: Callable[[Locator], str]) -> tuple[Locator, str] | None:
    """One that can be seen and used, and its name."""
    found = [each for each in all_of_them.all() if each.is_visible() and each.is_enabled()]
    named = [(each, name(each)) for each in found]
    usable = [(each, label) for each, label in named if light(label)]
    return chance.choice(usable) if usable else None


def own_label(one: Locator) -> str:
    return one.get_attribute("aria-label") or ""


def group_label(one: Locator) -> str:
    label: str = one.evaluate("e => e.closest('[role=radiogroup], [role=toolbar]')?.ariaLabel ?? ''")
    return label


def slider_label(one: Locator) -> str:
    label: str = one.evaluate("e => e.closest('.stElementContainer').innerText.split(String.fromCharCode(10))[0]")
    return label


def drawer(page: Page, *, wanted: bool) -> None:
    """On a phone, pull the sidebar over the page, or push it away."""
    pull = page.get_by_test_id("stExpandSidebarButton")
    push = page.get_by_test_id("stSidebarCollapseButton").get_by_role("button")
    if page.viewport_size["width"] < NARROW and pull.is_visible() == wanted:
        (pull if wanted else push).click(timeout=BRIEF)
        page.wait_for_timeout(SLIDE)


def another_page(page: Page, chance: random.Random) -> str:
    info = chance.choice([page for page in PAGES if page.in_menu])
    drawer(page, wanted=True)
    page.get_by_role("link", name=info.title, exact=True).first.click(timeout=BRIEF)
    return f"page {info.title}"


def from_a_list(page: Page, chance: random.Random) -> str:
    one = some(chance, page.get_by_role("combobox"), own_label)
    if one is None:
        return ""
    box, label = one
    box.scroll_into_view_if_needed(timeout=BRIEF)
    box.click(timeout=BRIEF)
    offered = page.get_by_role("option")
    offered.first.wait_for(timeout=BRIEF)
    names = offered.all_inner_texts()
    wanted = chance.choice([name for name in names if name in LIGHT.get(label, names)] or names[:1])
    page.get_by_role("option", name=wanted, exact=True).first.click(timeout=BRIEF)
    return f"{label}: {wanted}"


def a_button(page: Page, chance: random.Random) -> str:
    buttons = page.locator("[data-testid=stButtonGroup] button, [data-testid=stRadio] label[data-testid=stRadioOption]")
    one = some(chance, buttons, group_label)
    if one is None:
        return ""
    button, label = one
    button.click(timeout=BRIEF)
    return f"{label}: {button.inner_text()}"


def a_switch(page: Page, chance: random.Random) -> str:
    switches = page.get_by_test_id("stCheckbox")
    one = some(chance, switches, lambda each: each.inner_text())
    if one is None or one[1] == "Camera":
        return ""
    one[0].locator("label").first.click(timeout=BRIEF)
    return f"{one[1]}: the other way"


def a_slider(page: Page, chance: random.Random) -> str:
    one = some(chance, page.get_by_test_id("stSlider").locator("input[type=range]"), slider_label)
    if one is None:
        return ""
    key = chance.choice(("ArrowLeft", "ArrowRight"))
    one[0].press(key, timeout=BRIEF)
    return f"{one[1]}: {key}"


def a_number(page: Page, chance: random.Random) -> str:
    field = page.get_by_role("spinbutton").or_(page.locator("input[type=number]")).first
    if not field.count() or not field.is_visible():
        return ""
    number = str(chance.choice((0, 1, 5, 12, 40, 63, 100, 200, 500)))
    field.fill(number, timeout=BRIEF)
    field.press("Enter")
    return f"channel {number}"


def a_place(page: Page, chance: random.Random) -> str:
    """A click in a sheet, a map of units or a drawing, or an arrow key in the microscope."""
    microscope = page.get_by_role("application").first
    if chance.random() < 0.5 and microscope.count() and microscope.is_visible():
        key = chance.choice(("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"))
        microscope.press(key, timeout=BRIEF)
        return f"{key} in {microscope.get_attribute('class')}"
    places = [each for each in page.locator("[role=grid]:visible, [data-node]:visible, [data-stage]:visible").all()]
    if not places:
        return ""
    place = chance.choice(places)
    place.scroll_into_view_if_needed(timeout=BRIEF)
    box = place.bounding_box()
    assert box is not None
    where = {"x": box["width"] * chance.random() * 0.98, "y": box["height"] * chance.random() * 0.98}
    place.click(position=where, timeout=BRIEF, force=True)
    return f"a click in {place.get_attribute('data-node') or place.get_attribute('role')}"


def a_photo(page: Page, chance: random.Random) -> str:
    number = chance.randrange(3)
    photo = pictures.quadrants().rotate(90 * number)
    if not page.locator("[data-testid=stMain] input[type=file]").count() and not page.locator(PHOTO_MENU).count():
        return ""  # a page without photos
    upload(page, f"own-{number}.png", pictures.encode(photo, "PNG"))
    return f"photo own-{number}"


def back(page: Page, _chance: random.Random) -> str:
    if page.evaluate("navigation.currentEntry.index") == 0:  # further back lies no page of the app
        return ""
    page.evaluate("history.back()")
    return "back"


def forward(page: Page, _chance: random.Random) -> str:
    page.evaluate("history.forward()")
    return "forward"


def reload(page: Page, _chance: random.Random) -> str:
    page.reload()
    return "reload"


MOVES: dict[Callable[[Page, random.Random], str], int] = {  # and how often each is tried
    another_page: 6,
    from_a_list: 8,
    a_button: 4,
    a_switch: 1,
    a_slider: 2,
    a_number: 2,
    a_place: 4,
    a_photo: 2,
    back: 3,
    forward: 2,
    reload: 1,
}
