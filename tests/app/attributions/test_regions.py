"""Superpixels to remove: their outlines, masks of the chosen ones, and the messages between page and browser."""

from __future__ import annotations

import base64
import io
import json
import re
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import resnet_core as rc
from app.attributions.charts.regions import first_pixels, first_superpixels, outlines, selected
from app.attributions.components import regions
from resnet_core.pictures.images import IMAGENET_TRANSFORM, to_tensor
from resnet_core.pictures.masks import rectangle
from resnet_core.pictures.samples import golf_ball

GRID = np.kron(np.arange(9).reshape(3, 3), np.ones((4, 5), dtype=np.int64))  # 3 x 3 superpixels of 4 x 5 pixels


def filled_by(path: str, height: int, width: int) -> np.ndarray:
    """The pixels inside an SVG path of closed loops, by the nonzero rule: signed vertical borders to their left."""
    borders = np.zeros((height, width + 1), dtype=int)
    x = y = 0
    for command, number in re.findall(r"([Mhvz])(-?\d+(?: \d+)?)?", path):
        if command == "M":
            x, y = start = tuple(map(int, number.split()))
        elif command == "h":
            x += int(number)
        elif command == "v":
            end = y + int(number)
            borders[min(y, end) : max(y, end), x] += 1 if end < y else -1
            y = end
        else:
            assert (x, y) == start
    return borders.cumsum(axis=1)[:, :-1] != 0


def ring() -> np.ndarray:
    """A superpixel around another, of which one pixel hangs on a corner only."""
    cut = np.zeros((6, 7), dtype=np.int64)
    cut[2:4, 2:5] = 1
    cut[1, 5] = 1
    return cut


def photo_cut() -> np.ndarray:
    photo = to_tensor(IMAGENET_TRANSFORM.view(golf_ball()).resize((96, 96)))[None]
    return rc.superpixels(photo, 30)[0].numpy()


@pytest.mark.parametrize(
    "cut",
    [GRID, ring(), photo_cut(), np.zeros((1, 1), dtype=np.int64), np.arange(6).reshape(2, 3)],
    ids=["grid", "ring", "photo", "one pixel", "pixels"],
)
def test_an_outline_holds_exactly_its_pixels(cut: np.ndarray) -> None:
    drawn = outlines(cut)
    assert (drawn.height, drawn.width) == cut.shape
    assert len(drawn.paths) == cut.max() + 1
    for number, path in enumerate(drawn.paths):
        assert np.array_equal(filled_by(path, *cut.shape), cut == number)
        assert drawn.sizes[number] == (cut == number).sum()


def test_a_straight_border_is_one_line() -> None:
    assert outlines(GRID).paths[4] == "M5 4h5v4h-5v-4z"


def test_neighbours_of_a_grid() -> None:
    found = outlines(GRID).neighbours  # left, right, above, below
    assert found[4] == (3, 5, 1, 7)
    assert found[0] == (0, 1, 0, 3)
    assert found[8] == (7, 8, 5, 8)


def test_neighbours_of_a_photo_touch_and_lie_in_their_direction() -> None:
    cut = photo_cut()
    found = outlines(cut).neighbours
    centres = [np.argwhere(cut == number).mean(axis=0) for number in range(len(found))]
    pairs = {
        frozenset(pair)
        for a, b in ((cut[:, 1:], cut[:, :-1]), (cut[1:], cut[:-1]))
        for pair in zip(a.flat, b.flat, strict=True)
    }
    for number, ways in enumerate(found):
        for other, axis, sign in zip(ways, (1, 1, 0, 0), (-1, 1, -1, 1), strict=True):
            if other != number:
                assert frozenset((number, other)) in pairs
                assert sign * (centres[other] - centres[number])[axis] > 0
    reached = {0}
    for _ in found:
        reached |= {other for number in reached for other in found[number]}
    assert len(reached) > 0.8 * len(found)


def test_one_superpixel_has_no_neighbours() -> None:
    assert outlines(np.zeros((3, 4), dtype=np.int64)).neighbours == ((0, 0, 0, 0),)


