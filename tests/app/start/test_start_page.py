"""The Start page: what our runs say about depth, and the ways in."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import resnet_core as rc
from app.shared.drawing.colours import PLAIN_TONES
from app.start import charts, words
from resnet_core.pictures.samples import SAMPLES
from tests.app.test_pages import MAIN, page_text, picture, start

PAGE = "start/page.py"
PLAIN = [rc.RUNS[name, "cifar10-plain"] for name in ("resnet20", "resnet56")]


def ending(run: rc.Run, error: float) -> rc.Run:
    return replace(run, curves=pd.DataFrame({"train_error": [0.9, error]}))


@pytest.mark.parametrize(
    ("shallow", "deep", "sentence"),
    [
        (0.1, 0.2, "plain-56 learns worse than plain-20: 20.0 % training error against 10.0 % (one run each)."),
        (0.2, 0.1, "plain-56 learns better than plain-20: 10.0 % training error against 20.0 % (one run each)."),
        (0.2, 0.2, "plain-56 and plain-20 end with the same training error, 20.0 % (one run each)."),
    ],
)
def test_the_sentence_follows_the_curves(shallow: float, deep: float, sentence: str) -> None:
    said = words.depth_finding(ending(PLAIN[0], shallow), ending(PLAIN[1], deep))
    assert said == sentence.replace(" %", "\N{NO-BREAK SPACE}%")


def test_each_curve_has_its_point_of_each_epoch_and_names_do_not_meet() -> None:
    runs = [ending(PLAIN[0], 0.45), ending(PLAIN[1], 0.46)]
    svg = ElementTree.fromstring(charts.curves_svg(runs, PLAIN_TONES, 0.9, "gist"))
    lines = [path.get("d") for path in svg.iter("path") if path.get("class") == "start-grow"]
    assert lines == ["M34.0 22.0L228.0 77.0", "M34.0 22.0L228.0 75.8"]
    heights = [float(text.get("y")) for text in svg.iter("text") if text.text in ("plain-20", "plain-56")]
    assert heights[0] - heights[1] == pytest.approx(charts.LINE)


def test_the_page_says_what_our_runs_say() -> None:
    text = page_text(start(PAGE))
    assert words.depth_finding(*PLAIN) in text
    assert "plain-56 learns worse" in text
    assert "ResNet-56 learns better" in text


def test_without_recorded_runs_there_is_still_a_way_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rc, "RUNS", {})
    app = start(PAGE)
    assert "learns worse" not in page_text(app)
    assert len(app.segmented_control("first_photo").options) == len(SAMPLES)


def test_a_sample_opens_its_answers() -> None:
    app = start(PAGE)
    app.segmented_control("first_photo").set_value("cat").run()
    assert not app.exception
    assert "What does a ResNet see in your photo" in app.title[0].value
    assert app.segmented_control("photos").value == "cat"


def test_a_photo_opens_its_answers_and_a_file_that_is_none_is_told_of() -> None:
    app = start(PAGE)
    app.file_uploader[0].upload("no.png", b"nothing", "image/png").run()
    assert "no.png" in app.error[0].value
    assert "Why would more layers" in app.title[0].value
    app.file_uploader[0].upload("mine.png", picture(), "image/png").run()
    assert "What does a ResNet see in your photo" in app.title[0].value
    assert "mine.png" in page_text(app)


def test_an_older_link_to_the_first_page_opens_the_page_that_it_was_for() -> None:
    app = AppTest.from_file(MAIN, default_timeout=120)
    app.query_params["sample"] = "A dahlia"
    app.run()
    assert "What does a ResNet see in your photo" in app.title[0].value
    assert app.segmented_control("photos").value == "flower"
