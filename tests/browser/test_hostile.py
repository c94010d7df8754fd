"""Text that comes with a file is shown as text: a checkpoint's classes, and names of files, full of tricks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Page, expect

import resnet_core as rc
from resnet_core.weights.files import save_weights
from tests.browser.steps import OpenPage, choose, open_downloads, problems, settle, upload
from tests.pictures import encode, quadrants

TRICKS = (  # each begins what only Markdown, HTML, Plotly or Streamlit would make of it
    "**evil** _evil_ ~~evil~~ `evil`",
    ":red[evil] :blue-background[evil]",
    ":material/bug_report: :streamlit: :skull:",
    "$\\evil$ $$evil$$",
    "[evil](http://evil.example/) <http://evil.example/>",
    "![evil](http://evil.example/x.png)",
    "http://evil.example/ www.evil.example evil@evil.example",
    "<img src=evil onerror=window.evil=1><b>evil</b>",
    "<a href='http://evil.example/'>evil</a> &lt;evil&gt; %{y}",
    "# evil -- <-> \\",
)
NAME = "x **evil** :red[evil] $evil$ ![evil](evil.png) <img src=evil onerror=window.evil=1><b>evil</b>"
MADE = """() => [...document.querySelectorAll(`a[href*=evil], img[src*=evil], svg a, svg image[href*=evil], [onerror],
    .katex, .stMarkdownColoredText, .stMarkdownColoredBackground, [alt='Streamlit logo'],
    b, em, strong, del, code, tspan`)]
    .filter(e => e.matches('b, em, strong, del, code, tspan') ? e.textContent === 'evil' : true)
    .map(e => e.outerHTML.slice(0, 200)).concat(window.evil ? ['a script ran'] : [])"""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ResNet-20 whose ten classes are the tricks; the first of them is its answer to nearly everything."""
    path = tmp_path_factory.mktemp("evil") / "weights.safetensors"
    state = rc.build("resnet20", seed=0).state_dict()
    state["fc.bias"] += torch.arange(10, 0, -1)
    save_weights(path, state, replace(rc.WEIGHTS["resnet20", "cifar10"], classes=TRICKS, data=TRICKS[0], id=TRICKS[1]))
    return path


def give(page: Page, checkpoint: Path) -> None:
    """The checkpoint, under an evil name."""
    sidebar = page.get_by_test_id("stSidebar")
    sidebar.get_by_text("Your own checkpoint").click()
    content = {"mimeType": "application/octet-stream", "buffer": checkpoint.read_bytes()}
    sidebar.locator("input[type=file]").first.set_input_files({"name": f"{NAME}.safetensors", **content})
    expect(sidebar.get_by_text("In use:")).to_be_visible()
    settle(page)


def seen(page: Page) -> str:
    """What the page says, without joiners and ties that no reader sees."""
    text: str = page.locator("body").inner_text()
    return text.replace("\N{WORD JOINER}", "").replace("\N{NO-BREAK SPACE}", " ")


def test_classes_and_names_of_files_are_text_on_every_page(
    open_page: OpenPage, checkpoint: Path, tmp_path: Path
) -> None:
    asked: list[str] = []
    page = open_page("/predict?net=ResNet-20&compare=true")
    page.context.on("request", lambda request: asked.append(request.url))
    upload(page, f"{NAME}.png", encode(quadrants(), "PNG"))
    expect(page.get_by_alt_text(f"{NAME}.png, cut to the centre square").first).to_be_visible()
    give(page, checkpoint)
    for words in (*TRICKS, f"In use: {NAME}.safetensors.", f"ResNet-20 · {NAME}.safetensors", f"{NAME}.png, 32 × 32"):
        assert words in seen(page)
    assert page.evaluate(MADE) == []
    assert problems(page) == []

    page.get_by_role("link", name="Feature maps", exact=True).click()
    page.get_by_role("tab", name="Along depth").click()
    expect(page.locator(".st-key-ratio .js-plotly-plot").first).to_be_visible()
    settle(page)
    assert f"ResNet-20 · {NAME}.safetensors" in seen(page)
    assert page.evaluate(MADE) == []

    page.get_by_role("link", name="Attributions", exact=True).click()
    expect(page.get_by_alt_text(f"Grad-CAM for {TRICKS[0]}").first).to_be_visible()
    settle(page)
    page.get_by_role("tab", name="Depth").click()
    expect(page.get_by_alt_text(f"Grad-CAM for {TRICKS[0]} at ").first).to_be_visible()
    settle(page)
    page.get_by_role("tab", name="Maps").click()
    expect(page.get_by_role("button", name="Randomised network")).to_be_visible()
    settle(page)
    choose(page, "Compare with", "random weights of the same network")
    expect(page.get_by_text("one draw of the random weights").first).to_be_visible()
    settle(page)
    assert f"It has no word for {TRICKS[0]}: its maps are for " in seen(page)
    assert page.evaluate(MADE) == []
    page.get_by_role("tab", name="Keep").click()
    expect(page.get_by_role("button", name="Report of these maps (HTML)")).to_be_visible()
    settle(page)
    open_downloads(page, "files_grad_cam")
    for button in ("SVG", "Report of these maps (HTML)"):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).first.click()
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        opened = page.context.new_page()
        opened.goto(file.as_uri())
        expect(opened.get_by_text(f"{NAME}.safetensors").first).to_be_visible()
        assert opened.evaluate(MADE.replace("document.query", "document.documentElement.query")) == []
        opened.close()
    assert [url for url in asked if "evil.example" in url or url.endswith("evil.png")] == []
