"""The tab of recorded studies through Streamlit's test runner: one study at a time, and what the link opens."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

import resnet_core as rc
from app.engine.selection import Net
from app.lesions import recorded
from app.lesions.charts.notes import errors_words
from resnet_core.lesions.recorded import recorded_study
from tests.app.test_pages import findings, start

PAGE = "lesions/page.py"
NETS = {"ResNet-56": ("resnet56", "cifar10"), "plain-56": ("resnet56", "cifar10-plain")}
NETS |= {"ResNet-20": ("resnet20", "cifar10"), "plain-20": ("resnet20", "cifar10-plain")}


def opened(net: str = "ResNet-56", **link: str) -> AppTest:
    return start(PAGE, net=net, lesions="Test set", **link)


def said(app: AppTest) -> str:
    (finding,) = findings(app)
    return re.sub(r"\s+", " ", finding)


def errs(net: str, study: str, column: str = "errors", **rows: int) -> str:
    """What a network errs on, from the least to the largest of some rows of the file."""
    table = recorded_study(rc.WEIGHTS[NETS[net]], study)
    for name, value in rows.items():
        table = table[table[name] == value]
    return re.sub(r"\s", " ", f"on {errors_words(table[column])}")


def test_one_block_comes_first_with_both_networks() -> None:
    app = opened()
    spans = [errs(net, "lesions", blocks=1, recalibrated=0) for net in ("ResNet-56", "plain-56")]
    assert said(app).startswith(f"Without one block ResNet-56 errs {spans[0]}, plain-56 {spans[1]}")
    assert len(app.get("plotly_chart")) == 1
    assert "On 10,000 test pictures" in said(app)


def test_batch_norm_is_switched_for_all_networks_of_the_chart() -> None:
    app = opened(study="Several")
    before = said(app)
    (switch,) = [toggle for toggle in app.toggle if toggle.label == "Batch norm measured again"]
    app = switch.set_value(True).run()
    assert not app.exception
    assert app.query_params["recalibrated"] == "true"
    spans = [
        f"{net}{' errs' * (net == 'ResNet-56')} {errs(net, 'draws', blocks=5, recalibrated=1000)}"
        for net in ("ResNet-56", "plain-56", "ResNet-20")
    ]
    assert said(app).startswith(f"20 draws without 5 blocks: {', '.join(spans)}")
    assert "Batch norm measured again on 1,000 training pictures" in said(app)
    assert said(app) != before
    assert "measured again" not in before


@pytest.mark.parametrize("net", ["ResNet-20", "ResNet-56"])
def test_several_blocks_stand_beside_the_net_of_the_other_depth(net: str) -> None:
    other = "ResNet-56" if net == "ResNet-20" else "ResNet-20"
    assert re.search(rf"{other} {errs(other, 'draws', blocks=5, recalibrated=0)}", said(opened(net, study="Several")))


def test_blocks_that_change_places() -> None:
    app = opened(study="Shuffled")
    spans = errs("ResNet-56", "shuffles", swaps=20, recalibrated=0)
    assert said(app).startswith(f"3 draws of 20 swaps: ResNet-56 errs {spans}")


def test_all_subnetworks_are_those_of_a_net_that_has_few() -> None:
    text = said(opened("ResNet-20", study="All 2ⁿ"))
    kept = int(re.search(r"With (\d) of 9 blocks", text)[1])
    assert f"ResNet-20 errs {errs('ResNet-20', 'subnetworks', 'error', blocks=kept, recalibrated=0)}" in text
    assert "512 of ResNet-20 and 128 of plain-20" in text
    assert said(opened(study="All 2ⁿ")).startswith("Without one block")  # not on offer


def test_a_plain_net_has_its_twin_first_and_its_own_colour() -> None:
    text = said(start(PAGE, net="ResNet-20", weights="CIFAR-10, plain twin", lesions="Test set"))
    assert text.startswith("Without one block ResNet-20 errs")


@pytest.mark.parametrize("study", recorded.STUDIES)
def test_every_study_says_what_to_notice_and_what_it_does_not_prove(study: str) -> None:
    captions = [each.value for each in opened("ResNet-20", study=study).caption]
    assert any(each.startswith("What to notice") for each in captions)
    assert any("does not prove" in each for each in captions)


def test_nets_that_were_not_recorded_have_no_such_tab() -> None:
    for net in (Net("resnet20", "cifar10-epoch-01"), Net("resnet18", "imagenette"), Net("resnet20", "random")):
        assert not any(recorded.tables(net, each.file) for each in recorded.STUDIES.values())


@pytest.mark.parametrize("study", recorded.STUDIES.values(), ids=recorded.STUDIES)
def test_a_chart_is_drawn_once_for_all(study: recorded.Study) -> None:
    net, view = Net("resnet20", "cifar10"), recorded.View(again=False, gone=(), blocks=9)
    assert recorded.finished(net, study, view) is recorded.finished(net, study, view)
