"""The Gradients page through Streamlit's test runner: live measurements, questions, stop, and bad input."""

from __future__ import annotations

import threading

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import resnet_core as rc
from app import batches, compute, snippets
from app.questions import QUESTIONS
from app.selection import Flow
from tests.test_pages import page_text, picture, start
from tests.test_snippets import run

PAGE = "views/gradients.py"
SMALL = {"depths_cifar": "20", "source": "noise"}
FLOW = Flow("resnet20", "none", "batch", "kaiming", 0, 0, "noise")


def charts(app: object) -> list[str]:
    return [chart.proto.spec for chart in app.get("plotly_chart")]  # type: ignore[attr-defined]


def test_the_first_chart_is_a_live_measurement_and_its_title_the_finding() -> None:
    app = start(PAGE, **SMALL)
    batch, labels = batches.noise("cifar")
    table = rc.gradient_flow("resnet20", batch, labels, shortcut="none")
    ratio = table["grad_norm"].iloc[0] / table["grad_norm"].iloc[-1]
    flow, ends = charts(app)
    assert "plain-20: the first" in flow.replace("<br>", " ")
    assert f"{ratio:.2g} times" in flow.replace("<br>", " ").replace("\\u003cbr\\u003e", " ")
    assert "residual" in ends


def test_steps_show_the_loss() -> None:
    app = start(PAGE, steps="1", **SMALL)
    assert len(charts(app)) == 3
    assert "The loss" in charts(app)[2]


def test_one_kind_and_several_seeds() -> None:
    app = start(PAGE, kinds="plain", seeds="3", **SMALL)
    assert "ResNet-20" not in charts(app)[0]
    assert "plain-20, all seeds" in charts(app)[0]


def test_no_depth_no_chart() -> None:
    app = start(PAGE, **SMALL)
    app.pills("depths_cifar").set_value([]).run()
    assert "Choose at least one depth." in page_text(app)
    assert charts(app) == []


@pytest.mark.parametrize("question", QUESTIONS[:4], ids=lambda question: question.title)
def test_a_question_sets_the_page_and_waits_for_a_guess(question: object) -> None:
    app = start(PAGE, question=question.title)
    assert "First guess, then the networks are measured." in page_text(app)
    assert charts(app) == []
    assert app.pills("depths_cifar").value == question.settings["depths_cifar"]
    assert app.selectbox("norm").value == question.settings["norm"]
    app.pills("depths_cifar").set_value([20]).run()  # the settings are a beginning: the visitor may change them
    assert app.pills("depths_cifar").value == [20]
    app.radio[0].set_value(question.guesses[0]).run()
    assert charts(app)
    assert question.answer in page_text(app)


def test_a_photo_of_ones_own_is_a_source_and_leaves_with_the_photo() -> None:
    app = start(PAGE, **SMALL)
    app.get("file_uploader")[1].upload("green.png", picture()).run()
    app.segmented_control("source").set_value("your photo").run()
    assert not app.exception
    assert charts(app)
    app.selectbox("sample").set_value("cat").run()
    assert not app.exception
    assert "your photo" not in app.segmented_control("source").options


def test_stopped_networks_are_not_measured_until_asked() -> None:
    app = start(PAGE, depths_cifar="20", source="noise", seeds="3")
    app.session_state["stopped"] = tuple(
        Flow("resnet32", shortcut, "batch", "kaiming", seed, 0, "noise")
        for shortcut in ("none", "A")
        for seed in range(3)
    )
    app.pills("depths_cifar").set_value([32]).run()
    assert "Stopped: 0 of 6 networks are measured." in page_text(app)
    app.button[0].click().run()
    assert charts(app)


@pytest.mark.parametrize("source", ["noise", "sample photos"])
def test_the_code_for_this_gives_the_same_numbers(source: str) -> None:
    flows = [Flow("resnet20", shortcut, "none", "normal", 1, 1, source) for shortcut in ("none", "A")]
    tables = [compute.gradient_flow(flow) for flow in flows]
    assert_frame_equal(run(snippets.flows_code(flows)), pd.concat(tables, ignore_index=True))
    losses = run(snippets.losses_code(flows))
    assert losses["loss"].tolist() == [loss for table in tables for loss in table.attrs["losses"]]


def test_shattering_and_its_code() -> None:
    app = start(PAGE, question=QUESTIONS[4].title)
    app.pills("depths_cifar").set_value([20]).run()
    app.radio[0].set_value(QUESTIONS[4].guesses[1]).run()
    assert "Correlation of neighbouring" in charts(app)[0]
    flows = [Flow("resnet20", kind, "batch", "kaiming", 0, 0, "noise") for kind in ("none", "A")]
    shown = pd.concat([compute.shattering(flow) for flow in flows], ignore_index=True)
    assert_frame_equal(run(snippets.shattering_code(flows)), shown)


def test_measured_side_by_side_each_number_is_that_of_a_lone_call() -> None:
    flows = [Flow("resnet20", "none", "batch", "kaiming", seed, 0, "noise") for seed in (7, 8, 9)]
    found = dict(compute.measured_flows(flows))
    assert set(found) == set(flows)
    batch, labels = batches.noise("cifar")
    for flow, table in found.items():
        alone = rc.gradient_flow("resnet20", batch, labels, shortcut="none", seed=flow.seed)
        assert_frame_equal(table[alone.columns], alone)
    assert set(compute.known_flows(flows)) == set(flows)


def test_nobody_waits_any_more_and_the_work_ends() -> None:
    class Stop(BaseException):
        pass

    def stop(_done: int, _total: int) -> None:
        raise Stop

    flows = [Flow("resnet110", "none", "batch", "kaiming", seed, 20, "noise") for seed in range(8)]
    before = threading.active_count()
    with pytest.raises(Stop):
        list(compute.measured_flows(flows, watch=stop))
    assert threading.active_count() == before
    assert compute.known_flows(flows) == {}
