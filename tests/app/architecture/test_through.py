"""A photo on its way through the network: the row of pictures by hand, and the page with live networks."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import resnet_core as rc
from app.architecture import through
from app.architecture.charts.journey import Step, journey_html, mean_picture
from resnet_core.pictures.samples import SAMPLES
from tests.app.conftest import Tick
from tests.app.test_pages import page_text, start

PAGE = "architecture/page.py"


def shown(app: AppTest) -> list[tuple[str, str]]:
    """State and name of each step, as it stands in the row."""
    row = "".join(element.proto.body for element in app.get("html") if 'class="journey"' in element.proto.body)
    return re.findall(r'<div class="stage (\w+)".*?<b>(\w+)</b>', row)


def pictures(app: AppTest) -> dict[str, Image.Image]:
    """The picture of each step by its name."""
    row = "".join(element.proto.body for element in app.get("html") if 'class="journey"' in element.proto.body)
    found = re.findall(r'<img src="data:image/png;base64,([^"]*)" alt="(\w+):', row)
    return {name: Image.open(io.BytesIO(base64.b64decode(content))) for content, name in found}


def test_steps_that_are_not_reached_keep_their_place_and_are_hidden() -> None:
    steps = [Step("photo", (3, 8, 8), "data:,a"), Step("stem", (4, 8, 8), "data:,b"), Step("head", (10,), "", "<cat>")]
    row = journey_html(steps, 2)
    assert re.findall(r'class="stage (\w+)"', row) == ["come", "here", "ahead"]
    assert row.count("aria-hidden") == 1
    assert 'alt="stem: mean of its 4 channels, 8 by 8 values"' in row
    assert "&lt;cat&gt;" in row
    assert "10 classes" in row


def test_a_picture_has_a_pixel_a_value_and_is_dark_where_the_mean_is_0() -> None:
    content = mean_picture(np.array([[0.0, 1.0], [0.5, 0.0]], np.float32)).split(",")[1]
    picture = Image.open(io.BytesIO(base64.b64decode(content))).convert("L")
    assert picture.size == (2, 2)
    dark, light, middle, again = picture.tobytes()
    assert dark == again < middle < light


def test_nothing_moves_before_a_click_and_each_tick_goes_one_stage_further_to_the_answer(tick: Tick) -> None:
    app = start(PAGE)
    assert shown(app) == []
    app.button("send").click().run()
    names = ["photo", "stem", "layer1", "layer2", "layer3", "layer4", "head"]
    for come in range(1, len(names) + 1):
        assert [name for state, name in shown(app) if state != "ahead"] == names[:come]
        assert tick(app)
    assert shown(app)[-1] == ("here", "head")
    assert not tick(app)
    assert app.button("send").label == "Send a photo through"
    model = rc.load("resnet18", "imagenette", device="cpu")
    batch = rc.preprocess(SAMPLES["palace"].load(), model)
    answer = rc.predict(model, batch)["class"].iloc[0]
    assert f'<div class="frame">{answer}</div>' in page_text(app)
    last = rc.capture(model, batch)["layer4.1"].y[0].mean(dim=0)  # (7, 7)
    drawn = np.asarray(pictures(app)["layer4"].convert("L"))
    assert drawn.shape == tuple(last.shape)
    assert np.unravel_index(drawn.argmax(), drawn.shape) == np.unravel_index(int(last.argmax()), drawn.shape)


def test_a_click_stops_it_and_so_does_leaving_the_page(tick: Tick) -> None:
    app = start(PAGE)
    app.button("send").click().run()
    app.button("send").click().run()
    assert not tick(app)
    app.button("send").click().run()
    app.switch_page("start/page.py").run()
    app.switch_page(PAGE).run()
    assert not tick(app)
    assert app.button("send").label == "Send a photo through"


@pytest.mark.parametrize(
    ("url", "note"),
    [
        ({"shortcut": "A"}, through.CHANGED),
        ({"size_imagenet": "64"}, through.CHANGED),
        ({"net": "ResNet-50", "weights": "ImageNet"}, through.NOT_HERE),
        ({"net": "ResNet-1202"}, through.OVERFLOWS),
    ],
)
def test_where_the_weights_cannot_make_pictures_only_the_shapes_are_played(url: dict[str, str], note: str) -> None:
    app = start(PAGE, sent="3", **url)
    assert pictures(app) == {}
    assert note in page_text(app)
    assert [state for state, _ in shown(app)][:4] == ["come", "come", "here", "ahead"]


def test_random_weights_are_called_so_and_give_no_answer() -> None:
    app = start(PAGE, net="ResNet-34", sent="7")
    assert through.UNTRAINED in page_text(app)
    assert list(pictures(app)) == ["photo", "stem", "layer1", "layer2", "layer3", "layer4"]
    assert '<div class="frame"></div><b>head</b>' in page_text(app)
