"""Feature maps through Streamlit's test runner: what a visitor reads and steps through, against the library."""

from __future__ import annotations

import io
import json
import math
import re
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import save
from streamlit.testing.v1 import AppTest

import resnet_core as rc
from app.shared.sentences import UNTRAINED_NORM
from resnet_core.pictures.samples import SAMPLES
from tests.app.conftest import Tick
from tests.app.test_pages import page_text, picture, start

MAPS = "feature_maps/page.py"
CHANNELS, DEPTH = {"maps": "Channels"}, {"maps": "Along depth"}


def recorded(name: str = "resnet18", weights: str = "imagenette", sample: str = "palace") -> rc.ForwardRecord:
    model = rc.load(name, weights)
    return rc.capture(model, rc.preprocess(SAMPLES[sample].load(), model))


def components(app: AppTest, name: str) -> list[dict[str, Any]]:
    """What our components of this name are sent."""
    drawn = (each.proto for each in app.get("bidi_component"))
    return [json.loads(proto.json) for proto in drawn if proto.component_name.endswith(name)]


def microscope(app: AppTest) -> dict[str, Any]:
    (sent,) = components(app, "microscope")
    return sent


def sheet(app: AppTest) -> dict[str, Any]:
    return components(app, "cells")[0]


def channel_of(app: AppTest) -> int:
    """The channel in its field, whose key changes with the number of channels."""
    return int(next(each.value for each in app.number_input if each.label == "Channel"))


def titles(app: AppTest) -> list[str]:
    """The headings of the charts."""
    return re.findall(r"<h3>(.*?)</h3>", page_text(app).replace("&lt;", "<"))


def test_the_first_visit_lays_the_strongest_channel_of_a_block_under_the_microscope() -> None:
    app = start(MAPS)
    block = recorded()["layer1.0"]
    strongest = int(block.y[0].mean((1, 2)).argmax())
    assert channel_of(app) == strongest
    assert microscope(app)["name"] == f"layer1.0, channel {strongest}"
    assert microscope(app)["way"] == "identity"
    text = page_text(app)
    ratio = float(block.residual.double().norm() / block.shortcut.double().norm())
    assert f"layer1.0 adds F(x), {ratio:.2g} times as large as its shortcut; the cosine of x and y is" in text
    assert f"F(x) {float(block.residual[0].std(correction=0)):.3g}" in text
    assert "**Identity shortcut**" in text


def test_closed_tabs_are_neither_drawn_nor_kept_in_the_link() -> None:
    app = start(MAPS, **CHANNELS, scale="one for all blocks")
    assert sheet(app)["alt"].startswith("All 64 channels of y of layer1.0")
    assert not app.get("plotly_chart")
    assert not components(app, "microscope")
    assert "scale" in app.query_params
    app = start(MAPS, **DEPTH)
    assert len(app.get("plotly_chart")) == 4
    assert not components(app, "microscope") + components(app, "cells")
    assert "scale" not in app.query_params


def test_buttons_lead_from_block_to_block_and_the_picked_channel_stays_where_there_is_one() -> None:
    app = start(MAPS, block="layer2.1", channel="100")
    app.button("step_next").click().run()
    assert microscope(app)["name"] == "layer3.0, channel 100"
    app.button("step_previous").click().run().button("step_previous").click().run()
    app.button("step_previous").click().run()
    assert app.selectbox("block").value == "layer1.1"
    assert channel_of(app) < 64  # it has no channel 100
    assert start(MAPS, block="layer4.1").button("step_next").disabled
    assert start(MAPS, block="stem").button("step_previous").disabled


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("layer1.0", "F(x) = 0 in layer1.0: y = x, to the last bit in all 64 channels."),
        ("layer2.0", "F(x) = 0 in layer2.0: y is the shortcut alone, ReLU of the 1×1 projection, which is not x."),
    ],
)
def test_one_switch_sets_f_to_0(block: str, words: str) -> None:
    app = start(MAPS, block=block)
    values = [panel.get("values") for panel in microscope(app)["panels"]]
    app.toggle("f_zero").set_value(True).run()
    assert words in page_text(app)
    assert app.query_params["f_zero"] == "true"
    now = [panel.get("values") for panel in microscope(app)["panels"]]
    x, residual, shortcut, total, y = range(5)
    assert now[x] == values[x]
    assert now[shortcut] == values[shortcut] == now[total]
    assert set(now[residual].strip("=")) == {"A"}  # zeros in base64
    assert (now[y] == now[x]) is (block == "layer1.0")
    assert f'remove=["{block}"]' in app.code[0].value


