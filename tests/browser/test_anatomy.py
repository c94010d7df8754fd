"""The Architecture and Feature maps pages in a real browser: click, keys, downloads, and a link that holds it all."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from xml.etree import ElementTree

import numpy as np
import pandas as pd
from PIL import Image
from playwright.sync_api import FloatRect, Locator, Page, expect

import resnet_core as rc
from resnet_core.pictures.samples import SAMPLES
from tests.browser.steps import PHONE, OpenPage, choose, open_downloads, problems, settle, url_choices


def node(page: Page, name: str) -> Locator:
    """The node of a block in whichever drawing is to be seen."""
    return page.locator(f"[data-node='{name}']:visible")


def opened(page: Page, name: str) -> None:
    """Wait until a block is open, in the page and in the address."""
    expect(inside(page, name)).to_be_in_viewport()
    settle(page)
    assert url_choices(page)["block"] == name


def inside(page: Page, name: str) -> Locator:
    """The drawn inside of a block."""
    return page.get_by_role("img", name=re.compile(f"^Inside {name}:"))


def test_a_click_and_the_keyboard_open_a_block_whose_numbers_can_be_taken_away(open_page: OpenPage) -> None:
    page = open_page("/architecture")
    node(page, "layer3.0").click()
    opened(page, "layer3.0")
    expect(inside(page, "layer3.0")).to_contain_text("conv 1×1, stride 2")
    node(page, "layer3.0").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    opened(page, "layer3.1")
    every_key_goes_where_it_says(page)
    page.keyboard.press("Space")
    opened(page, "layer2.1")
    assert problems(page) == []
    numbers_and_pictures_can_be_taken_away(page, rc.describe("resnet18", num_classes=10))


def every_key_goes_where_it_says(page: Page) -> None:
    """In the drawing of ResNet-18: from node to node in reading order, and to the nearest in the next row."""
    names = ["stem", *rc.describe("resnet18").blocks["name"], "head"]
    steps = [("Home", names[0]), ("ArrowLeft", names[0]), ("End", names[-1]), ("ArrowRight", names[-1])]
    steps += [("ArrowLeft", names[-2]), ("Control+ArrowLeft", names[-2]), ("Home", names[0]), ("ArrowRight", names[1])]
    node(page, "layer1.0").focus()
    for key, name in steps:
        page.keyboard.press(key)
        assert in_hand(page) == name, key
    for start, key, direction in (("layer3.0", "ArrowDown", 1), ("layer2.1", "ArrowUp", -1)):
        node(page, start).focus()
        page.keyboard.press(key)
        assert in_hand(page) == across(page, names, start, direction), key
    node(page, "layer2.1").focus()


def in_hand(page: Page) -> str | None:
    """The node that has the focus."""
    return page.locator("[data-node]:focus").get_attribute("data-node")


def across(page: Page, names: list[str], start: str, direction: int) -> str:
    """The node in the next row, nearest to the same column; the same where there is no other row."""
    boxes = {name: node(page, name).bounding_box() for name in names}
    middles = {name: (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for name, box in boxes.items() if box}
    x, y = middles[start]
    beyond = [name for name, (_, there) in middles.items() if (there - y) * direction > 10]
    return min(beyond, key=lambda n: (round(abs(middles[n][1] - y)), abs(middles[n][0] - x)), default=start)


def numbers_and_pictures_can_be_taken_away(page: Page, described: rc.Description) -> None:
    """The chart of the stages: the numbers of its network, and a picture with something in it."""
    page.get_by_role("tab", name="Numbers").click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    settle(page)
    open_downloads(page, "stages")
    buttons = page.locator(".st-key-stages_csv")
    with page.expect_download() as csv:
        buttons.get_by_role("button", name="CSV").click()
    table = pd.read_csv(csv.value.path())
    assert table["params"].sum() == described.params
    saves = page.get_by_role("group", name=re.compile("^Save .*stages"))
    with page.expect_download() as png:
        saves.get_by_role("button", name="PNG", exact=True).click()
    assert np.asarray(Image.open(png.value.path()).convert("L")).std() > 5  # something is drawn
    open_downloads(page, "stages")  # the click on the chart's own camera has shut it
    with page.expect_download() as svg:
        saves.get_by_role("button", name="SVG").click()
    assert ElementTree.parse(svg.value.path()).getroot().tag.endswith("svg")


def test_a_finger_opens_a_block_on_a_dark_phone_whose_numbers_can_be_taken_away(open_page: OpenPage) -> None:
    page = open_page("/architecture?net=ResNet-152", **PHONE)
    node(page, "layer3.35").tap()
    opened(page, "layer3.35")
    assert problems(page) == []
    numbers_and_pictures_can_be_taken_away(page, rc.describe("resnet152"))


def test_what_a_click_in_a_deep_network_opens_is_on_the_screen_beside_it(open_page: OpenPage) -> None:
    page = open_page("/architecture?net=ResNet-152&unfolded=layer3", viewport={"width": 1280, "height": 720})
    deep = node(page, "layer3.30")
    deep.scroll_into_view_if_needed()  # in its box
    deep.click()
    opened(page, "layer3.30")
    expect(deep).to_be_in_viewport()
    box = page.locator(".st-key-drawing")
    scrolled = box.evaluate("box => box.scrollTop")
    assert scrolled > 0
    page.get_by_role("button", name="Next").click()
    opened(page, "layer3.31")
    assert box.evaluate("box => box.scrollTop") == scrolled
    page.get_by_role("combobox", name="Block", exact=True).fill("stem")  # the list is long
    page.keyboard.press("Enter")
    opened_stem = page.get_by_role("img", name=re.compile("^Inside the stem:"))
    expect(opened_stem).to_be_in_viewport()
    expect(node(page, "stem")).to_be_in_viewport()  # its box has moved
    assert problems(page) == []


def test_a_link_holds_the_switches(open_page: OpenPage) -> None:
    page = open_page("/architecture?net=ResNet-34&shortcut=C&size_imagenet=64&block=layer2.0&detail=layers")
    expect(page.get_by_text("Option C adds 13 projections: +919,168 parameters")).to_be_visible()
    expect(node(page, "layer2.0")).to_contain_text("3×3")
    expect(page.get_by_role("combobox", name="Block")).to_have_value("layer2.0")


def test_clicks_and_keys_in_the_sheet_choose_a_channel_and_a_click_in_the_channel_a_unit(open_page: OpenPage) -> None:
    page = open_page("/feature_maps?maps=Channels&sort=index")
    expect(page.get_by_role("grid")).to_have_count(2)
    sheet, channel = page.get_by_role("grid").all()
    at(sheet, column=2.5 / 8, row=1.5 / 8)
    expect(page.get_by_text("Channel 10 on the photo")).to_be_visible()
    settle(page)
    assert url_choices(page)["channel"] == "10"
    at(channel, column=20.5 / 56, row=20.5 / 56)
    model = rc.load("resnet18", "imagenette")
    block = rc.capture(model, rc.preprocess(SAMPLES["palace"].load(), model))["layer1.0"]
    value = float(block.y[0, 10, 20, 20])
    expect(page.get_by_text(f"Unit in row 20, column 20: {value:.3g}.")).to_be_visible()
    settle(page)
    every_key_goes_to_its_cell(page, sheet)
    the_sheet_can_be_taken_away_as_it_is_shown(page)
    a_second_network_shares_the_axes(page)


def every_key_goes_to_its_cell(page: Page, sheet: Locator) -> None:
    """Of the 8 x 8 channels of layer1.0, in the order of their numbers; the chosen one is 10."""
    sheet.focus()
    steps = {"ArrowRight": 11, "ArrowDown": 19, "ArrowLeft": 18, "ArrowUp": 10, "End": 15, "Home": 8}
    stops = {"ArrowLeft": 8, "Control+ArrowRight": 8, "Alt+ArrowDown": 8}  # the edge, and what others may mean
    for key, channel in (*steps.items(), *stops.items(), ("ArrowDown", 16)):
        page.keyboard.press(key)
        assert cell(sheet) == (channel, f"{channel}"), key
    for key, channel in (("Enter", 16), ("Space", 17)):
        page.keyboard.press(key)
        expect(page.get_by_text(f"Channel {channel} on the photo")).to_be_visible()
        settle(page)
        page.keyboard.press("ArrowRight")


def cell(sheet: Locator) -> tuple[int, str]:
    """The cell under the cursor: counted from its row and column, and as its label says."""
    cursor = sheet.get_by_role("gridcell")
    row, column = sheet.get_by_role("row").get_attribute("aria-rowindex"), cursor.get_attribute("aria-colindex")
    assert row is not None
    assert column is not None
    label = re.search(r"[Cc]hannel (\d+)", cursor.get_attribute("aria-label") or "")
    return 8 * (int(row) - 1) + int(column) - 1, "" if label is None else label[1]


def at(grid: Locator, *, column: float, row: float) -> None:
    """Click at a share of the width and of the height."""
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box is not None
    grid.click(position={"x": column * box["width"], "y": row * box["height"]})


def test_arrow_keys_step_through_blocks_and_channels_and_the_numbers_add_up(open_page: OpenPage) -> None:
    page = open_page("/feature_maps?channel=5")
    microscope = page.get_by_role("application")
    microscope.focus()
    for key, name in (("ArrowRight", "layer1.1, channel 5"),
                      ("ArrowRight", "layer2.0, channel 5"),
                      ("ArrowLeft", "layer1.1, channel 5"),
                      ("ArrowDown", "layer1.1, channel 6")):  # fmt: skip
        page.keyboard.press(key)
        expect(page.get_by_role("application", name=f"{name} under the microscope")).to_be_visible()
        settle(page)
    for _ in range(20):
        page.keyboard.press("Shift+ArrowRight")
        expect(microscope).to_contain_text(re.compile(r"Row \d+, column \d+: F\(x\) .* \+ shortcut\(x\) .* = sum"))
        sentence = microscope.inner_text().replace("−", "-")
        found = re.search(r"F\(x\) (\S+) \+ shortcut\(x\) (\S+) = sum (\S+), ReLU → (\S+)", sentence)
        residual, shortcut, total, output = map(Decimal, found.groups())
        assert residual + shortcut == total  # as printed
        assert output == max(total, 0)
        panels = microscope.locator(".number").all_inner_texts()
        assert [Decimal(text.replace("−", "-")) for text in panels] == [shortcut, residual, shortcut, total, output]
    assert problems(page) == []
    the_microscope_stays_in_one_row_beside_the_open_sidebar(page)


def the_microscope_stays_in_one_row_beside_the_open_sidebar(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    settle(page)
    views = page.get_by_role("application").locator(".view")
    tops = {round(view.evaluate("view => view.getBoundingClientRect().top")) for view in views.all()}
    assert views.count() == 5
    assert len(tops) == 1
    assert problems(page) == []


def test_x_forks_into_f_and_past_it(open_page: OpenPage) -> None:
    """On a desktop a bow leads from x over F(x) into the shortcut; a plain block has none."""
    page = open_page("/feature_maps")
    microscope = page.get_by_role("application")
    expect(microscope.locator(".bow.over")).to_have_text("identity")
    x, residual, shortcut, *_ = (box_of(view) for view in microscope.locator(".view").all())
    start, over, end = (box_of(microscope.locator(f".bow.{part}")) for part in ("start", "over", "end"))
    assert abs(start["x"] - (x["x"] + x["width"] / 2)) < 3
    assert abs(end["x"] + end["width"] - (shortcut["x"] + shortcut["width"] / 2)) < 3
    assert over["x"] <= residual["x"]
    assert over["x"] + over["width"] >= residual["x"] + residual["width"]
    assert abs(start["x"] + start["width"] - over["x"]) < 2  # one line
    assert abs(over["x"] + over["width"] - end["x"]) < 2
    page = open_page("/feature_maps?net=ResNet-20&weights=CIFAR-10%2C+plain+twin")
    expect(page.get_by_role("application")).to_contain_text("A plain block has no shortcut")
    expect(page.locator(".bow.over")).to_be_hidden()


def box_of(element: Locator) -> FloatRect:
    box = element.bounding_box()
    assert box is not None
    return box


def test_fingers_step_through_the_blocks_on_a_phone(open_page: OpenPage) -> None:
    page = open_page("/feature_maps", **PHONE)
    for name in ("layer1.1", "layer2.0"):
        button = page.get_by_role("button", name="Next", exact=True)
        assert box_of(button)["height"] >= 44
        button.tap()
        expect(page.get_by_role("application", name=f"{name}, channel")).to_be_visible()
        settle(page)
    assert url_choices(page)["block"] == "layer2.0"
    page.get_by_text("F(x) = 0", exact=True).tap()
    expect(page.get_by_text("F(x) = 0 in layer2.0: y is the shortcut alone")).to_be_visible()
    assert problems(page) == []


def a_second_network_shares_the_axes(page: Page) -> None:
    page.get_by_role("tab", name="Along depth").click()
    choose(page, "Compare with", "a second network")
    expect(page.get_by_role("combobox", name="Second network")).to_be_visible()
    expect(page.locator(".js-plotly-plot").last).to_contain_text("ResNet-20")
    settle(page)
    assert problems(page) == []


def the_sheet_can_be_taken_away_as_it_is_shown(page: Page) -> None:
    open_downloads(page, "sheet")
    with page.expect_download() as png:
        page.locator(".st-key-sheet_png").get_by_role("button", name="PNG").click()
    painted = Image.open(io.BytesIO(png.value.path().read_bytes()))
    assert painted.width <= 1440
    assert len(np.unique(np.asarray(painted.convert("RGB")).reshape(-1, 3), axis=0)) > 50
