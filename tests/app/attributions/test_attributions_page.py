"""The Attributions page through Streamlit's own test runner: maps, cards, checks, edits, and what cannot be done."""

from __future__ import annotations

import re
from html import escape
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

import resnet_core as rc
from app.attributions import computed
from app.attributions.charts import answers, regions, stages, trust_card
from app.attributions.charts.trust_card import one_percent
from app.attributions.edit_controls import FILL_WORDS, number_text
from app.engine import gate
from app.shared.drawing import bars
from app.shared.drawing.bars import percent
from app.shared.sentences import plain
from resnet_core.checks.verdicts import verdicts
from resnet_core.inside.answers import transform_of
from resnet_core.pictures.samples import SAMPLES
from tests.app import test_pages
from tests.app.conftest import Tick
from tests.app.test_pages import start

PAGE = "attributions/page.py"
CARD = 'aria-label="Can you trust it?'
EDIT = {"maps_part": "Edit"}
SMALL = {"net": "ResNet-20", "weights": "CIFAR-10", "sample": "Chelsea the cat"}
EDITOR = {**SMALL, **EDIT}


def page_text(app: AppTest) -> str:
    """Everything that the page says, with one kind of space."""
    return test_pages.page_text(app).replace("\N{NO-BREAK SPACE}", " ")


def spaced(text: str) -> str:
    return one_percent(text).replace("\N{NO-BREAK SPACE}", " ")


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
        assert f">{escape(how.title)}</div>" in text
        assert escape(how.cannot) in text
        assert f"{passes.forward} forward and {passes.backward} backward passes" in text
        for verdict in verdicts(rc.trust(model(), batch(), record)).values():
            assert spaced(verdict.value) in text
    assert text.count("Not tested yet.") == 1  # Grad-CAM's, whose values need not sum to anything


@pytest.mark.parametrize("method", rc.METHODS)
def test_every_method_can_be_shown(method: str) -> None:
    how = rc.METHODS[method]
    app = start(PAGE, **SMALL, methods=how.title)
    assert app.multiselect("methods").value == [method]
    assert f"What it cannot show:</span> {escape(how.cannot)}" in page_text(app)
    assert "The photo" in page_text(app)


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
        assert spaced(verdict.value) in text
    assert "the map itself" in text
    app.slider("cascade").set_value(2).run()
    units = list(rc.trust(model(), batch(), record, ("randomisation",)).randomisation.table["unit"])
    assert f"Random weights in {units[0]}, {units[1]}" in page_text(app)


def test_an_option_changes_its_map_alone() -> None:
    app = start(PAGE, **SMALL, methods="Grad-CAM")
    app.selectbox("grad_cam_layer").set_value("layer1").run()
    assert not app.exception
    assert "Taken at layer1" in page_text(app)
    app = start(PAGE, **SMALL, methods="Grad-CAM", grad_cam_layer="layer1", maps_part="Keep")
    record = rc.attribute(model(), batch(), method="grad_cam", layer="layer1")
    assert record.options["layer"] == "layer1"
    assert 'layer="layer1"' in "\n".join(block.value for block in app.code)


def test_no_method_and_no_edit_are_no_errors() -> None:
    app = start(PAGE, **SMALL)
    app.multiselect("methods").set_value([]).run()
    assert not app.exception
    assert "Choose at least one method" in page_text(app)
    app = start(PAGE, **EDITOR)
    app.multiselect("methods").set_value([]).run()
    assert not app.exception
    assert "Nothing is taken away yet" in page_text(app)


def test_the_filling_that_alone_says_least_of_the_class_is_taken_and_one_that_says_it_too_is_told() -> None:
    app = start(PAGE, **EDIT, methods="Grad-CAM")
    network = rc.load("resnet18", "imagenette", device="auto")
    pixels = rc.preprocess(SAMPLES["palace"].load(), network)
    church = int(rc.predict(network, pixels)["index"].iloc[0])
    everything = torch.ones(1, 224, 224, dtype=torch.bool)
    left = {
        words: float(rc.edit_effect(network, pixels, everything, fill).set_index("index")["probability_after"][church])
        for fill, words in FILL_WORDS.items()
    }
    least = min(left, key=left.__getitem__)
    text = page_text(app)
    assert f"With {least} in place of the whole photo, church has {percent(left[least])}; with the photo" in text
    assert not any("Alone" in warning.value for warning in app.warning)
    app = start(PAGE, **EDIT, methods="Grad-CAM", sample="A golf ball (drawn)")
    assert any("No filling is neutral here" in each.value for each in app.warning)
    app.selectbox("edit_fill").set_value("blur").run()
    assert any("None is neutral here, not even white" in each.value for each in app.warning)