def test_the_channels_stand_strongest_first_and_say_so() -> None:
    app = start(MAPS, **CHANNELS, block="layer4.1")
    means = recorded()["layer4.1"].y[0].mean((1, 2))
    assert channel_of(app) == int(means.argmax())
    text = page_text(app)
    assert "y of layer4.1: 512 channels of 7 × 7, the first 64" in text
    assert "Sorted by mean, largest first." in text
    numbers = [int(label.split(":")[0].removeprefix("channel ")) for label in sheet(app)["labels"]]
    assert numbers == means.argsort(descending=True, stable=True)[:64].tolist()
    assert sheet(app)["columns"] == 8
    app.toggle("all_channels").set_value(True).run()
    assert len(sheet(app)["labels"]) == 512
    assert ", the first" not in page_text(app)


def test_the_order_by_contribution_is_that_of_the_library() -> None:
    app = start(MAPS, **CHANNELS, block="layer4.1", sort="contribution to the first answer")
    model = rc.load("resnet18", "imagenette")
    batch = rc.preprocess(SAMPLES["palace"].load(), model)
    target = int(rc.predict(model, batch)["index"].iloc[0])
    best = int(rc.contributions(model, batch, "layer4.1", target)[0].argmax())
    assert channel_of(app) == best
    assert "Sorted by contribution to church" in page_text(app)


def test_the_sheet_plays_from_block_to_block_on_one_scale_after_a_click_alone(tick: Tick) -> None:
    app = start(MAPS, **CHANNELS)
    assert not tick(app)
    assert app.selectbox("block").value == "layer1.0"  # nothing plays by itself
    app.button("step_play").click().run()
    assert app.button("step_play").label == "Pause"
    assert app.selectbox("block").value == "layer1.0"
    captions = []
    for block in ("layer1.1", "layer2.0", "layer2.1"):
        assert tick(app)
        assert app.selectbox("block").value == block
        captions.append(next(each.value for each in app.caption if "One scale" in each.value))
    assert len(set(captions)) == 1
    assert "One scale for y of every block" in captions[0]
    app.button("step_play").click().run()
    assert not tick(app)
    assert app.selectbox("block").value == "layer2.1"
    assert "One scale for the whole sheet" in page_text(app)


def test_it_stops_at_the_last_block_and_begins_again_at_the_first(tick: Tick) -> None:
    app = start(MAPS, **CHANNELS, block="layer4.0")
    app.button("step_play").click().run()
    assert tick(app)
    assert app.selectbox("block").value == "layer4.1"
    assert tick(app)
    assert app.button("step_play").label == "Play"
    app.button("step_play").click().run()
    assert app.selectbox("block").value == "layer1.0"
    assert tick(app)
    assert app.selectbox("block").value == "layer1.1"


def test_it_stops_where_the_page_is_left() -> None:
    app = start(MAPS, **CHANNELS)
    app.button("step_play").click().run()
    app.switch_page("architecture/page.py").run()
    app.switch_page(MAPS).run().run()
    assert app.button("step_play").label == "Play"


def test_one_click_leads_to_a_network_whose_residuals_are_small() -> None:
    app = start(MAPS, **DEPTH)
    button = app.button("deep_network")
    assert button.label == f"See it in {sum(rc.VARIANTS['resnet56'].blocks)} blocks: ResNet-56"
    button.click().run()
    assert app.selectbox("net").value == "resnet56"
    assert next(each.value for each in app.selectbox if each.label == "Weights of ResNet-56") == "cifar10"
    rows = rc.measures(recorded("resnet56", "cifar10"))
    smaller = int((rows["ratio"] < 0.9).sum())
    assert smaller == 27
    assert titles(app)[:2] == [
        f"F(x) < shortcut in {smaller} of {len(rows)} blocks",
        f"y keeps x's direction (cosine from {math.floor(100 * rows['cosine'].min()) / 100:.2f})",
    ]
    assert not [each for each in app.button if each.key == "deep_network"]


