"""The captions of Grad-CAM maps, against the live description, and the drawing of where a map is taken."""

from typing import get_args
from xml.etree import ElementTree

import numpy as np
import pytest

import resnet_core as rc
from app.attributions.charts import stages
from app.shared.drawing.colours import OUTPUT, RESIDUAL, SHORTCUT, SUM
from resnet_core.nets.blocks import ShortcutKind

SOME = np.array([[0.0, 1.0]])


@pytest.fixture(scope="module")
def described() -> rc.Description:
    return rc.describe("resnet18")


def test_a_stage_is_read_at_its_last_block(described: rc.Description) -> None:
    caption = stages.map_caption(described, "layer3", SOME)
    assert caption == stages.MapCaption("layer3", "256 × 14 × 14 · sees 211 px, 88.7 % of the picture", blank=False)
    assert stages.map_caption(described, "layer3.1", SOME).caption == caption.caption
    assert stages.map_caption(described, "layer3.0", SOME).caption.endswith("sees 147 px, 43.1 % of the picture")


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (112, "sees 112 px, 25.0 % of the picture"),
        (224, "sees 224 px, the picture"),
        (435, "sees 435 px, more than the picture's 224"),
    ],
)
def test_the_field_as_a_share_of_the_area(field: int, words: str) -> None:
    assert stages.field_size_words(field, 224) == words


@pytest.mark.parametrize(
    ("values", "title", "blank"),
    [
        ([[0.0, 0.0]], "layer1 · blank", True),
        ([[2.0, 2.0]], "layer1 · one value everywhere", True),
        ([[np.nan, np.nan]], "layer1 · not a number", True),
        ([[np.nan, 1.0]], "layer1 · not a number", False),
        ([[0.0, 1e-12]], "layer1", False),
    ],
)
def test_maps_with_nothing_to_see_are_marked(
    described: rc.Description, values: list[list[float]], title: str, blank: bool
) -> None:
    caption = stages.map_caption(described, "layer1", np.array(values))
    assert (caption.title, caption.blank) == (title, blank)


def test_captions_keep_the_order_and_blank_maps_are_counted(described: rc.Description) -> None:
    captions = stages.captions_of(described, {"layer4": SOME, "layer1": np.zeros((2, 2)), "layer2": np.zeros((2, 2))})
    assert [caption.title for caption in captions] == ["layer4", "layer1 · blank", "layer2 · blank"]
    assert stages.blank_finding(captions) == "2 of 3 maps are blank: layer1, layer2"
    assert stages.blank_finding(captions[:2]) == "1 of 2 maps is blank: layer1"
    assert stages.blank_finding(captions[:1]) == ""


def test_an_unknown_place_is_named(described: rc.Description) -> None:
    with pytest.raises(rc.ResNetCoreError, match=r"The layer is 'layer9', but must be one of 'layer1', 'layer2'"):
        stages.map_caption(described, "layer9", SOME)


# --- where in a block the map is taken

KINDS = get_args(ShortcutKind)


def drawn(kind: ShortcutKind, point: stages.Point) -> ElementTree.Element:
    return ElementTree.fromstring(stages.point_svg(kind, point))


def ring(svg: ElementTree.Element) -> ElementTree.Element:
    found = svg.find(".//*[@class='taken']/circle")
    assert found is not None
    return found


def words(svg: ElementTree.Element) -> list[str]:
    return [found.text or "" for found in svg.iter("text")]


@pytest.mark.parametrize("kind", ["identity", "projection", "zero-pad"])
def test_the_ring_is_before_the_add_after_it_and_after_the_relu(kind: ShortcutKind) -> None:
    places = {point: float(ring(drawn(kind, point)).get("cx", 0)) for point in stages.POINTS}
    svg = drawn(kind, "sum")
    plus = svg.find(".//*[@class='plus']")
    assert plus is not None
    relu = next(found for found in svg.iter("text") if found.text == "ReLU")
    assert places["residual"] < float(plus.get("cx", 0)) < places["sum"] < float(relu.get("x", 0)) < places["output"]


def test_the_ring_has_the_colour_of_the_tensor() -> None:
    fills = {point: ring(drawn("identity", point)).get("fill") for point in stages.POINTS}
    assert fills == {"residual": RESIDUAL, "sum": SUM, "output": OUTPUT}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("point", stages.POINTS)
def test_drawing_and_alt_text_say_the_same(kind: ShortcutKind, point: stages.Point) -> None:
    svg = drawn(kind, point)
    assert svg.get("role") == "img"
    said = stages.NO_SUM if (kind, point) == ("none", "sum") else stages.POINT_WORDS[point]
    assert said in words(svg)
    assert said in str(svg.get("aria-label"))
    assert ("F(x) + shortcut(x)" in str(svg.get("aria-label"))) == (kind != "none")


def test_shortcuts_look_as_everywhere_else() -> None:
    found = {}
    for kind in KINDS:
        svg = drawn(kind, "output")
        marks = [svg.find(f".//*[@class='{mark}']") is not None for mark in ("arc", "diamond", "hollow", "plus")]
        found[kind] = marks
        assert (SHORTCUT in stages.point_svg(kind, "output")) == (kind != "none")
    assert found == {
        "identity": [True, False, False, True],
        "projection": [True, True, False, True],
        "zero-pad": [True, False, True, True],
        "none": [False, False, False, False],
    }


def test_a_plain_block_has_one_place_for_both() -> None:
    before, summed = (ring(drawn("none", point)).get("cx") for point in ("residual", "sum"))
    assert before == summed


@pytest.mark.parametrize("point", stages.POINTS)
def test_the_words_stay_on_the_paper(point: stages.Point) -> None:
    svg = drawn("identity", point)
    for found in svg.iter("text"):
        half = len(found.text or "") * 3.9  # of a letter 14 units high
        assert float(found.get("x", 0)) - half >= 0
        assert float(found.get("x", 0)) + half <= stages.PAPER_WIDTH
        assert float(found.get("y", 0)) < stages.PAPER_HEIGHT


def test_an_unknown_point_is_named() -> None:
    with pytest.raises(
        rc.ResNetCoreError, match="The point is 'input', but must be one of 'residual', 'sum', 'output'"
    ):
        stages.point_svg("identity", "input")  # type: ignore[arg-type]