def test_a_rectangle_over_everything_leaves_only_the_fill() -> None:
    app = start(PAGE, **EDITOR, methods="Saliency", edit_by="a rectangle", edit_fill="the blurred photo")
    app.slider("edit_columns").set_value((0, 100))
    app.slider("edit_rows").set_value((0, 100)).run()
    assert not app.exception
    effect = rc.edit_effect(model(), batch(), torch.ones(1, 32, 32, dtype=torch.bool), "blur")
    assert answers.finding(effect, "the rectangle", 1.0, target=int(effect["index"].iloc[0])) in page_text(app)


def test_the_same_network_before_training_stands_beside_it() -> None:
    app = start(PAGE, **SMALL, methods="Saliency", against="random weights of the same network")
    text = page_text(app)
    assert "ResNet-20 · CIFAR-10" in text
    assert "ResNet-20 · random weights" in text
    trained, untrained = model(), rc.build("resnet20", seed=0)
    target = int(rc.predict(trained, batch())["index"].iloc[0])
    maps = [rc.attribute(net, batch(), target, "saliency") for net in (trained, untrained)]
    matrix = rc.agreement({"ResNet-20 · CIFAR-10": maps[0], "ResNet-20 · random weights": maps[1]})
    correlation = bars.decimals(float(matrix.iloc[0, 1]), 1)
    said = plain(f"ResNet-20 · CIFAR-10 and ResNet-20 · random weights: rank correlation {correlation}")
    assert f"{said} (one draw of the random weights); 95 % of random maps" in text
    assert not re.search(r"agree|contradict|in common", text[text.index(said) :].splitlines()[0])
    assert f"its maps are for class {target}." in text
    assert text.count(trust_card.UNTRAINED) == 1  # under one of the two maps
    assert text.count("Chelsea the cat, 32 × 32 pixels") == 1


def test_a_second_trained_network_is_asked_for_the_same_word() -> None:
    second = {"against": "a second network", "net2": "ResNet-20", "weights2": "CIFAR-10, plain twin"}
    app = start(PAGE, **SMALL, **second, methods=["Saliency", "Grad-CAM"])
    app.selectbox("class").set_value("frog").run()
    assert not app.exception
    text = page_text(app)
    assert text.count(CARD) == 4
    assert "its maps are for frog, too." in text
    frog = f"rc.attribute(model, batch, {rc.class_names(model()).index('frog')}, "
    app = start(PAGE, **SMALL, **second, methods=["Saliency", "Grad-CAM"], **{"class": "frog"}, maps_part="Keep")
    code = "\n".join(block.value for block in app.code)
    assert code.count('rc.load("resnet20", "cifar10-plain")') == 2
    assert code.count(frog) == 4
    app = start(PAGE, **SMALL, methods=["Saliency", "Grad-CAM"], **{"class": "frog"}, maps_part="Agreement")
    assert "\n".join(block.value for block in app.code).count(frog) == 2


def test_a_second_network_without_the_word_or_the_stage_answers_for_itself() -> None:
    second = {"against": "a second network", "net2": "ResNet-20", "weights2": "CIFAR-10"}
    app = start(PAGE, methods="Grad-CAM", grad_cam_layer="layer4", **second)
    text = page_text(app)
    assert "It has no word for church: its maps are for" in text
    assert text.count(CARD) == 2
    assert "by the rank correlation" not in text  # maps of 224 and of 32 pixels


def test_a_method_without_memory_is_explained_in_its_place_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attribute = rc.attribute

    def greedy(*, method: str, **options: Any) -> object:
        if method == "lime":
            torch.empty(2**55)  # PyTorch refuses
        return attribute(method=method, **options)

    monkeypatch.setattr(rc, "attribute", greedy)
    app = start(PAGE, **{**SMALL, "sample": "An astronaut"}, methods=["LIME", "Saliency"])
    assert [error.value for error in app.error] == [gate.TOO_LITTLE_MEMORY]
    assert page_text(app).count(CARD) == 1


def test_superpixels_by_number_are_taken_away_and_stand_in_the_address() -> None:
    app = start(PAGE, **EDITOR, methods="Saliency", edit_gone="2, 4-6", edit_fill="the blurred photo")
    cut = rc.superpixels(transform_of(model()).restore(batch()), 48)
    gone = torch.isin(cut, torch.tensor([1, 3, 4, 5]).to(cut))
    effect = rc.edit_effect(model(), batch(), gone, "blur")
    share = float(gone.float().mean())
    target = int(rc.predict(model(), batch())["index"].iloc[0])
    assert answers.finding(effect, "the 4 marked superpixels", share, target=target) in page_text(app)
    app.text_input("edit_gone").set_value("4711").run()
    assert "does not say which of the superpixels" in app.error[0].value
    assert "Nothing is taken away yet" in page_text(app)


