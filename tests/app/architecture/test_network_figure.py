"""The drawn network, read back from its SVG, against the description it was drawn from."""

import re
from dataclasses import replace
from functools import cache
from xml.etree import ElementTree

import pytest

import resnet_core as rc
from app.architecture.charts.network import network_svg
from app.shared.drawing.standalone import standalone
from app.shared.drawing.svg import text

NAMES = [name for name in rc.VARIANTS if name != "resnet1202"]
BUILDS = [(name, "B", "v1.5") for name in NAMES] + [
    *((name, option, "v1.5") for name in ("resnet18", "resnet50", "resnet20") for option in ("A", "C", "none")),
    ("resnet152", "B", "v1"),
]


describe = cache(rc.describe)  # described once, only read


def drawn(description: rc.Description, **options: object) -> ElementTree.Element:
    given = {"detail": "blocks", "chosen": "layer2.0", **options}
    return ElementTree.fromstring(network_svg(description, **given))


def nodes(svg: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {found.get("data-node"): found for found in svg.iterfind(".//*[@data-node]")}


def words(part: ElementTree.Element) -> list[str]:
    return [found.text or "" for found in part.iter("text")]


def parts(node: ElementTree.Element) -> dict[str, int]:
    """How often each mark occurs in a node."""
    dashed = [path for path in node.iter("path") if path.get("stroke-dasharray")]
    marks = ("arc", "diamond", "hollow", "plus", "residual")
    return {**{mark: len(node.findall(f".//*[@class='{mark}']")) for mark in marks}, "dashed": len(dashed)}


MARKS = {
    "identity": {"arc": 1, "diamond": 0, "hollow": 0, "plus": 1, "residual": 1, "dashed": 0},
    "projection": {"arc": 1, "diamond": 1, "hollow": 0, "plus": 1, "residual": 1, "dashed": 0},
    "zero-pad": {"arc": 1, "diamond": 0, "hollow": 1, "plus": 1, "residual": 1, "dashed": 1},
    "none": {"arc": 0, "diamond": 0, "hollow": 0, "plus": 0, "residual": 1, "dashed": 0},
}


@pytest.mark.parametrize(("name", "option", "version"), BUILDS)
@pytest.mark.parametrize("columns", [12, 5])
def test_every_block_is_one_node_whose_marks_tell_its_shortcut(
    name: str, option: str, version: str, columns: int
) -> None:
    described = describe(name, shortcut=option, version=version)
    found = nodes(drawn(described, columns=columns, unfolded=frozenset(described.blocks["stage"])))
    assert list(found) == ["stem", *described.blocks["name"], "head"]
    for row in described.blocks.to_dict("records"):
        node = found[row["name"]]
        assert parts(node) == MARKS[row["shortcut_kind"]], row["name"]
        assert row["name"] in words(node)
        assert ("/2" in words(node)) == (row["input"][1] == 2 * row["output"][1])


def test_the_four_marks_differ_without_colour() -> None:
    assert len({tuple(marks.items()) for marks in MARKS.values()}) == 4


def test_short_stages_share_a_row_in_which_each_has_two_lines_over_it() -> None:
    svg = drawn(describe("resnet18"), columns=5)
    height = {name: place.get("transform").split()[1] for place in svg.findall("g") for name in nodes(place)}
    assert height["layer1.0"] == height["layer1.1"] == height["layer2.0"] != height["layer3.0"]
    assert {"conv3_x · layer2", "2 blocks · 128 × 28 × 28"} <= set(words(svg))
    assert float(svg.get("viewBox").split()[3]) < 490  # so that all of it stands on the first screen of a laptop


def test_a_node_says_what_it_is() -> None:
    node = nodes(drawn(describe("resnet50")))["layer2.0"]
    assert node.get("aria-label") == "layer2.0: projection shortcut, 256×56×56 to 512×28×28, opens its inside"
    assert (node.get("role"), node.get("tabindex")) == ("button", "0")


@pytest.mark.parametrize("size", [224, 96])
def test_headings_give_the_shapes_of_the_description(size: int) -> None:
    described = describe("resnet152", size)
    said = words(drawn(described, columns=5))
    for row in described.stages.query("blocks > 0").to_dict("records"):
        shape = " × ".join(map(str, row["output"]))
        assert f"{row['paper_name']} · {row['name']} · {row['blocks']} blocks · {shape}" in said
    assert f"conv1 · stem · 3 × {size} × {size} → 64 × {size // 4} × {size // 4}" in said
    assert "head · 1000 classes" in said


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("resnet50", ["7×7 conv, 64, /2", "BN, ReLU", "3×3 max pool, /2"]),
        ("resnet20", ["3×3 conv, 16", "BN, ReLU"]),
    ],
)
def test_the_stem_of_each_family(name: str, expected: list[str]) -> None:
    assert words(nodes(drawn(describe(name)))["stem"]) == expected


