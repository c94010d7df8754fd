"""What the app's own components hand to the browser, and what comes back from it."""

import base64
import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app.feature_maps.charts.parts import Panel
from app.feature_maps.charts.pictures import as_webp, of_png
from app.feature_maps.components import cells, microscope
from app.shared.drawing.colours import DIVERGING, css_gradient


class Mounted:
    """Replaces a registered component and stores its arguments."""

    def __call__(self, **given: object) -> None:
        self.arguments = given


@pytest.fixture
def mounted(monkeypatch: pytest.MonkeyPatch) -> Mounted:
    stand_in = Mounted()
    monkeypatch.setattr(cells, "_CELLS", stand_in)
    monkeypatch.setattr(microscope, "_MICROSCOPE", stand_in)
    return stand_in


def answer(module: object, monkeypatch: pytest.MonkeyPatch, **state: object) -> None:
    """Let the session state say what the browser sent for the component with the key "k"."""
    monkeypatch.setattr(module, "st", SimpleNamespace(session_state={"k": SimpleNamespace(**state)}))


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "green").save(buffer, "PNG")
    return buffer.getvalue()


def test_the_picture_arrives_whole_and_with_its_size(mounted: Mounted) -> None:
    content = png(12, 34)
    cells.cells(
        of_png(content),
        alt="A sheet",
        rows=2,
        columns=3,
        count=5,
        chosen=4,
        labels=tuple("abcde"),
        key="k",
        on_pick=print,
    )
    data = json.loads(json.dumps(mounted.arguments["data"]))
    head, _, body = data.pop("picture").partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(body) == content
    assert data == {
        "width": 12,
        "height": 34,
        "alt": "A sheet",
        "rows": 2,
        "columns": 3,
        "count": 5,
        "chosen": 4,
        "labels": ["a", "b", "c", "d", "e"],
    }


def test_cells_of_values_send_the_values_instead_of_words(mounted: Mounted) -> None:
    values = np.array([[1.5, -2.0], [0.0, 1e-8]], np.float32)
    picture = as_webp(Image.new("RGB", (12, 34), "green"))
    cells.cells(picture, alt="", rows=2, columns=2, count=4, chosen=0, labels=values, key="k", on_pick=print)
    data = json.loads(json.dumps(mounted.arguments["data"]))
    assert "labels" not in data
    assert np.array_equal(np.frombuffer(base64.b64decode(data["values"]), "<f4"), values.ravel())
    head, _, body = data["picture"].partition(",")
    assert head == "data:image/webp;base64"
    assert Image.open(io.BytesIO(base64.b64decode(body))).size == (data["width"], data["height"]) == (12, 34)


def test_a_picked_cell_is_told(mounted: Mounted, monkeypatch: pytest.MonkeyPatch) -> None:
    picked: list[int] = []
    cells.cells(
        of_png(png(4, 4)),
        alt="",
        rows=2,
        columns=2,
        count=4,
        chosen=None,
        labels="abcd",
        key="k",
        on_pick=picked.append,
    )
    assert picked == []
    answer(cells, monkeypatch, pick=3)
    mounted.arguments["on_pick_change"]()
    assert picked == [3]


def panels() -> list[Panel]:
    x = np.arange(24, dtype=np.float64).reshape(4, 6)
    branch = np.array([[-1.5, np.nan, 3.25], [0.0, np.inf, 1e-8]], np.float32)
    return [
        Panel("x, channel 3", "std 1, never negative", x, "#111111"),
        Panel("shortcut(x)", "A plain block has no shortcut", None, "#222222"),
        Panel("F(x)", "std 2, signed", branch, "#333333"),
        Panel("F(x) + shortcut(x)", "std 2, signed", branch.T[:2].T, "#444444"),  # not contiguous
        Panel("y = ReLU(sum)", "std 1, never negative", np.maximum(branch, 0), "#555555"),
    ]


def test_the_values_arrive_bit_for_bit(mounted: Mounted) -> None:
    given = panels()
    microscope.microscope(
        given, name="layer1.0", way="identity", limit=3.25, scale_words="activation", key="k", on_step=print
    )
    data = json.loads(json.dumps(mounted.arguments["data"]))
    for panel, sent in zip(given, data.pop("panels"), strict=True):
        assert (sent["title"], sent["note"], sent["colour"]) == (panel.title, panel.note, panel.colour)
        if panel.values is None:
            assert sent.keys() == {"title", "note", "colour"}
            continue
        values = np.frombuffer(base64.b64decode(sent["values"]), "<f4").reshape(sent["rows"], sent["columns"])
        assert np.array_equal(values, panel.values, equal_nan=True)
    assert data == {
        "name": "layer1.0",
        "way": "identity",
        "limit": 3.25,
        "stops": [list(stop) for stop in DIVERGING],
        "gradient": css_gradient(DIVERGING),
        "words": "activation",
    }


def test_a_step_is_told(mounted: Mounted, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    microscope.microscope(panels(), name="", way="", limit=1, scale_words="", key="k", on_step=steps.append)
    answer(microscope, monkeypatch, step="next-channel")
    mounted.arguments["on_step_change"]()
    assert steps == ["next-channel"]


def page() -> None:
    from app.feature_maps.charts.pictures import of_png
    from app.feature_maps.components.cells import cells
    from app.feature_maps.components.microscope import microscope
    from tests.app.shared.test_components import panels, png

    for key in ("sheet", "unit"):
        cells(
            of_png(png(8, 4)),
            alt=key,
            rows=1,
            columns=2,
            count=2,
            chosen=None,
            labels=["a", "b"],
            key=key,
            on_pick=print,
        )
    microscope(panels(), name="", way="", limit=2.0, scale_words="", key="microscope", on_step=print)


def test_the_components_stand_on_a_page_more_than_once() -> None:
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    mounted = [element.proto for element in app.get("bidi_component")]
    assert [proto.component_name for proto in mounted] == [
        "resnet_explorer_cells",
        "resnet_explorer_cells",
        "resnet_explorer_microscope",
    ]
    assert len({proto.id for proto in mounted}) == 3
    assert [json.loads(proto.json)["alt"] for proto in mounted[:2]] == ["sheet", "unit"]
    assert all("export default function" in proto.js_content and ":host" in proto.css_content for proto in mounted)
