"""The legend of a painted map, and the drawing that holds both, read back from their HTML and SVG."""

from __future__ import annotations

import base64
from xml.etree import ElementTree

import numpy as np
import pytest

from app.attributions.charts import legend
from app.shared.drawing import maps
from app.shared.drawing.colours import DIVERGING
from app.shared.drawing.heat import SIDE
from tests.app.shared.test_maps_figure import RED, ramp

SVG = "{http://www.w3.org/2000/svg}"


def test_the_legend_agrees_with_what_was_painted() -> None:
    values = ramp() * 0.4 - 0.2
    painted = {style: maps.painted(RED, values, style, "none", 1, signed=True) for style in maps.STYLES}
    limit = painted["Overlay"].scale.limit
    for style in ("Overlay", "Map alone", "Contours"):
        assert f"<b>−{limit:.3g}</b> against" in legend.overlay_legend(painted[style], "against", "for")
    lines = legend.overlay_legend(painted["Contours"], "against", "for")
    assert f"Lines at ±{limit / 4:.3g}, ±{limit / 2:.3g}, ±{limit * 0.75:.3g}: 25, 50 and 75 % of the scale." in lines
    blend = legend.overlay_legend(painted["Blend"], "against", "for")
    assert f"<b>±{limit:.3g}</b> against, or for" in blend
    assert "<b>0</b> neither" in blend
    assert "rgb(178, 24, 43)" not in blend  # none of the map's colours is in a blend


@pytest.mark.parametrize("style", maps.STYLES)
def test_words_in_the_legend_are_escaped(style: str) -> None:
    painted = maps.painted(RED, ramp(), style, "none", 1, signed=False)
    text = legend.overlay_legend(painted, "<i>low", "<u>high")
    assert "<u>" not in text
    assert "&lt;u&gt;high" in text


@pytest.mark.parametrize("style", maps.STYLES)
def test_the_drawing_holds_the_picture_and_all_words_of_the_legend(style: str) -> None:
    painted = maps.painted(RED, ramp() - 0.25, style, "none", 1, signed=True)
    drawing = ElementTree.fromstring(legend.svg(painted, ("Saliency <1>", "plain-20"), "against", "for"))
    image = drawing.find(f"{SVG}image")
    assert image is not None
    assert base64.b64decode(image.attrib["href"].removeprefix("data:image/png;base64,")) == painted.png
    said = [each.text for each in drawing.iter(f"{SVG}text") if each.text]
    shown = legend.overlay_legend(painted, "against", "for")
    assert said[:2] == ["Saliency <1>", "plain-20"]
    assert all(words in shown for words in said[2:])
    assert len(said) == (7 if style == "Contours" else 6)
    width, height = (float(drawing.attrib[name]) for name in ("width", "height"))
    for each in drawing.iter():
        assert 0 <= float(each.attrib.get("x", 0)) <= width
        assert float(each.attrib.get("y", 0)) + float(each.attrib.get("height", 0)) <= height


def test_the_bar_of_the_drawing_has_the_colours_of_the_map() -> None:
    painted = maps.painted(RED, ramp() - 0.5, "Overlay", "none", 1, signed=True)
    drawing = ElementTree.fromstring(legend.svg(painted, ("", ""), "against", "for"))
    assert [stop.attrib["stop-color"] for stop in drawing.iter(f"{SVG}stop")] == [f"rgb{stop}" for stop in DIVERGING]
    bars = [each for each in drawing.iter(f"{SVG}rect") if each.attrib["fill"].startswith("url(")]
    assert [(each.attrib["fill"], float(each.attrib["width"])) for each in bars] == [("url(#bar0)", SIDE)]


def test_the_bar_of_a_blend_fades_over_its_tones() -> None:
    painted = maps.painted(RED, np.abs(ramp()), "Blend", "none", 1, signed=False)
    drawing = ElementTree.fromstring(legend.svg(painted, ("", ""), "nothing", "much"))
    over = drawing.find(f"{SVG}defs/{SVG}linearGradient[@id='bar1']")
    assert over is not None
    assert [stop.attrib["stop-opacity"] for stop in over] == ["1", "0"]