def test_only_the_chosen_node_has_the_strong_frame() -> None:
    for chosen in ("stem", "layer3.2", "head"):
        svg = drawn(describe("resnet50"), chosen=chosen)
        strong = {name for name, node in nodes(svg).items() if node.find("rect").get("stroke-width") == "3"}
        assert strong == {chosen}
        assert [name for name, node in nodes(svg).items() if node.get("aria-current")] == [chosen]


def test_the_legend_explains_only_what_is_there() -> None:
    for option, present in {
        "A": {"identity", "zero padding"},
        "B": {"identity", "1×1 projection"},
        "C": {"1×1 projection"},
        "none": {"no shortcut (plain)"},
    }.items():
        legend = words(drawn(describe("resnet18", shortcut=option)).find(".//*[@class='legend']"))
        kinds = {"identity", "zero padding", "1×1 projection", "no shortcut (plain)"}
        assert kinds & set(legend) == present
        assert ("sum" in legend) == (option != "none")


@pytest.mark.parametrize(
    ("name", "version", "block", "lines"),
    [
        ("resnet50", "v1.5", "layer2.0", ["1×1, 128", "3×3, 128, /2", "1×1, 512"]),
        ("resnet50", "v1", "layer2.0", ["1×1, 128, /2", "3×3, 128", "1×1, 512"]),
        ("resnet18", "v1.5", "layer1.1", ["3×3, 64", "3×3, 64"]),
    ],
)
def test_layers_are_listed_as_they_are_built(name: str, version: str, block: str, lines: list[str]) -> None:
    node = nodes(drawn(describe(name, version=version), detail="layers"))[block]
    assert [word for word in words(node) if "×" in word] == lines


def test_a_stage_is_one_node_that_counts_its_runs() -> None:
    svg = drawn(describe("resnet50"), detail="stages", chosen="layer3.4")
    found = nodes(svg)
    assert list(found) == ["stem", "layer1.0", "layer2.0", "layer3.0", "layer4.0", "head"]
    assert [word for word in words(found["layer3.0"]) if word.startswith("×")] == ["× 1", "× 5"]
    assert [arc.get("data-shortcut") for arc in found["layer3.0"].iter("g") if arc.get("class") == "arc"] == [
        "projection",
        "identity",
    ]
    assert found["layer3.0"].get("aria-current") == "true"  # it holds the chosen block
    assert found["layer3.0"].get("aria-label").startswith("layer3: 1 with projection shortcut, 5 with identity")


def test_a_stage_unfolds_to_its_blocks() -> None:
    described = describe("resnet50")
    svg = drawn(described, detail="stages", unfolded=frozenset({"layer3"}))
    inside = [name for name in nodes(svg) if name.startswith("layer3")]
    assert inside == [f"layer3.{number}" for number in range(6)]
    headings = {found.get("data-stage"): found.get("aria-expanded") for found in svg.iterfind(".//*[@data-stage]")}
    assert headings == {"layer1": "false", "layer2": "false", "layer3": "true", "layer4": "false"}


def test_what_does_not_fold_has_no_button() -> None:
    for name in ("resnet50", "resnet56"):
        assert drawn(describe(name)).find(".//*[@data-stage]") is None


