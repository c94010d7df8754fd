"""The Attributions page through Streamlit's own test runner: maps, cards, checks, edits, and what cannot be done."""

from __future__ import annotations

import pytest
import torch

import resnet_core as rc
from app.figures import answers
from app.samples import SAMPLES
from resnet_core.verdicts import verdicts
from tests.test_pages import page_text, start

PAGE = "views/attributions.py"
SMALL = {"net": "ResNet-20", "weights": "CIFAR-10", "sample": "Chelsea the cat"}


def model() -> rc.ResNet:
    return rc.load("resnet20", "cifar10")


def batch() -> torch.Tensor:
    return rc.preprocess(SAMPLES["cat"].load(), model())


def test_two_methods_stand_side_by_side_with_their_numbers() -> None:
    app = start(PAGE, **SMALL)
    text = page_text(app)
    for method in ("grad_cam", "integrated_gradients"):
        how = rc.METHODS[method]
        record = rc.attribute(model(), batch(), method=method)
        passes = how.passes(record.options)
        assert f"**{how.title}**" in text
        assert how.cannot in text
        assert f"{passes.forward} forward and {passes.backward} backward passes" in text
        for verdict in verdicts(rc.trust(model(), batch(), record)).values():
            assert verdict.value in text


@pytest.mark.parametrize("method", rc.METHODS)
def test_every_method_can_be_shown(method: str) -> None:
    how = rc.METHODS[method]
    app = start(PAGE, **SMALL, methods=how.title)
    assert app.multiselect("methods").value == [method]
    assert f"What it cannot show:** {how.cannot}" in page_text(app)
    assert "What the network sees" in page_text(app)


def test_the_checks_are_run_on_request() -> None:
    app = start(PAGE, **SMALL, methods="Saliency")
    assert rc.CHECKS["randomisation"].title not in page_text(app)
    app.button_group("checks").set_value(["randomisation", "deletion"]).run()
    assert not app.exception
    text = page_text(app)
    record = rc.attribute(model(), batch(), method="saliency")
    found = verdicts(rc.trust(model(), batch(), record, ("randomisation", "deletion")))
    for name, verdict in found.items():
        assert rc.CHECKS[name].title in text
        assert verdict.value in text
    assert "made random from the head down" in text


def test_an_option_changes_its_map_alone() -> None:
    app = start(PAGE, **SMALL, methods="Grad-CAM")
    app.selectbox("grad_cam_layer").set_value("layer1").run()
    assert not app.exception
    record = rc.attribute(model(), batch(), method="grad_cam", layer="layer1")
    assert record.options["layer"] == "layer1"
    assert 'layer="layer1"' in "\n".join(block.value for block in app.code)


def test_no_method_and_no_edit_are_no_errors() -> None:
    app = start(PAGE, **SMALL)
    app.multiselect("methods").set_value([]).run()
    assert not app.exception
    assert "Choose at least one method" in page_text(app)
    assert "Nothing is taken away yet" in page_text(app)


def test_a_rectangle_over_everything_leaves_only_the_fill() -> None:
    app = start(PAGE, **SMALL, methods="Saliency", edit_by="a rectangle")
    app.slider("edit_columns").set_value((0, 100))
    app.slider("edit_rows").set_value((0, 100)).run()
    assert not app.exception
    effect = rc.edit_effect(model(), batch(), torch.ones(1, 32, 32, dtype=torch.bool), "blur")
    assert answers.finding(effect, "the rectangle", 1.0, target=int(effect["index"].iloc[0])) in page_text(app)


def test_the_network_with_random_weights_can_stand_under_it() -> None:
    app = start(PAGE, **SMALL, methods="Saliency", twin="true")
    assert "**random weights**" in page_text(app)


def test_weights_that_are_not_here_are_offered() -> None:
    app = start(PAGE, net="ResNet-34", weights="ImageNet")
    assert "are not on this machine yet" in page_text(app)
    assert not app.error
