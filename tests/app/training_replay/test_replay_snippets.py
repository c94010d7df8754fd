"""Every program that the Training replay page shows is run, and must end with the numbers that the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Net
from app.training_replay import code, words
from resnet_core.training import tables
from tests.app.test_snippets import run
from tests.resnet_core.training.test_runs import the_only_run

CIFAR = words.named(run for run in rc.RUNS.values() if run.variant == "resnet20")
IMAGENETTE = words.named([rc.RUNS["resnet18", "imagenette"]])


@pytest.mark.parametrize("runs", [CIFAR, IMAGENETTE], ids=["two", "one"])
def test_curves_and_learning_rates(runs: dict[str, rc.Run]) -> None:
    curves = tables.curves_of(runs)
    assert len(curves) == sum(len(run.curves) for run in runs.values())
    assert_frame_equal(run(code.curves_code(runs)), curves)
    rates = curves[["net", "epoch", "size", "lr"]]
    assert_frame_equal(run(code.rates_code(runs)), rates)


@pytest.mark.parametrize("runs", [CIFAR, IMAGENETTE], ids=["two", "one"])
def test_norms_of_an_epoch(runs: dict[str, rc.Run]) -> None:
    shown = tables.norms_at(tables.norms_of(runs), 3)
    assert not shown.empty
    assert_frame_equal(run(code.norms_code(runs, 3)), shown)


def test_a_confusion_and_the_answers_to_a_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    early = the_only_run(tmp_path, monkeypatch)
    shown = tables.counts_at(early.confusion, 3).reset_index()
    assert shown.shape == (10, 11)
    assert_frame_equal(run(code.confusion_code(early, 3)), shown)

    photo = compute.sample_photo("cat")
    runs = {"ResNet-32": early}
    nets = {epoch: Net(early.variant, weights) for epoch, weights in early.epoch_weights.items()}
    answers = {"ResNet-32": {epoch: compute.prediction(net, photo) for epoch, net in nets.items()}}
    shown = tables.answers_table(runs, answers)
    assert shown["epoch"].tolist() == [1, 2, 3]
    assert_frame_equal(run(code.answers_code(runs, photo)), shown)


def test_the_papers_errors() -> None:
    assert_frame_equal(run(code.paper_code()), tables.against_paper(rc.WEIGHTS, rc.RUNS))
