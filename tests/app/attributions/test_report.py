"""The report as a file: complete, harmless, and without a request to anywhere."""

from __future__ import annotations

import base64
from datetime import date
from html.parser import HTMLParser
from importlib.metadata import version

import pandas as pd
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from app.attributions.report import Section, report
from app.shared.drawing.layout import arranged

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Seen(HTMLParser):
    """Collects text, tags and everything a browser would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.asked: list[str] = []
        self.alts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "srcset", "data", "poster", "action"):
                self.asked.append(value or "")
            if name == "alt":
                self.alts.append(value or "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_everything_is_in_the_one_file() -> None:
    table = pd.DataFrame({"unit": ["fc", "layer4"], "ssim": [0.123456, float("nan")]})
    part = Section("Saliency", "It reacts here.", PNG, "strongest in the middle", "<b>card</b>", (("Cascade", table),))
    html = report("Maps of a cat", [("Network", "ResNet-18"), ("Seed", "7")], [part])
    seen = Seen(html)
    text = " ".join(seen.words)
    for word in (
        "Maps of a cat",
        "ResNet-18",
        "7",
        "Saliency",
        "It reacts here.",
        "card",
        "Cascade",
        "layer4",
        "0.1235",
    ):
        assert word in text
    assert date.today().isoformat() in text
    assert version("torch") in text
    assert seen.alts == ["strongest in the middle"]
    assert len(seen.asked) == 1
    assert base64.b64decode(seen.asked[0].removeprefix("data:image/png;base64,")) == PNG


def test_it_asks_nobody_for_anything() -> None:
    html = report("t", [], [Section("a"), Section("b", picture=PNG, alt="x")])
    assert "http" not in html
    assert "@import" not in html
    assert "script" not in Seen(html).tags


def test_a_chart_brings_its_own_program_once() -> None:
    figure = arranged(go.Figure(go.Scatter(x=[0, 1], y=[0.25, 0.75])), title="it <b>rises", x="x", y="y")
    html = report("t", [], [Section(name, figure=figure, alt="it rises") for name in ("a", "b")])
    seen = Seen(html)
    assert seen.asked == []
    assert html.count(get_plotlyjs()) == 1
    assert html.count("Plotly.newPlot(") == get_plotlyjs().count("Plotly.newPlot(") + 2
    assert 'aria-label="it rises"' in html
    assert html.count("it \\u003cb\\u003erises") == 2  # over each plot


def test_names_are_text_and_never_markup() -> None:
    evil = "<script>alert('1')</script>"
    table = pd.DataFrame({"class": [evil]})
    html = report(evil, [(evil, evil)], [Section(evil, evil, PNG, f'"{evil}', tables=((evil, table),))])
    seen = Seen(html)
    assert "script" not in seen.tags
    assert seen.alts == [f'"{evil}']
    assert " ".join(seen.words).count(evil) >= 5
