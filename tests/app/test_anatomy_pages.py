"""Architecture and Feature maps through Streamlit's test runner: what a visitor reads, against the library."""

import io
import json
import re

import pytest
import torch
from PIL import Image
from safetensors.torch import save

import resnet_core as rc
from app.shared.sentences import UNTRAINED_NORM
from resnet_core.pictures.samples import SAMPLES
from tests.app.test_pages import page_text, picture, start

ARCHITECTURE, MAPS = "architecture/page.py", "feature_maps/page.py"


def test_the_switches_change_drawing_numbers_and_the_line_that_tells_the_cost() -> None:
    app = start(ARCHITECTURE, net="ResNet-34", shortcut="C")
    assert "Option C adds 13 projections: +919,168 parameters" in page_text(app)
    assert "ResNet-34), 0.33 points better." in page_text(app)
    described = rc.describe("resnet34", shortcut="C")  # with random weights: the paper's 1000 classes
    assert "16 blocks; shortcuts: 1×1 projection (16). Option C projects in every block" in page_text(app)
    assert app.dataframe[0].value["parameters"].sum() == described.params
    app.segmented_control("shortcut").set_value("none").run()
    assert "Without shortcuts ResNet-34 becomes plain-34" in page_text(app)
    assert "plain-34, drawn" in [each.value for each in app.subheader]
    app.segmented_control("shortcut").set_value("its own").run()
    assert "parameters, " not in "".join(each.value for each in app.info)


def test_the_drawn_network_is_that_of_the_weights() -> None:
    """Ten classes in the head of the Imagenette weights, and a plain file's own option."""
    rows = start(ARCHITECTURE).dataframe[0].value
    assert rows["parameters"].sum() == sum(each.numel() for each in rc.load("resnet18", "imagenette").parameters())
    app = start(ARCHITECTURE, net="ResNet-20")
    app.get("file_uploader")[0].upload("plain.safetensors", save(rc.build("resnet20", shortcut="B").state_dict())).run()
    assert app.dataframe[0].value["parameters"].sum() == 272_474  # option B, as facts have it
    assert "1×1 projection (2)" in page_text(app)


def test_each_count_of_parameters_names_the_classes_of_its_head() -> None:
    """The paper's 1,000 in the table, the 10 of the weights in what is drawn: a linear layer of 512 inputs apart."""
    app = start(ARCHITECTURE)
    text = page_text(app)
    ten, thousand = (rc.describe("resnet18", num_classes=classes).params for classes in (10, 1000))
    fewer = 990 * (512 + 1)
    assert thousand - ten == fewer
    assert f"{ten:,} parameters with a head of 10 classes, {fewer:,} fewer than with the 1,000 of the table" in text
    row = re.search(r">parameters, 1,000 classes</th>(.*?)</tr>", text)
    assert row is not None
    assert f">{thousand:,}<" in row[1]
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
    assert "At 32 pixels the maps are 2×2 in conv4_x (layer3) and 1×1 at the end" in page_text(app)
    assert app.dataframe[0].value.set_index("block").loc["layer4.1", "output"] == "512 × 1 × 1"
    app.slider("size_imagenet").set_value(512).run()
    assert app.dataframe[0].value.set_index("block").loc["layer4.1", "output"] == "512 × 16 × 16"
    assert "At 32 pixels" not in page_text(app)


@pytest.mark.parametrize(
    ("url", "equation", "source"),
    [
        ({"net": "ResNet-18", "block": "layer1.0"}, "F(x)", "class BasicBlock(Block):"),
        ({"net": "ResNet-50", "block": "layer3.0"}, "BN(", "class Bottleneck(Block):"),
        ({"net": "ResNet-20", "block": "layer2.0"}, "pad(", "class ZeroPad(nn.Module):"),
    ],
)
def test_the_opened_block_stands_beside_its_code(url: dict[str, str], equation: str, source: str) -> None:
    app = start(ARCHITECTURE, **url)
    assert f"{url['block']} in code" in [each.value for each in app.subheader]
    text = "".join(element.proto.body for element in app.get("html"))
    assert equation in text.replace("<var>", "").replace("</var>", "")
    assert source.split("(")[0].split()[1] in text
    app.segmented_control("code").set_value("Keras, the same block").run()
    assert any("keras" in code.value for code in app.code)


def test_stem_and_head_open_too_and_another_network_forgets_a_block_it_lacks() -> None:
    app = start(ARCHITECTURE, net="ResNet-152", block="layer3.35")
    assert app.selectbox("block").value == "layer3.35"
    app.selectbox("net").set_value("resnet18").run()
    block = next(each for each in app.selectbox if each.label == "Block")
    assert block.value == "layer1.0"
    block.set_value("head").run()
    assert "The stem and the head have no shortcut" in page_text(app)
    assert not app.exception


@pytest.mark.parametrize("name", rc.VARIANTS)
def test_every_variant_is_drawn_and_counted(name: str) -> None:
    variant = rc.VARIANTS[name]
    app = start(ARCHITECTURE, net=variant.title)
    assert f"{rc.describe(name).params:,}" in page_text(app)
    assert f"{variant.title}, drawn" in [heading.value for heading in app.subheader]
    assert len(app.dataframe[0].value) == sum(variant.blocks) + 2


