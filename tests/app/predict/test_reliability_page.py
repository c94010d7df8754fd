"""What Predict says of probabilities: how often they were right, and what a temperature does to them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import save

import resnet_core as rc
from app.predict import words
from app.predict.words import UNKNOWN, answers_like_this, finding, temperature_words
from resnet_core.nets import loading
from resnet_core.pictures.samples import SAMPLES
from resnet_core.weights.calibration import reliability_table
from tests.app.test_pages import page_text, start
from tests.resnet_core.weights.test_weights import DIGITS, write_ours

KEY = ("resnet18", "imagenette")
SWITCH = "Temperature scaling"


def widths(text: str) -> list[float]:
    return [float(width) for width in re.findall(r"width:([\d.]+)%", text)[:5]]


def test_the_words_follow_how_often_such_answers_were_right() -> None:
    """The golf ball's 68 % would be no more than leaning by its own probability; nine in ten of such were right."""
    model = rc.load(*KEY, device="cpu")
    answer = rc.predict(model, rc.preprocess(SAMPLES["golf-ball"].load(), model))
    probability = answer["probability"].iloc[0]
    assert 0.6 < probability < 0.7
    app = start(sample="A golf ball (drawn)")
    text = page_text(app)
    assert "It says: golf ball" in text
    assert answers_like_this(rc.WEIGHTS[KEY].reliability, probability) in text
    assert [toggle.value for toggle in app.toggle if toggle.label == SWITCH] == [False]
    assert not app.get("plotly_chart")  # nobody who only looks loads the library that draws charts


def test_a_temperature_changes_the_bars_alone() -> None:
    weights = rc.WEIGHTS[KEY]
    assert weights.calibration is not None
    model = rc.load(*KEY, device="cpu")
    batch = rc.preprocess(SAMPLES["palace"].load(), model)
    plain, scaled = rc.predict(model, batch), rc.predict(model, batch, temperature=weights.temperature)
    app = start(temperature="true")
    text = page_text(app)
    assert widths(text) == [round(100 * share, 2) for share in scaled["probability"]] != widths(page_text(start()))
    assert scaled["class"].tolist() == plain["class"].tolist()
    assert answers_like_this(weights.reliability, plain["probability"].iloc[0]) in text
    assert text.count(temperature_words(weights.calibration)) == 1
    app.toggle("temperature").set_value(False).run()
    assert widths(page_text(app)) == [round(100 * share, 2) for share in plain["probability"]]
    assert "Logits are divided" not in page_text(app)


@pytest.mark.parametrize("temperature", ["false", "true"])
def test_the_first_line_does_not_depend_on_the_half_that_a_temperature_was_fitted_on(temperature: str) -> None:
    """It was "leans towards" with this half, and "undecided" without."""
    text = page_text(start(net="ResNet-20", weights="CIFAR-10", sample="A cup of coffee", temperature=temperature))
    assert "It is undecided; first guess: " in text
    assert "“Undecided”: fewer than" in text
    assert ("Without T it has " in text) == (temperature == "true")  # so that both sentences are of one count


@pytest.mark.parametrize("temperature", ["false", "true"])
def test_the_diagram_opens_with_its_finding(temperature: str) -> None:
    weights = rc.WEIGHTS[KEY]
    assert weights.calibration is not None
    app = start(reliability="true", temperature=temperature)
    (chart,) = app.get("plotly_chart")
    scaled = temperature == "true"
    table = reliability_table(weights.calibration.scaled if scaled else weights.calibration.bins)
    name = f"ResNet-18 with T = {weights.temperature:.2g} (one random split)" if scaled else "ResNet-18"
    assert chart.proto.alt.startswith(finding(table, name))
    assert f"this answer, {widths(page_text(app))[0]:.1f} %" in [
        trace["name"] for trace in json.loads(chart.proto.spec)["data"] if "name" in trace
    ]


def test_each_of_two_networks_has_its_own_temperature() -> None:
    app = start(compare="true", net2="ResNet-20", weights2="CIFAR-10", temperature2="true", reliability2="true")
    text = page_text(app)
    own = [temperature_words(rc.WEIGHTS[key].calibration) for key in (KEY, ("resnet20", "cifar10"))]
    assert [sentence in text for sentence in own] == [False, True]
    assert len(app.get("plotly_chart")) == 1


@pytest.mark.parametrize("weights", ["CIFAR-10, after epoch 3", "own file", "without its table"])
def test_of_weights_without_a_measurement_nothing_is_said_to_be_known(
    weights: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if weights == "own file":
        app = start(net="ResNet-20")
        state = save(rc.build("resnet20", seed=3, num_classes=4).state_dict())
        app.file_uploader("checkpoint").upload("mine.safetensors", state).run()
    elif weights == "without its table":
        write_ours(tmp_path / "resnet20-bare.safetensors")
        monkeypatch.setattr(loading, "PRETRAINED", tmp_path)
        monkeypatch.setitem(rc.WEIGHTS, ("resnet20", "bare"), replace(DIGITS, id="bare", source="bundled"))
        app = start(net="ResNet-20", weights="bare")
    else:
        app = start(net="ResNet-20", weights=weights, temperature="true", reliability="true")
    assert not app.exception
    assert UNKNOWN in page_text(app)
    assert "Its first answer: " in page_text(app)
    assert SWITCH not in [toggle.label for toggle in app.toggle]
    assert not app.get("plotly_chart")


def test_a_network_that_learned_nothing_is_told_as_before() -> None:
    text = page_text(start(net="ResNet-20", weights="random weights"))
    assert "What it says, by chance" in text
    assert UNKNOWN not in text


def test_broken_weights_give_no_answer() -> None:
    assert words.verdict(rc.load("resnet20", "cifar10"), "cat", "broken").startswith("Its answers are not numbers")
