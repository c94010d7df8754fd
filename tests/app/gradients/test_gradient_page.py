"""The Gradients page through Streamlit's test runner: live measurements, stop, and bad input."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch
from pandas.testing import assert_frame_equal
from streamlit.testing.v1 import AppTest

import resnet_core as rc
from app.engine.selection import Flow
from app.gradients import code, computed, words
from app.shared import magnitudes
from resnet_core.gradients import batches
from resnet_core.gradients.ends import end_ratios
from tests.app.test_pages import findings, page_text, picture, start
from tests.app.test_snippets import run

PAGE = "gradients/page.py"
SMALL = {"depths_cifar": "20", "source": "noise", "seeds": "1"}
FLOW = Flow("resnet20", rc.Build("none"), 0, 0, "noise")


def charts(app: object) -> list[str]:
    return [chart.proto.spec for chart in app.get("plotly_chart")]  # type: ignore[attr-defined]


def title(app: object) -> str:
    """The title of the first chart in one line."""
    return findings(app)[0]


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()


def measured() -> pd.DataFrame:
    """What the page measured for the choice it shows: 20 layers on noise, three seeds."""
    flows = [replace(FLOW, how=rc.Build(shortcut), seed=seed) for seed in range(3) for shortcut in ("none", "A")]
    return pd.concat([computed.known_flows(flows)[flow] for flow in flows], ignore_index=True)


def test_the_first_chart_is_a_live_measurement_and_its_title_the_finding() -> None:
    app = start(PAGE, **SMALL)
    batch, labels = batches.noise("cifar")
    table = rc.gradient_flow("resnet20", batch, labels, shortcut="none")
    ratio = table["grad_norm"].iloc[0] / table["grad_norm"].iloc[-1]
    said = magnitudes.compared([ratio], "the last")
    assert title(app).startswith(f"plain-20: the first layer's gradient is {said}")
    _, ends = charts(app)
    assert "residual" in ends
    assert "Each network was measured once" in page_text(app)
    app.segmented_control("seeds").set_value(3).run()
    assert title(app) == words.finding(measured(), words.QUANTITIES["raw"]).replace("; ", " ")
    assert "Titles give the smallest and the largest of 3 seeds" in page_text(app)


def test_precision_and_zero_init_reach_the_measurement_and_the_url_carries_them() -> None:
    app = start(PAGE, precision="single", zero_init="true", **SMALL)
    table = computed.gradient_flow(replace(FLOW, how=rc.Build("A", zero_init_residual=True), double=False))
    batch, labels = batches.noise("cifar")
    alone = rc.gradient_flow("resnet20", batch, labels, zero_init_residual=True, dtype=torch.float32)
    assert_frame_equal(table[alone.columns], alone)
    assert "in single precision, where the last digits are rounding noise" in page_text(app)
    app.segmented_control("precision").set_value("double").run()
    assert "ResNet-20, zero-init: " in title(app)
    assert "the last exactly 0" in title(app)
    text = page_text(app)
    assert "18 of 19 convs of ResNet-20, zero-init are exactly 0 in double precision too" in text
    assert "the last γ of each residual block 0 (plain nets have none)" in text
    app.selectbox("norm").set_value("none").run()  # no batch norm, no γ
    assert app.toggle("zero_init").disabled
    assert "zero-init" not in title(app)


@pytest.mark.usefixtures("no_deep_cifar_weights")
def test_trained_weights_where_there_are_any_and_the_others_are_named() -> None:
    app = start(PAGE, learned="trained", source="noise", seeds="3")
    assert "Left out: plain-56, ResNet-56, plain-110 and ResNet-110 (no trained weights" in page_text(app)
    batch, labels = batches.noise("cifar")
    flow = replace(FLOW, weights="cifar10-plain")
    alone = rc.gradient_flow("resnet20", batch, labels, weights=rc.load("resnet20", "cifar10-plain"))
    assert_frame_equal(computed.gradient_flow(flow)[alone.columns], alone)
    assert title(app).startswith("plain-20, trained: the first layer's gradient is ")
    assert "all seeds" not in charts(app)[0]
    assert app.selectbox("init").disabled
    app.pills("depths_cifar").set_value([110]).run()
    assert "Trained weights are here for plain-20 and ResNet-20." in page_text(app)
    assert "Choose at least one depth." not in page_text(app)
    assert charts(app) == []


def test_steps_show_the_loss() -> None:
    app = start(PAGE, steps="1", **SMALL)
    assert len(charts(app)) == 3
    assert "The loss" in findings(app)[2]


def test_one_kind_and_several_seeds() -> None:
    app = start(PAGE, kinds="plain", **{**SMALL, "seeds": "3"})
    assert "ResNet-20" not in charts(app)[0]
    assert "plain-20, all seeds" in charts(app)[0]


def test_no_depth_no_chart() -> None:
    app = start(PAGE, **SMALL)
    app.pills("depths_cifar").set_value([]).run()
    assert "Choose at least one depth." in page_text(app)
    assert charts(app) == []


def test_a_link_from_when_the_page_asked_questions_shows_the_page() -> None:
    app = start(PAGE, question="What if batch norm goes?", guess_2="both", **SMALL)
    assert charts(app)
    assert not {"question", "guess_2"} & set(app.query_params)


def test_the_scale_of_the_weights_can_be_left_out() -> None:
    app = start(PAGE, **SMALL, scale="scale-free")
    assert "the first layer's scale-free gradient is" in title(app)
    assert "at |w| = 1" in page_text(app)


def test_one_photo_is_a_source_of_pictures() -> None:
    app = start(PAGE, **SMALL)
    assert not app.file_uploader  # a photo is asked for where it counts only
    app.segmented_control("source").set_value("your photo").run()
    of_a_sample = charts(app)
    app.file_uploader("upload").upload("green.png", picture()).run()
    assert not app.exception
    assert charts(app) != of_a_sample
    app.segmented_control("photos").set_value("palace").run()
    assert charts(app) == of_a_sample


def test_stopped_networks_are_not_measured_until_asked() -> None:
    app = start(PAGE, depths_cifar="20", source="noise", seeds="3")
    app.session_state["stopped"] = tuple(
        Flow("resnet32", rc.Build(shortcut), seed, 0, "noise") for seed in range(3) for shortcut in ("none", "A")
    )
    app.pills("depths_cifar").set_value([32]).run()
    assert "Stopped: 0 of 6 networks are measured." in page_text(app)
    press(app, "Go on")
    assert charts(app)


@pytest.mark.parametrize("source", ["noise", "sample photos"])
def test_the_code_for_this_gives_the_same_numbers(source: str) -> None:
    ways = [rc.Build(shortcut, norm="none", init="normal") for shortcut in ("none", "A")]
    flows = [Flow("resnet20", how, 1, 1, source) for how in ways]
    tables = [computed.gradient_flow(flow) for flow in flows]
    assert_frame_equal(run(code.flows_code(flows)), pd.concat(tables, ignore_index=True), check_exact=True)
    losses = run(code.losses_code(flows))
    assert losses["loss"].tolist() == [loss for table in tables for loss in table.attrs["losses"]]


def test_the_code_gives_the_same_numbers_of_trained_networks() -> None:
    flows = [
        replace(FLOW, weights="cifar10-plain", steps=1),
        replace(FLOW, how=rc.Build("A"), weights="cifar10", steps=1),
    ]
    tables = [computed.gradient_flow(flow) for flow in flows]
    assert_frame_equal(run(code.flows_code(flows)), pd.concat(tables, ignore_index=True), check_exact=True)
    losses = run(code.losses_code(flows))
    assert losses["loss"].tolist() == [loss for table in tables for loss in table.attrs["losses"]]
    assert_frame_equal(run(code.shattering_code(flows[:1])), computed.shattering(flows[0]))


def test_the_code_gives_the_same_numbers_in_a_process_of_its_own_with_its_usual_threads(tmp_path: Path) -> None:
    flows = [replace(FLOW, steps=1)]
    program = code.flows_code(flows) + "\nimport torch\nassert torch.get_num_threads() > 1\ntable.to_pickle('table')"
    usual = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    here = str(Path(__file__).parents[3])
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, env={**usual, "PYTHONPATH": here})
    found = pd.read_pickle(tmp_path / "table")
    assert_frame_equal(found, computed.gradient_flow(flows[0]), check_exact=True)


def test_the_code_gives_the_same_numbers_in_single_precision_and_with_zero_init() -> None:
    flows = [replace(FLOW, double=False), replace(FLOW, how=rc.Build("A", zero_init_residual=True), double=False)]
    table = pd.concat([computed.gradient_flow(flow) for flow in flows], ignore_index=True)
    shown = end_ratios(table, "relative_update")
    assert shown["median"].iloc[1] == float("inf")  # zero-init: the last conv gets exactly nothing
    assert_frame_equal(run(code.ends_code(flows, "relative_update")), shown, check_exact=True)
    assert_frame_equal(run(code.shattering_code(flows[1:])), computed.shattering(flows[1]))


def test_the_likeness_of_neighbours_is_a_part_of_its_own_and_has_code(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    measure = computed.shattering
    monkeypatch.setattr(computed, "shattering", lambda *args, **more: asked.append(args) or measure(*args, **more))
    app = start(PAGE, **SMALL)
    assert not asked
    monkeypatch.setattr(computed, "gradient_flow", None)
    app = start(PAGE, gradients="Likeness of neighbours", **SMALL)
    assert asked
    assert "How alike neighbouring gradients are" in title(app)
    assert app.query_params["gradients"] == "Likeness of neighbours"
    flows = [replace(FLOW, how=rc.Build(kind)) for kind in ("none", "A")]
    shown = pd.concat([measure(flow) for flow in flows], ignore_index=True)
    assert_frame_equal(run(code.shattering_code(flows)), shown)


def test_the_likeness_of_gradients_too_small_for_single_precision_is_measured_in_double() -> None:
    flow = replace(FLOW, variant="resnet56", how=rc.Build("none", norm="none", init="normal"))
    table = computed.shattering(flow)
    assert table["correlation"].notna().all()
    assert_frame_equal(run(code.shattering_code([flow])), table)
    assert computed.shattering(replace(flow, double=False))["correlation"].isna().all()  # exactly 0 there


def test_measured_side_by_side_each_number_is_that_of_a_lone_call() -> None:
    flows = [Flow("resnet20", rc.Build("none"), seed, 0, "noise") for seed in (7, 8, 9)]
    found = dict(computed.measured(flows))
    assert set(found) == set(flows)
    batch, labels = batches.noise("cifar")
    for flow, table in found.items():
        alone = rc.gradient_flow("resnet20", batch, labels, shortcut="none", seed=flow.seed)
        assert_frame_equal(table[alone.columns], alone)
    assert set(computed.known_flows(flows)) == set(flows)


def test_a_network_that_cannot_be_measured_does_not_keep_the_others_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    measure = rc.gradient_flow

    def greedy(variant: str, *args: torch.Tensor, **options: object) -> pd.DataFrame:
        if variant == "resnet32":
            torch.empty(2**55)  # PyTorch refuses
        return measure(variant, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(rc, "gradient_flow", greedy)
    flows = [Flow(name, rc.Build("none"), 11, 0, "noise") for name in ("resnet32", "resnet20", "resnet44")]
    found = computed.measured(flows)
    assert sorted(next(found)[0].variant for _ in range(2)) == ["resnet20", "resnet44"]
    with pytest.raises(rc.ResNetCoreError, match="more memory than the machine has free"):
        next(found)


def test_nobody_waits_any_more_and_the_work_ends() -> None:
    class Stop(BaseException):
        pass

    def stop(_done: int, _total: int) -> None:
        raise Stop

    flows = [Flow("resnet110", rc.Build("none"), seed, 20, "noise") for seed in range(8)]
    before = threading.active_count()
    with pytest.raises(Stop):
        list(computed.measured(flows, watch=stop))
    assert threading.active_count() == before
    assert computed.known_flows(flows) == {}
