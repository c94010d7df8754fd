"""Which work takes the long lane of the gate, so that a click need not wait behind it."""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import resnet_core as rc
from app.attributions import computed as attributions
from app.engine import compute
from app.engine.selection import OWN_FILE, RANDOM, Net, Photo
from app.feature_maps import computed as feature_maps
from app.feature_maps.charts.parts import Unit
from app.gradients import computed as gradients
from app.lesions import computed as lesions
from app.shared import explanations, photo
from tests.app.gradients.test_gradient_page import FLOW
from tests.serving import ROOT

NET = Net("resnet20", RANDOM)
OWN = Net("resnet20", OWN_FILE, "lanes", "mine.safetensors", b"")
PHOTO = Photo("test:lanes", "", "", Image.new("RGB", (40, 40), "teal"))
NEW = replace(FLOW, seed=4321)  # nobody has asked for it, so nothing is cached
RECORD = rc.AttributionRecord(
    "saliency", torch.zeros(1), torch.zeros(1, 2, 2), torch.zeros(1, 3, 2, 2), False, None, 0.0, {}
)
HOLE = np.ones((32, 32), dtype=bool)
SLOW = [name for name, check in rc.CHECKS.items() if not check.quick]

Work = tuple[Callable[..., Any], tuple[Any, ...]]  # what is called, and with what
QUICK: list[Work] = [
    (photo.give, (b"a photo", "a.png")),
    (compute.model, (OWN,)),
    (compute.prediction, (NET, PHOTO)),
    (compute.record, (NET, PHOTO)),
    (compute.attribution, (NET, PHOTO, 0, "integrated_gradients")),
    (explanations.check, (NET, PHOTO, 0, "saliency", "diagnosis")),
    (attributions.superpixels, (NET, PHOTO, 24)),
    (attributions.edit_effect, (NET, PHOTO, HOLE, "black")),
    (lesions.whole, (NET, PHOTO)),
    (lesions.effect, (NET, PHOTO, ("layer1.1",), 0.0)),
    (lesions.every_subnetwork, (NET, PHOTO)),
    (lesions.spectrum, (NET, PHOTO)),
    (lesions.read_out, (NET, PHOTO)),
    (feature_maps.contribution, (NET, PHOTO, "layer2.0", 0)),
    (feature_maps.without_residual, (NET, PHOTO, "layer2.0")),
    (feature_maps.effective_field, (NET, PHOTO, Unit("layer2.0", 1, 1), 0)),
]
LONG: list[Work] = [
    *((explanations.check, (NET, PHOTO, 0, "saliency", name)) for name in SLOW),
    (attributions.chance, (RECORD,)),
    (gradients.gradient_flow, (NEW,)),
    (gradients.shattering, (NEW,)),
]


ASKING = {"acquire_core", "run_on_core"}


class Asked(BaseException):
    """Ends a piece of work where it asks for a core; `long` is the lane."""

    def __init__(self, long: bool) -> None:
        self.long = long


@pytest.fixture
def lane(monkeypatch: pytest.MonkeyPatch) -> Callable[[Work], bool]:
    """Runs a task up to the gate: true in the long lane."""

    def ask(_what: str, *work: object, long: bool | None = None, **_shared: object) -> None:
        raise Asked(len(work) == 2 if long is None else long)  # a function and its progress run in the long lane

    def asked(work: Work) -> bool:
        function, arguments = work
        for name in ASKING:
            monkeypatch.setattr(sys.modules[function.__module__], name, ask, raising=False)
        with pytest.raises(Asked) as end:
            function(*arguments)
        return end.value.long

    session = SimpleNamespace(session_state={"upload": io.BytesIO(b"a photo")}, spinner=nullcontext)
    monkeypatch.setattr(photo, "st", session)
    return asked


@pytest.mark.parametrize("work", QUICK, ids=lambda work: work[0].__name__)
def test_what_a_click_waits_for_takes_the_quick_lane(work: Work, lane: Callable[[Work], bool]) -> None:
    assert lane(work) is False


@pytest.mark.parametrize("work", LONG, ids=lambda work: f"{work[0].__name__}, {work[1][-1]}"[:40])
def test_what_takes_its_time_lets_clicks_pass(work: Work, lane: Callable[[Work], bool]) -> None:
    assert lane(work) is True


def test_a_map_of_many_passes_does_too(lane: Callable[[Work], bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "LONG_MACS", 1e6)
    assert lane((compute.attribution, (NET, PHOTO, 1, "saliency"))) is True


def test_the_slow_checks_are_those_that_compute_other_maps_or_answers() -> None:
    assert {"randomisation", "random_logit", "deletion", "infidelity", "sensitivity"} == set(SLOW)


def test_every_piece_of_work_that_asks_for_a_core_is_among_them() -> None:
    asking = {
        (".".join(path.relative_to(ROOT).with_suffix("").parts), function.name)
        for path in (ROOT / "app").rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef) and function.name not in ASKING and any(map(_asks, ast.walk(function)))
    }
    assert asking == {(function.__module__, function.__name__) for function, _ in (*QUICK, *LONG)}


def _asks(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ASKING