def test_the_maps_of_the_first_visit_are_those_of_the_network() -> None:
    app = start(MAPS)
    model = rc.load("resnet18", "imagenette")
    block = rc.capture(model, rc.preprocess(SAMPLES["palace"].load(), model))["layer1.0"]
    text = page_text(app)
    assert "y of layer1.0: 64 channels of 56 × 56" in text
    assert "layer1.0 under the microscope, channel 0" in [each.value for each in app.subheader]
    spread = float(block.residual[0].std(correction=0))
    assert f"F(x) {spread:.3g}" in text
    assert "**Identity shortcut**" in text


def test_the_order_by_contribution_is_that_of_the_library() -> None:
    app = start(MAPS, block="layer4.1", sort="contribution to the first answer")
    model = rc.load("resnet18", "imagenette")
    batch = rc.preprocess(SAMPLES["palace"].load(), model)
    target = int(rc.predict(model, batch)["index"].iloc[0])
    best = int(rc.contributions(model, batch, "layer4.1", target)[0].argmax())
    assert f"layer4.1 under the microscope, channel {best}" in [each.value for each in app.subheader]
    assert "Sorted by contribution to church" in page_text(app)


def test_a_projection_and_a_zero_pad_say_what_they_do() -> None:
    assert "**Projection shortcut**" in page_text(start(MAPS, block="layer2.0"))
    app = start(MAPS, net="ResNet-20", block="layer2.0", channel="3")
    assert "Channel 3 is one of the new ones, all zeros" in page_text(app)


def test_the_stem_has_one_tensor_and_no_microscope() -> None:
    app = start(MAPS, block="stem")
    assert app.segmented_control("part").options == ["y"]
    assert "The stem has no shortcut" in page_text(app)


def test_channels_and_tensors_that_are_not_there_are_forgotten() -> None:
    app = start(MAPS, block="layer4.1", part="shortcut(x)", channel="400")
    assert "channel 400" in app.subheader[0].value
    app.selectbox("block").set_value("layer1.0").run()
    assert "channel 0" in app.subheader[0].value
    app.selectbox("net").set_value("resnet20").run()
    next(each for each in app.selectbox if each.label == "Weights of ResNet-20").set_value("cifar10-plain").run()
    assert not app.exception
    assert [each.value for each in app.segmented_control if each.label == "Tensor"] == ["y"]
    assert "this is the plain twin" in page_text(app)


def test_the_measured_field_of_a_unit_is_shown_on_request() -> None:
    app = start(MAPS, block="layer2.0")
    assert "Effective receptive field: 90 %" not in page_text(app)
    app.toggle("effective").set_value(True).run()
    assert "Effective receptive field: 90 % of the gradient lies in" in page_text(app)


def test_trained_beside_random_weights_and_beside_a_second_network() -> None:
    app = start(MAPS, against="random weights of the same network")
    charts = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert sum("random weights" in spec for spec in charts) == 4
    assert UNTRAINED_NORM in page_text(app)
    app.selectbox("against").set_value("a second network").run()
    charts = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert sum("ResNet-20" in spec for spec in charts) == 4
    assert UNTRAINED_NORM not in page_text(app)


def test_random_weights_beside_a_plain_net_come_without_shortcuts() -> None:
    app = start(MAPS, net="ResNet-20", weights="CIFAR-10, plain twin", against="random weights of the same network")
    specs = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    drawn = [{trace.get("name") for trace in spec["data"]} for spec in specs]
    assert sum("plain-20 · random weights" in names for names in drawn) == 4
    assert not any({"identity", "projection", "zero padding"} & names for names in drawn)


def test_a_photo_of_one_colour_is_explained() -> None:
    app = start(MAPS)
    app.get("file_uploader")[1].upload("green.png", picture()).run()
    assert not app.exception
    assert "This photo has one colour and no content" in page_text(app)


def test_broken_weights_are_explained_where_they_break() -> None:
    model = rc.build("resnet20", seed=0)
    state = model.state_dict()
    state["layer2.0.conv1.weight"] = torch.full_like(state["layer2.0.conv1.weight"], float("nan"))
    app = start(MAPS, net="ResNet-20")
    app.get("file_uploader")[0].upload("broken.safetensors", save(state)).run()
    assert not app.exception
    assert "From layer2.0 on the activations are NaN or infinite" in page_text(app)
    app.selectbox("block").set_value("layer3.2").run()
    assert not app.exception


def test_weights_that_are_not_here_are_offered() -> None:
    app = start(MAPS, net="ResNet-50", weights="ImageNet")
    assert "not on this machine yet" in page_text(app)


def test_one_pixel_is_enough_of_a_photo() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (1, 1), "red").save(buffer, "PNG")
    app = start(MAPS, net="ResNet-20")
    app.get("file_uploader")[1].upload("dot.png", buffer.getvalue()).run()
    assert not app.exception
    assert "one colour" in page_text(app)
