"""The drawn inside of a block, read back from its SVG, against the rows of the description."""

from dataclasses import replace
from functools import cache
from xml.etree import ElementTree

import pytest

import resnet_core as rc
from app.architecture.charts.inside import inside_svg
from app.shared.drawing.standalone import standalone

CASES = [
    (name, option, version)
    for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnet20")
    for option in ("A", "B", "C", "none")
    for version in (("v1", "v1.5") if name == "resnet50" else ("v1.5",))
] + [("resnet1202", "A", "v1.5")]


describe = cache(rc.describe)  # described once, only read


def drawn(description: rc.Description, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(inside_svg(description, name))


def words(part: ElementTree.Element, kind: str | None = None) -> list[str]:
    return [found.text or "" for found in part.iter("text") if kind is None or found.get("class") == kind]


def shape(sides: tuple[int, ...]) -> str:
    return " × ".join(map(str, sides))


@pytest.mark.parametrize(("name", "option", "version"), CASES)
def test_every_edge_carries_the_shape_of_the_description(name: str, option: str, version: str) -> None:
    described = describe(name, shortcut=option, version=version)
    for block in ("layer1.0", "layer1.1", "layer2.0", "layer3.1"):
        rows = described.layers[described.layers["block"] == block]
        main, beside = rows[rows["path"] == "main"], rows[rows["path"] == "shortcut"]
        kind = described.blocks.set_index("name").loc[block, "shortcut_kind"]
        shapes = [*main["input"], main["output"].iloc[-1]]
        if kind == "none":
            # there is no sum, but F(x) leads into ReLU by one edge all the same
            assert drawn(described, block).find(".//*[@class='plus']") is None
        else:
            shapes += [main["input"].iloc[-1], main["input"].iloc[0], *beside["output"]]
        assert sorted(words(drawn(described, block), "shape")) == sorted(map(shape, shapes)), block


@pytest.mark.parametrize(("name", "option", "version"), CASES)
def test_every_conv_has_its_numbers(name: str, option: str, version: str) -> None:
    described = describe(name, shortcut=option, version=version)
    for block in ("layer1.0", "layer2.0"):
        said = [part for line in words(drawn(described, block)) for part in line.split(" · ")]
        rows = described.layers[described.layers["block"] == block]
        for row in rows[rows["kind"] == "conv"].to_dict("records"):
            name_ = row["name"].split(".")[-1] if row["path"] == "main" else "conv"
            assert f"{name_} {row['kernel']}×{row['kernel']}, stride {row['stride']}" in said
            for numbers in (
                f"{row['input'][0]} → {row['output'][0]} channels",
                f"{row['params']:,} params",
                f"{row['macs']:,} MACs",
                f"receptive field {row['receptive_field']} px",
            ):
                assert numbers in said


def test_the_shortcuts_differ_by_shape() -> None:
    found = {}
    for kind, option, block in [
        ("identity", "B", "layer2.1"),
        ("projection", "B", "layer2.0"),
        ("zero-pad", "A", "layer2.0"),
        ("none", "none", "layer2.0"),
    ]:
        svg = drawn(describe("resnet18", shortcut=option), block)
        dashed = any(path.get("stroke-dasharray") for path in svg.iter("path"))
        marks = [svg.find(f".//*[@class='{mark}']") is not None for mark in ("diamond", "hollow", "plus")]
        found[kind] = (*marks, dashed)
    assert found == {
        "identity": (False, False, True, False),
        "projection": (True, False, True, False),
        "zero-pad": (False, True, True, True),
        "none": (False, False, False, False),
    }


def test_the_shortcuts_in_words() -> None:
    assert "identity: x itself" in words(drawn(describe("resnet18"), "layer2.1"))
    padded = words(drawn(describe("resnet18", shortcut="A"), "layer2.0"))
    assert {"every 2nd pixel", "64 zero channels", "0 params", "0 MACs"} <= set(padded)
    kept = words(drawn(describe("resnet50", shortcut="A"), "layer1.0"))  # 64 to 256 channels at the same size
    assert {"every pixel", "192 zero channels"} <= set(kept)
    assert "shortcut(x)" not in words(drawn(describe("resnet18", shortcut="none"), "layer2.0"))


def test_a_network_without_batch_norm_draws_none() -> None:
    assert "batch norm · 256 params" in words(drawn(describe("resnet18"), "layer2.0"))
    bare = words(drawn(describe("resnet18", norm="none"), "layer2.0"))
    assert not [word for word in bare if "batch norm" in word]


@pytest.mark.parametrize("size", [224, 64])
def test_the_totals_are_those_of_the_block(size: int) -> None:
    described = describe("resnet50", size)
    for row in described.blocks.to_dict("records"):
        svg = drawn(described, row["name"])
        total = f"{row['name']} in all: {row['params']:,} params · {row['macs']:,} MACs"
        seen = f"receptive field {row['receptive_field']} px, picture {size} px"
        assert words(svg)[-2:] == [total, seen]
        assert f"{row['params']:,} params, {row['macs']:,} MACs, {seen}." in svg.get("aria-label")


def test_the_gist_for_those_who_hear_it() -> None:
    svg = drawn(describe("resnet50"), "layer2.0")
    assert svg.get("role") == "img"
    assert svg.get("aria-label").startswith(
        "Inside layer2.0: F(x) of 3 convs, projection shortcut, from 256×56×56 to 512×28×28; 379,392 params"
    )


def test_stem_and_head_are_chains() -> None:
    described = describe("resnet50")
    stem = drawn(described, "stem")
    assert words(stem, "shape") == [
        "3 × 224 × 224",
        "64 × 112 × 112",
        "64 × 112 × 112",
        "64 × 112 × 112",
        "64 × 56 × 56",
    ]
    assert {"conv1 7×7, stride 2", "max pool 3×3, stride 2", "batch norm · 128 params"} <= set(words(stem))
    head = drawn(described, "head")
    assert words(head, "shape") == ["2048 × 7 × 7", "2048", "1000", "1000"]
    assert {"average pool", "mean of 7 × 7 values", "fc, fully connected", "softmax"} <= set(words(head))
    small = words(drawn(describe("resnet20"), "stem"))
    assert "conv1 3×3, stride 1" in small
    assert not [word for word in small if "max pool" in word]


def test_boxes_stay_on_the_paper_and_apart() -> None:
    for option in ("A", "B"):
        svg = drawn(describe("resnet152", shortcut=option), "layer4.0")
        _, _, width, height = map(float, svg.get("viewBox").split())
        boxes = [
            [float(found.get(side)) for side in ("x", "y", "width", "height")]
            for found in svg.iter("rect")
            if found.get("class") == "layer"
        ]
        for x, y, wide, tall in boxes:
            assert x >= 0
            assert x + wide <= width
            assert y + tall <= height
        for number, (x, y, wide, tall) in enumerate(boxes):
            for x2, y2, wide2, tall2 in boxes[:number]:
                assert x + wide <= x2 or x2 + wide2 <= x or y + tall <= y2 or y2 + tall2 <= y


def test_an_unknown_place_is_named() -> None:
    with pytest.raises(rc.ResNetCoreError, match=r"The layer is 'layer9\.0', but must be one of 'stem', 'layer1\.0'"):
        inside_svg(describe("resnet18"), "layer9.0")


def test_names_are_escaped() -> None:
    described = describe("resnet18")
    evil = '<b>&"'
    blocks = described.blocks.assign(name=[evil, *described.blocks["name"][1:]])
    layers = described.layers.assign(block=described.layers["block"].replace("layer1.0", evil))
    svg = drawn(replace(described, blocks=blocks, layers=layers), evil)
    assert [word for word in words(svg) if word.startswith(f"{evil} in all: 73,984 params")]


def test_a_file_stands_alone() -> None:
    file = standalone(inside_svg(describe("resnet18"), "layer2.0"))
    assert ElementTree.fromstring(file).tag == "{http://www.w3.org/2000/svg}svg"
    assert "currentColor" not in file