def test_the_digest_tells_cuts_apart() -> None:
    other = GRID.copy()
    other[0, 0] = 1
    digests = {outlines(cut).digest for cut in (GRID, other, GRID.T, GRID.reshape(15, 12) // 9)}
    assert len(digests) == 4
    assert outlines(GRID.astype(np.int32)).digest == outlines(GRID).digest


def test_selected_is_where_the_numbers_are() -> None:
    assert np.array_equal(selected(GRID, {0, 4}), (GRID == 0) | (GRID == 4))
    assert not selected(GRID, frozenset()).any()
    assert selected(GRID, range(9)).all()
    assert selected(GRID, [2]).dtype == bool


@pytest.mark.parametrize(
    ("left", "right", "top", "bottom", "rows", "columns"),
    [
        (0, 100, 0, 100, slice(0, 20), slice(0, 10)),
        (20, 50, 5, 95, slice(1, 19), slice(2, 5)),
        (24, 26, 0, 50, slice(0, 10), slice(2, 3)),
        (-50, 250, 40, 60, slice(8, 12), slice(0, 10)),
        (50, 50, 0, 100, slice(0), slice(0)),
        (0, 100, 70, 30, slice(0), slice(0)),
    ],
)
def test_a_rectangle_in_per_cent(
    left: float, right: float, top: float, bottom: float, rows: slice, columns: slice
) -> None:
    expected = np.zeros((20, 10), dtype=bool)
    expected[rows, columns] = True
    assert np.array_equal(rectangle(20, 10, left=left, right=right, top=top, bottom=bottom), expected)


def png(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (15, 12), colour).save(buffer, "PNG")
    return buffer.getvalue()


def page() -> None:
    from app.attributions.charts.regions import outlines
    from app.attributions.components.regions import regions
    from tests.app.attributions.test_regions import GRID, png

    regions(png("green"), png("white"), outlines(GRID), [], alt="A photo", key="edit", on_change=print)


def shown(app: AppTest) -> dict[str, Any]:
    [element] = app.get("bidi_component")
    assert element.proto.component_name == "resnet_explorer_regions"
    data: dict[str, Any] = json.loads(element.proto.json)
    return data


def test_at_first_nothing_is_gone_and_the_browser_has_all_it_draws() -> None:
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    data = shown(app)
    drawn = outlines(GRID)
    for name, colour in (("photo", "green"), ("filled", "white")):
        head, _, body = data[name].partition(",")
        assert head == "data:image/png;base64"
        assert base64.b64decode(body) == png(colour)
    assert (data["height"], data["width"], data["alt"]) == (12, 15, "A photo")
    assert data["paths"] == list(drawn.paths)
    assert data["sizes"] == [20] * 9
    assert data["neighbours"] == [list(ways) for ways in drawn.neighbours]
    assert (data["cut"], data["ids"]) == (drawn.digest, [])


class Mounted:
    """Replaces the registered component and stores its arguments."""

    def __call__(self, **given: Any) -> None:
        self.arguments = given

    def tells(self, cut: str, turn: int, ids: list[int]) -> None:
        """The browser says what is gone."""
        regions.st.session_state["edit"] = {"gone": {"cut": cut, "turn": turn, "ids": ids}}
        self.arguments["on_gone_change"]()


@pytest.fixture
def mounted(monkeypatch: pytest.MonkeyPatch) -> Mounted:
    stand_in = Mounted()
    monkeypatch.setattr(regions, "_REGIONS", stand_in)
    monkeypatch.setattr(regions, "st", SimpleNamespace(session_state={}))
    return stand_in


def show(cut: np.ndarray, gone: list[int], on_change: Any = print) -> None:
    regions.regions(png("green"), png("white"), outlines(cut), gone, alt="", key="edit", on_change=on_change)


def test_what_the_browser_tells_is_handed_on_and_comes_back_with_its_turn(mounted: Mounted) -> None:
    heard: list[list[int]] = []
    show(GRID, [], heard.append)
    data = mounted.arguments["data"]
    mounted.tells(data["cut"], data["turn"] + 2, [7, 3, 99, -1])
    assert heard == [[3, 7]]
    mounted.tells(data["cut"], data["turn"] + 3, [7, 3])
    show(GRID, [3, 7])
    assert mounted.arguments["data"]["ids"] == [3, 7]
    assert mounted.arguments["data"]["turn"] == data["turn"] + 3


def test_what_is_said_of_another_cut_is_not_heard(mounted: Mounted) -> None:
    heard: list[list[int]] = []
    show(GRID, [], heard.append)
    mounted.tells(outlines(np.minimum(GRID, 4)).digest, mounted.arguments["data"]["turn"] + 1, [3])
    assert heard == []


def test_what_did_not_come_from_the_picture_counts_as_later_than_all_that_did(mounted: Mounted) -> None:
    show(GRID, [])
    first = mounted.arguments["data"]
    mounted.tells(first["cut"], first["turn"] + 1, [5])
    show(GRID, [5])
    time.sleep(0.01)
    show(GRID, [5, 6])
    written = mounted.arguments["data"]
    assert written["turn"] > first["turn"] + 1
    show(GRID, [5, 6])  # and stays what it was: nothing has changed
    assert mounted.arguments["data"]["turn"] == written["turn"]
    time.sleep(0.01)
    show(GRID, [5])  # back to what the picture said once
    assert mounted.arguments["data"]["turn"] > written["turn"]


def test_the_turn_outlives_the_component(mounted: Mounted) -> None:
    show(GRID, [])
    first = mounted.arguments["data"]
    mounted.tells(first["cut"], first["turn"] + 1, [5])
    show(GRID, [5])
    del regions.st.session_state["edit"]  # Streamlit drops the state of what is not shown
    show(GRID, [5])
    assert mounted.arguments["data"]["turn"] == first["turn"] + 1


def test_a_new_session_is_newer_than_what_a_browser_remembers_of_a_lost_one(mounted: Mounted) -> None:
    show(GRID, [])
    first = mounted.arguments["data"]["turn"]
    show(GRID, [])
    assert mounted.arguments["data"]["turn"] == first
    regions.st.session_state.clear()
    time.sleep(0.01)
    show(GRID, [])
    assert mounted.arguments["data"]["turn"] > first


def test_the_first_superpixels_come_as_near_to_the_share_as_whole_ones_can() -> None:
    cut = np.repeat([0, 1, 2, 3], [1, 3, 3, 3])[None]  # 10, 30, 30 and 30 % of the picture
    values = np.array([[9, 5, 5, 5, 7, 7, 1, 0, 0, 0]], np.float32)  # means 9, 5, 5 and 0
    assert first_superpixels(cut, values, 0.1) == [0]
    assert first_superpixels(cut, values, 0.01) == [0]  # at least one
    assert first_superpixels(cut, values, 0.35) == [0, 1]
    assert first_superpixels(cut, -values, 0.3) == [3]


def test_the_first_pixels_are_the_share_but_for_equal_ones_which_go_together() -> None:
    values = np.array([[0, 3], [0, 0], [2, -1]], np.float32)
    assert first_pixels(values, 1 / 3).tolist() == [[False, True], [False, False], [True, False]]
    assert first_pixels(values, 0.5).tolist() == [[False, True], [False, False], [True, False]]  # 0 stands three times
    assert first_pixels(values, 0.7).tolist() == [[True, True], [True, True], [True, False]]
    assert first_pixels(values, 0.01).sum() == 1


@pytest.mark.parametrize("values", [np.ones((2, 2)), np.array([[0, np.nan]])])
def test_a_map_without_order_ranks_nothing_first(values: np.ndarray) -> None:
    with pytest.raises(rc.ResNetCoreError, match="nothing is ranked first"):
        first_pixels(values, 0.1)
    with pytest.raises(rc.ResNetCoreError, match="nothing is ranked first"):
        first_superpixels(np.zeros(values.shape, int), values, 0.1)
