"""Architecture through Streamlit's test runner: what a visitor reads, against the library."""

import re

import pandas as pd
import pytest
from safetensors.torch import save

import resnet_core as rc
from app.architecture import computed
from tests.app.test_pages import page_text, start

ARCHITECTURE = "architecture/page.py"


def block_table(**url: str) -> pd.DataFrame:
    """Every block in numbers."""
    found: pd.DataFrame = start(ARCHITECTURE, anatomy="Numbers", **url).dataframe[0].value
    return found


def test_the_switches_change_drawing_numbers_and_the_line_that_tells_the_cost() -> None:
    app = start(ARCHITECTURE, net="ResNet-34", shortcut="C")
    assert "Option C adds 13 projections: +919,168 parameters" in page_text(app)
    assert "ResNet-34), 0.33 points better." in page_text(app)
    described = rc.describe("resnet34", shortcut="C")  # with random weights: the paper's 1000 classes
    assert "16 blocks; shortcuts: 1×1 projection (16). Option C projects in every block" in page_text(app)
    assert block_table(net="ResNet-34", shortcut="C")["parameters"].sum() == described.params
    app.segmented_control("shortcut").set_value("none").run()
    assert "Without shortcuts ResNet-34 becomes plain-34" in page_text(app)
    app.segmented_control("shortcut").set_value("its own").run()
    assert "ResNet-34: 16 blocks; shortcuts: identity (13), 1×1 projection (3)" in page_text(app)
    assert "becomes" not in page_text(app)


def test_the_drawn_network_is_that_of_the_weights() -> None:
    """Ten classes in the head of the Imagenette weights, and a plain file's own option."""
    params = sum(each.numel() for each in rc.load("resnet18", "imagenette").parameters())
    assert block_table()["parameters"].sum() == params
    app = start(ARCHITECTURE, net="ResNet-20", anatomy="Numbers")
    app.get("file_uploader")[0].upload("plain.safetensors", save(rc.build("resnet20", shortcut="B").state_dict())).run()
    assert app.dataframe[0].value["parameters"].sum() == 272_474  # option B, as facts have it
    assert app.dataframe[0].value["shortcut"].str.contains("1×1 projection").sum() == 2


def test_each_count_of_parameters_names_the_classes_of_its_head() -> None:
    """The paper's 1,000 in the table, the 10 of the weights in what is drawn: a linear layer of 512 inputs apart."""
    ten, thousand = (rc.describe("resnet18", num_classes=classes).params for classes in (10, 1000))
    fewer = 990 * (512 + 1)
    assert thousand - ten == fewer
    said = f"{ten:,} parameters with a head of 10 classes, {fewer:,} fewer than with the 1,000 of the table"
    assert said in page_text(start(ARCHITECTURE))
    text = page_text(start(ARCHITECTURE, anatomy="Paper"))
    row = re.search(r">parameters, 1,000 classes</th>(.*?)</tr>", text)
    assert row is not None
    assert f">{thousand:,}<" in row[1]
    app = start(ARCHITECTURE, anatomy="Numbers")
    assert any("11.2 M with\\u003cbr\\u003e10 classes" in chart.proto.spec for chart in app.get("plotly_chart"))
    text = page_text(start(ARCHITECTURE, weights="random weights"))
    assert f"{thousand:,} parameters with a head of 1,000 classes." in text
    assert f"{ten:,}" not in text


def test_the_version_matters_to_bottlenecks_only() -> None:
    assert start(ARCHITECTURE, net="ResNet-18").segmented_control("version").disabled
    app = start(ARCHITECTURE, net="ResNet-50", version="v1")
    assert not app.segmented_control("version").disabled
    assert "the same parameters, −231,211,008 MACs" in page_text(app)


def test_shapes_follow_the_input_size_and_a_small_one_is_explained() -> None:
    app = start(ARCHITECTURE, net="ResNet-18", size_imagenet="32")
    assert "At 32 pixels the maps are 2×2 in conv4_x (layer3) and 1×1 at the end." in page_text(app)
    assert "its last 3×3 conv reads more padding than values" in page_text(app)
    app.slider("size_imagenet").set_value(512).run()
    assert "At 32 pixels" not in page_text(app)
    for size in (32, 512):
        table = block_table(net="ResNet-18", size_imagenet=str(size)).set_index("block")
        assert table.loc["layer4.1", "output"] == f"512 × {size // 32} × {size // 32}"


@pytest.mark.parametrize(
    ("url", "equation", "source"),
    [
        ({"net": "ResNet-18", "block": "layer1.0"}, "F(x)", "class BasicBlock(Block):"),
        ({"net": "ResNet-50", "block": "layer3.0"}, "BN(", "class Bottleneck(Block):"),
        ({"net": "ResNet-20", "block": "layer2.0"}, "pad(", "class ZeroPad(nn.Module):"),
    ],
)
def test_the_opened_block_stands_beside_its_code(url: dict[str, str], equation: str, source: str) -> None:
    app = start(ARCHITECTURE, anatomy="Code", **url)
    assert f"{url['block']} as equation and in code" in page_text(app)
    text = "".join(element.proto.body for element in app.get("html"))
    assert equation in text.replace("<var>", "").replace("</var>", "")
    assert source.split("(")[0].split()[1] in text
    app.segmented_control("code").set_value("Keras, the same block").run()
    assert any("keras" in code.value for code in app.code)


def test_stem_and_head_open_too_and_another_network_forgets_a_block_it_lacks() -> None:
    app = start(ARCHITECTURE, net="ResNet-152", block="layer3.35", anatomy="Code")
    assert app.selectbox("block").value == "layer3.35"
    app.selectbox("net").set_value("resnet18").run()
    block = next(each for each in app.selectbox if each.label == "Block")
    assert block.value == "layer1.0"
    block.set_value("head").run()
    assert "The stem and the head have no shortcut" in page_text(app)
    assert not app.exception


def test_two_buttons_go_from_block_to_block_and_end_at_the_ends() -> None:
    app = start(ARCHITECTURE, block="layer1.1")
    app.button("Next").click().run()
    assert app.selectbox("block").value == "layer2.0"
    app.button("Previous").click().run().button("Previous").click().run()
    assert app.selectbox("block").value == "layer1.0"
    for name, ends in {"stem": (True, False), "head": (False, True)}.items():
        app.selectbox("block").set_value(name).run()
        assert (app.button("Previous").disabled, app.button("Next").disabled) == ends


def test_only_the_open_part_of_the_architecture_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()
    parts = {
        "Network": {"finding", "drawn", "inside"},
        "Code": {"in_code"},
        "Numbers": {"by_stage", "receptive_fields", "block_table"},
        "Paper": {"family"},
    }
    for name in set().union(*parts.values()):
        function = getattr(computed, name)
        monkeypatch.setattr(computed, name, lambda *given, f=function, n=name: (asked.add(n), f(*given))[1])
    for part, names in parts.items():
        asked.clear()
        start(ARCHITECTURE, anatomy=part)
        assert asked == names, part


@pytest.mark.parametrize("name", rc.VARIANTS)
def test_every_variant_is_drawn_and_counted(name: str) -> None:
    variant = rc.VARIANTS[name]
    app = start(ARCHITECTURE, net=variant.title)
    assert f"{variant.title}: {sum(variant.blocks)} blocks; shortcuts: " in page_text(app)
    app = start(ARCHITECTURE, net=variant.title, anatomy="Numbers")
    assert len(app.dataframe[0].value) == sum(variant.blocks) + 2
    assert f"{rc.describe(name).params:,}" in page_text(start(ARCHITECTURE, net=variant.title, anatomy="Paper"))
