"""Lesions through Streamlit's test runner: what a visitor reads and clicks, against the library."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

import resnet_core as rc
from app.engine.compute import sample_photo
from app.engine.selection import Net
from app.lesions.charts.notes import NOISE
from app.lesions.computed import effect
from app.shared.drawing.bars import percent
from resnet_core.pictures.samples import SAMPLES
from tests.app.test_pages import findings, page_text, start

PAGE = "lesions/page.py"
DEEP = {"net": "ResNet-56"}


def answers(name: str, weights: str, **how: Any) -> tuple[str, float]:
    """The first answer to the first sample, and its probability."""
    model = rc.load(name, weights)
    batch = rc.preprocess(SAMPLES["palace"].load(), model)
    probabilities = rc.lesion(model, batch, **how).softmax(1)[0]
    first = int(probabilities.argmax())
    return rc.class_names(model)[first], float(probabilities[first])


def diagrams(app: AppTest) -> list[Any]:
    """What our drawings that can be clicked are sent."""
    return [each.proto for each in app.get("bidi_component") if each.proto.component_name.endswith("diagram")]


def drawing(app: AppTest) -> str:
    """The SVG of the drawn network."""
    (sent,) = diagrams(app)
    return str(json.loads(sent.json)["svg"])


def out(app: AppTest) -> set[str]:
    """The blocks that are drawn as taken out."""
    return set(re.findall(r'data-node="([^"]+)" aria-label="[^"]*is out', drawing(app)))


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def test_the_first_visit_shows_the_whole_network_and_what_it_says() -> None:
    app = start(PAGE)
    name, share = answers("resnet18", "imagenette")
    assert findings(app) == [
        f"With all its blocks ResNet-18 says {name} ({100 * share:.1f} %) This photo in ResNet-18 · Imagenette. "
        "Click one of the 8 blocks to take it out."
    ]
    assert drawing(app).count("data-node") == 8
    assert not out(app)
    assert not app.get("plotly_chart")


def test_a_block_of_the_link_is_out_and_the_answer_is_that_of_the_library() -> None:
    app = start(PAGE, gone="layer2.1")
    before, after = (answers("resnet18", "imagenette", remove=gone) for gone in ([], ["layer2.1"]))
    assert before[0] == after[0]
    said = f"Without layer2.1 it still says {before[0]} ({100 * before[1]:.1f} % → {100 * after[1]:.1f} %)"
    assert findings(app)[0].startswith(said)
    assert out(app) == {"layer2.1"}


def test_the_dial_multiplies_what_the_block_adds() -> None:
    app = start(PAGE, gone="layer2.1", scale="0.5")
    name, share = answers("resnet18", "imagenette", scale={"layer2.1": 0.5})
    assert f"→ {100 * share:.1f} %" in findings(app)[0]
    assert f"With 0.5 F(x) in layer2.1 it still says {name}" in findings(app)[0]
    assert "0.5F" in drawing(app)


def test_one_more_at_random_undo_and_all_back() -> None:
    app = start(PAGE)
    for _ in range(3):
        press(app, "Take out one more at random")
    drawn = app.query_params["gone"]
    assert out(app) == {*drawn}
    assert len(drawn) == 3
    again = start(PAGE)
    for _ in range(3):
        press(again, "Take out one more at random")
    assert again.query_params["gone"] == drawn  # seeded
    press(app, "Undo")
    assert app.query_params["gone"] == drawn[:2]
    press(app, "Put all back")
    assert "gone" not in app.query_params
    assert not out(app)
    other = start(PAGE, draw="1")
    for _ in range(3):
        press(other, "Take out one more at random")
    assert other.query_params["gone"] != drawn


def test_random_draws_leave_the_first_block_of_a_later_stage_alone() -> None:
    """So that a plain twin can do without the same."""
    app = start(PAGE, net="ResNet-20")
    while not next(button for button in app.button if button.label == "Take out one more at random").disabled:
        press(app, "Take out one more at random")
    described = rc.describe("resnet20").blocks
    assert out(app) == {*described.loc[described["input"] == described["output"], "name"]}


def test_the_plain_twin_stands_beside_with_the_same_block_out() -> None:
    app = start(PAGE, gone="layer2.3", **DEEP)
    kept = [
        answers("resnet56", weights)[0] == answers("resnet56", weights, remove=["layer2.3"])[0]
        for weights in ("cifar10", "cifar10-plain")
    ]
    assert kept == [True, False]
    assert findings(app)[0].startswith("Without layer2.3 ResNet-56 keeps its answer, plain-56 does not")
    text = page_text(app)
    for weights in ("cifar10", "cifar10-plain"):
        assert f"{100 * answers('resnet56', weights)[1]:.1f} %" in text


def test_a_plain_block_that_changes_the_shape_cannot_go_and_says_why() -> None:
    app = start(PAGE, gone="layer2.0", **DEEP)
    assert findings(app)[0].startswith("Without layer2.0 ResNet-56 keeps its answer, plain-56 cannot run")
    assert "makes 32 channels of 16 at stride 2" in page_text(app)
    app = start(PAGE, gone="layer2.0", weights="CIFAR-10, plain twin", **DEEP)
    assert findings(app)[0].startswith("Without layer2.0 ResNet-56 keeps its answer, plain-56 cannot run")
    assert not out(app)


def test_one_click_leads_to_the_deep_network_with_its_twin() -> None:
    app = start(PAGE)
    press(app, "See it in ResNet-56 and plain-56")
    assert app.query_params["net"] == "ResNet-56"
    assert "With all its blocks ResNet-56 says" in findings(app)[0]
    assert not any(button.label.startswith("See it in") for button in app.button)


def test_all_subnetworks_are_counted_exactly() -> None:
    app = start(PAGE, net="ResNet-20", lesions="All subnetworks")
    model = rc.load("resnet20", "cifar10")
    batch = rc.preprocess(SAMPLES["palace"].load(), model)
    first = rc.predict(model, batch).iloc[0]
    found = rc.subnetworks(model, batch, torch.tensor([int(first["index"])]))
    say, best = int((found.table["error"] == 0).sum()), found.shapley.idxmax()
    assert findings(app)[0].startswith(f"{say} of 512 subnetworks say {first['class']} first This photo.")
    assert findings(app)[1].startswith(f"{best} adds most to {first['class']}: {found.shapley.max():.2f}")
    assert not diagrams(app)


def test_a_deep_network_is_sampled_and_says_so() -> None:
    text = page_text(start(PAGE, lesions="All subnetworks", **DEEP))
    assert "A sample, with 95 % intervals" in re.sub(r"\N{NO-BREAK SPACE}", " ", text)
    assert "27 blocks make 2²⁷ subnetworks" in text
    assert "20 random orders" in text


def test_the_paths_are_those_of_the_first_answers_gradient() -> None:
    app = start(PAGE, lesions="Paths", **DEEP)
    model = rc.load("resnet56", "cifar10")
    batch = rc.preprocess(SAMPLES["palace"].load(), model)
    table = rc.path_spectrum(model, batch, int(rc.predict(model, batch)["index"].iloc[0])).table
    assert f"most at {int(table['norm'].argmax())}. At least half of all paths: 12 to 15." in findings(app)[0]
    assert findings(app)[0].startswith("The gradient comes through shorter paths than most")


def test_the_read_out_ends_with_the_networks_own_answer() -> None:
    app = start(PAGE, lesions="Read-out", **DEEP)
    name, share = answers("resnet56", "cifar10")
    assert findings(app)[0].startswith(f"From layer3.4 on it says {name}")
    assert f"{100 * share:.1f} % after layer3.8" in findings(app)[0]


@pytest.mark.parametrize("tab", ["Blocks", "All subnetworks", "Paths", "Read-out"])
def test_random_weights_and_plain_networks_work_in_every_tab(tab: str) -> None:
    app = start(PAGE, net="ResNet-20", weights="random weights", lesions=tab, gone="layer1.1")
    assert findings(app)[0].startswith(NOISE)
    app = start(PAGE, net="ResNet-20", weights="CIFAR-10, plain twin", lesions=tab, gone="layer1.1")
    assert not app.error
    assert findings(app)
    if tab == "Paths":
        assert findings(app)[0].startswith("plain-20 has one path, through all 9 blocks")


@pytest.mark.parametrize("tab", ["Blocks", "All subnetworks", "Paths", "Read-out"])
def test_every_tab_says_what_it_does_not_prove(tab: str) -> None:
    assert any("does not" in each.value for each in start(PAGE, lesions=tab).caption)


def test_an_unknown_block_in_the_link_is_left_out() -> None:
    app = start(PAGE, gone="layer9.9")
    assert not out(app)
    assert not app.error
    assert html.unescape(findings(app)[0]).startswith("With all its blocks")


def test_what_is_not_certain_is_not_said_to_be() -> None:
    """Single precision rounds this probability, 1 - 10⁻¹¹, to exactly 1."""
    found = effect(Net("resnet20", "cifar10-plain"), sample_photo("rocket"), ("layer3.1", "layer3.2"), 2.0)
    assert percent(found["probability_after"].max()) == "> 99.9 %"