def test_a_projection_and_a_zero_pad_say_what_they_do() -> None:
    assert "**Projection shortcut**" in page_text(start(MAPS, block="layer2.0"))
    app = start(MAPS, net="ResNet-20", block="layer2.0", channel="3")
    assert "Channel 3 is one of the new ones, all zeros" in page_text(app)


def test_the_stem_has_one_tensor_and_no_microscope() -> None:
    app = start(MAPS, block="stem")
    assert "The stem has no shortcut" in page_text(app)
    assert not components(app, "microscope")
    app = start(MAPS, **CHANNELS, block="stem")
    assert app.segmented_control("part").options == ["y"]


def test_channels_and_tensors_that_are_not_there_are_forgotten() -> None:
    app = start(MAPS, **CHANNELS, block="layer4.1", part="shortcut(x)", channel="400")
    assert "**Channel 400 on the photo**" in page_text(app)
    app.selectbox("block").set_value("layer1.0").run()
    assert channel_of(app) < 64
    app.selectbox("net").set_value("resnet20").run()
    next(each for each in app.selectbox if each.label == "Weights of ResNet-20").set_value("cifar10-plain").run()
    assert not app.exception
    assert [each.value for each in app.segmented_control if each.label == "Tensor"] == ["y"]
    assert "this is the plain twin" in page_text(start(MAPS, net="ResNet-20", weights="CIFAR-10, plain twin"))


def test_the_measured_field_of_a_unit_and_the_histogram_are_shown_on_request() -> None:
    app = start(MAPS, **CHANNELS, block="layer2.0")
    assert "Effective receptive field: 90 %" not in page_text(app)
    assert not app.get("plotly_chart")
    app.toggle("effective").set_value(True).run()
    assert "Effective receptive field: 90 % of the gradient lies in" in page_text(app)
    assert len(start(MAPS, **CHANNELS, histogram_open="true").get("plotly_chart")) == 1


def test_trained_beside_random_weights_and_beside_a_second_network() -> None:
    app = start(MAPS, **DEPTH, against="random weights of the same network")
    charts = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert sum("random weights" in spec for spec in charts) == 4
    assert UNTRAINED_NORM in page_text(app)
    app.selectbox("against").set_value("a second network").run()
    charts = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert sum("ResNet-20" in spec for spec in charts) == 4
    assert UNTRAINED_NORM not in page_text(app)


def test_random_weights_beside_a_plain_net_come_without_shortcuts() -> None:
    app = start(
        MAPS, **DEPTH, net="ResNet-20", weights="CIFAR-10, plain twin", against="random weights of the same network"
    )
    specs = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    drawn = [{trace.get("name") for trace in spec["data"]} for spec in specs]
    assert sum("plain-20 · random weights" in names for names in drawn) == 4
    assert not any({"identity", "projection", "zero padding"} & names for names in drawn)


def test_a_photo_of_one_colour_is_explained() -> None:
    app = start(MAPS)
    app.file_uploader("upload").upload("green.png", picture()).run()
    assert not app.exception
    assert "This photo has one colour and no content" in page_text(app)


def test_broken_weights_are_explained_where_they_break() -> None:
    model = rc.build("resnet20", seed=0)
    state = model.state_dict()
    state["layer2.0.conv1.weight"] = torch.full_like(state["layer2.0.conv1.weight"], float("nan"))
    app = start(MAPS, net="ResNet-20")
    app.file_uploader("checkpoint").upload("broken.safetensors", save(state)).run()
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
    app.file_uploader("upload").upload("dot.png", buffer.getvalue()).run()
    assert not app.exception
    assert "one colour" in page_text(app)