def test_another_cut_begins_with_nothing_taken_away() -> None:
    app = start(PAGE, **EDITOR, methods="Saliency", edit_gone="1")
    assert "the marked superpixel" in page_text(app)
    app.slider("edit_count").set_value(16).run()
    assert not app.exception
    assert app.text_input("edit_gone").value == ""
    assert "Nothing is taken away yet" in page_text(app)


def test_weights_that_are_not_here_are_offered() -> None:
    app = start(PAGE, net="ResNet-34", weights="ImageNet")
    assert "are not on this machine yet" in page_text(app)
    assert not app.error


def test_a_closed_part_computes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("edit_effect", "superpixels", "agreement", "alone"):
        monkeypatch.setattr(computed, name, forbidden)
    monkeypatch.setattr(stages, "captions_of", forbidden)
    app = start(PAGE, **SMALL, methods="Saliency", edit_gone="1")
    assert page_text(app).count(CARD) == 1
    monkeypatch.undo()
    monkeypatch.setattr(rc, "trust", forbidden)
    photo = {**SMALL, "sample": "A rocket"}  # whose checks nobody asked for before
    for part in ("Agreement", "Depth", "Edit"):
        app = start(PAGE, **photo, checks="Randomised network", maps_part=part)
        assert not app.error


def forbidden(*_: object, **__: object) -> None:
    raise AssertionError("computed in a closed part")


def test_what_a_link_without_a_part_says_of_a_part_is_there_when_it_is_opened() -> None:
    app = start(PAGE, **SMALL, methods="Saliency", edit_gone="2, 4-6")
    app.session_state["maps_part"] = "Edit"
    app.run()
    assert "the 4 marked superpixels" in page_text(app)
    assert app.query_params["edit_gone"] == "2, 4-6"


def test_the_button_takes_the_maps_first_superpixels_away_and_says_how_much_that_is() -> None:
    app = start(PAGE, **EDITOR, methods="Grad-CAM")
    app.button("edit_first").click().run()
    assert not app.exception
    values = rc.attribute(model(), batch(), method="grad_cam").map[0].numpy()
    cut = rc.superpixels(transform_of(model()).restore(batch()), 48)[0].cpu().numpy()
    first = regions.first_superpixels(cut, values, 0.1)
    assert app.text_input("edit_gone").value == number_text(first)
    share = answers.share_words(float(regions.selected(cut, first).mean()))
    assert f"where Grad-CAM has its largest mean: {share}." in page_text(app)


def test_the_first_pixels_of_the_map_are_taken_away() -> None:
    app = start(PAGE, **EDITOR, methods="Saliency", edit_by="first pixels", edit_fill="black")
    app.slider("edit_share").set_value(25).run()
    gone = regions.first_pixels(rc.attribute(model(), batch(), method="saliency").map[0].numpy(), 0.25)
    effect = rc.edit_effect(model(), batch(), torch.from_numpy(gone)[None], "black")
    what = "the pixels that Saliency ranks first"
    target = int(rc.predict(model(), batch())["index"].iloc[0])
    assert answers.finding(effect, what, float(gone.mean()), target=target) in page_text(app)
    app.selectbox("edit_over").set_value("the photo").run()
    assert "Choose a map over the photo" in app.error[0].value


def test_the_film_goes_on_by_itself_to_the_end_and_stops(tick: Tick) -> None:
    app = start(PAGE, **SMALL, methods="Saliency", checks="Randomised network")
    assert app.button("cascade_play").label == "Play"
    last = int(app.slider("cascade").max)
    app.button("cascade_play").click().run()
    seen = [app.slider("cascade").value]
    assert app.button("cascade_play").label == "Pause"
    while tick(app):
        seen.append(app.slider("cascade").value)
    assert seen == [*range(last + 1), last]
    assert app.button("cascade_play").label == "Play"
    assert "All weights are random" in page_text(app)
    app.button("cascade_play").click().run()
    assert app.slider("cascade").value == 0
    app.button("cascade_play").click().run()
    assert not tick(app)
    app.button("cascade_play").click().run()
    app.switch_page("start/page.py").run()
    app.switch_page(PAGE).run()
    assert not tick(app)