@pytest.mark.parametrize(
    ("name", "folded"),
    [("resnet101", {"layer3"}), ("resnet152", {"layer3"}), ("resnet110", {"layer1", "layer2", "layer3"})],
)
def test_a_stage_of_more_than_twelve_blocks_is_folded(name: str, folded: set[str]) -> None:
    svg = drawn(describe(name))
    assert {found.get("data-stage") for found in svg.iterfind(".//*[@data-stage]")} == folded


def test_the_long_stages_of_resnet_1202_are_folded() -> None:
    described = describe("resnet1202")
    svg = drawn(described, chosen="layer1.77", unfolded=frozenset({"layer2"}))
    counts = {f"layer{stage}": sum(name.startswith(f"layer{stage}.") for name in nodes(svg)) for stage in (1, 2, 3)}
    assert counts == {"layer1": 5, "layer2": 200, "layer3": 5}
    more = [node for node in svg.iterfind(".//*[@data-stage]") if node.get("class", "").startswith("node")]
    assert [node.get("aria-label") for node in more] == [
        "195 more blocks of layer1, all identity; folds them out",
        "195 more blocks of layer3, all identity; folds them out",
    ]
    assert " ".join(words(more[0])) == "… 195 more, all identity … unfold"
    assert [node.get("class") for node in more] == ["node chosen", "node"]  # block 77 is among the first 195


def test_a_folded_run_is_as_tall_as_its_neighbours() -> None:
    for detail in ("blocks", "layers"):
        svg = drawn(describe("resnet1202"), detail=detail)
        nodes = [node for node in svg.iterfind(".//*[@role='button']") if "layer1" in node.get("aria-label")]
        heights = {node.find("rect").get("height") for node in nodes if node.get("class") == "node"}
        assert len(heights) == 1, detail


@pytest.mark.parametrize("detail", ["stages", "blocks", "layers"])
@pytest.mark.parametrize(("columns", "width"), [(12, 1100), (5, 360)])
@pytest.mark.parametrize(
    ("name", "option"), [("resnet18", "B"), ("resnet152", "B"), ("resnet152", "A"), ("resnet1202", "A")]
)
def test_nothing_leaves_the_paper_and_everything_can_be_read(
    name: str, option: str, columns: int, width: int, detail: str
) -> None:
    svg = drawn(describe(name, shortcut=option), detail=detail, columns=columns)
    assert float(svg.get("viewBox").split()[2]) <= width
    room = float(svg.get("viewBox").split()[2])
    for shift, scale, node in placed(svg):
        assert shift >= 18
        assert shift + scale * float(node.find("rect").get("width")) <= room
    assert min(float(found.get("font-size")) for found in svg.iter("text")) >= 11.2  # a phone shows 355 of the 360


def placed(svg: ElementTree.Element) -> list[tuple[float, float, ElementTree.Element]]:
    """Every button with its left edge and its scale."""
    found = []
    for place in svg.findall("g"):
        shift = re.match(r"translate\((\S+)", place.get("transform", ""))
        for button in place.iterfind(".//*[@role='button']"):
            scaled = place.find("g[@transform]")
            scale = float(scaled.get("transform")[6:-1]) if scaled is not None else 1.0
            found.append((float(shift[1]), scale, button))
    assert found
    return found


def test_names_are_escaped() -> None:
    described = describe("resnet18")
    evil = '<script>&"'
    blocks = described.blocks.assign(name=[evil, *described.blocks["name"][1:]])
    stages = described.stages.assign(paper_name=evil)
    svg = drawn(replace(described, blocks=blocks, stages=stages))
    assert evil in nodes(svg)
    assert f"{evil} · layer2" in words(svg)
    assert text(0, 0, "a < b & c").endswith(">a &lt; b &amp; c</text>")


def test_a_file_stands_alone() -> None:
    svg = network_svg(describe("resnet50"), detail="blocks", chosen="stem")
    file = standalone(svg)
    root = ElementTree.fromstring(file)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert (root.get("width"), root.get("height")) == tuple(root.get("viewBox").split()[2:])
    assert "currentColor" in svg
    for gone in ("currentColor", "tabindex", 'role="button"', "inherit"):
        assert gone not in file
    there = [found for found in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [found.text for found in there] == words(ElementTree.fromstring(svg))
