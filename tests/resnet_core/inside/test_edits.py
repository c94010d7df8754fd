"""Answers before and after an edit: plain forward passes of both pictures are the oracle."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from resnet_core.errors import ResNetCoreError
from resnet_core.inside.answers import predict
from resnet_core.inside.edits import edit_effect
from resnet_core.nets.model import ResNet, build
from resnet_core.pictures.images import CIFAR_TRANSFORM
from resnet_core.pictures.masks import FILLS, Fill, filled, masked
from tests.fingerprints import fingerprint


@pytest.fixture
def model() -> ResNet:
    """With statistics of its own, so that train and eval mode differ; left in train mode."""
    model = build("resnet20", seed=0)
    with torch.no_grad():
        model(torch.randn(16, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 + 1)
    return model


def picture(seed: int = 0) -> Tensor:
    return torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(seed))


def corner() -> Tensor:
    gone = torch.zeros(1, 32, 32, dtype=torch.bool)
    gone[:, :20, 5:25] = True
    return gone


def plain(model: ResNet, batch: Tensor) -> np.ndarray:
    with torch.no_grad():
        return copy.deepcopy(model).eval()(batch)[0].double().numpy()


def softmax(logits: np.ndarray) -> np.ndarray:
    return np.exp(logits) / np.exp(logits).sum()


@pytest.mark.parametrize("fill", FILLS)
def test_both_sides_are_plain_forward_passes(model: ResNet, fill: Fill) -> None:
    batch = picture()
    before, after = plain(model, batch), plain(model, masked(batch, corner(), fill, CIFAR_TRANSFORM))
    table = edit_effect(model, batch, corner(), fill)
    assert table.columns.tolist() == [
        "index",
        "class",
        "logit_before",
        "logit_after",
        "change",
        "probability_before",
        "probability_after",
    ]
    order = table["index"].to_numpy()
    assert order.tolist() == np.argsort(-before).tolist()
    assert table["class"].tolist() == [f"class {index}" for index in order]
    assert table["logit_before"].tolist() == before[order].tolist()
    assert table["logit_after"].tolist() == pytest.approx(after[order].tolist(), abs=1e-6)
    assert table["change"].tolist() == (table["logit_after"] - table["logit_before"]).tolist()
    assert table["change"].abs().min() > 0
    assert table["probability_before"].tolist() == pytest.approx(softmax(before)[order].tolist(), rel=1e-5)
    assert table["probability_after"].tolist() == pytest.approx(softmax(after)[order].tolist(), rel=1e-5)


def test_nothing_gone_changes_exactly_nothing(model: ResNet) -> None:
    table = edit_effect(model, picture(), torch.zeros(1, 32, 32, dtype=torch.bool), "black")
    assert (table["change"] == 0).all()
    assert table["probability_before"].equals(table["probability_after"].rename("probability_before"))


def test_of_a_picture_that_is_all_gone_only_the_fill_answers(model: ResNet) -> None:
    everything = torch.ones(1, 32, 32, dtype=torch.bool)
    one, other = (edit_effect(model, picture(seed), everything, "mean").sort_values("index") for seed in (0, 1))
    assert one["logit_after"].tolist() == other["logit_after"].tolist()
    assert one["logit_before"].tolist() != other["logit_before"].tolist()
    only_fill = plain(model, filled(picture(), "mean", CIFAR_TRANSFORM))
    assert one["logit_after"].tolist() == pytest.approx(only_fill.tolist(), abs=1e-6)


def test_what_is_known_before_spares_a_pass_and_changes_nothing(model: ResNet) -> None:
    batch, passes = picture(), []
    known = predict(model, batch, top=10)
    spared = edit_effect(model, batch, corner(), "blur", before=known, progress=lambda *report: passes.append(report))
    assert passes == [(done, 9) for done in range(1, 10)]
    assert spared.equals(edit_effect(model, batch, corner(), "blur"))


@pytest.mark.parametrize("mode", [torch.inference_mode, torch.no_grad])
def test_it_works_where_no_gradient_is_recorded(model: ResNet, mode: type) -> None:
    expected = edit_effect(model, picture(), corner(), "blur")
    with mode():
        assert edit_effect(model, picture(), corner(), "blur").equals(expected)


def test_progress_grows_to_its_end_over_both_passes(model: ResNet) -> None:
    reports: list[tuple[int, int]] = []
    edit_effect(model, picture(), corner(), "mean", progress=lambda done, total: reports.append((done, total)))
    shares = [done / total for done, total in reports]
    assert len(shares) == 18
    assert shares == pytest.approx([step / 18 for step in range(1, 19)], abs=1e-3)
    assert shares[-1] == 1


def test_an_exception_in_progress_stops_it_and_leaves_nothing(model: ResNet) -> None:
    class Stopped(Exception):
        pass

    reports: list[int] = []

    def stop(done: int, _total: int) -> None:
        reports.append(done)
        if len(reports) == 12:  # in the second pass
            raise Stopped("nobody waits")

    before = fingerprint(model)
    with pytest.raises(Stopped, match="nobody waits"):
        edit_effect(model, picture(), corner(), "mean", progress=stop)
    assert len(reports) == 12
    edit_effect(model, picture(), corner(), "mean")
    assert fingerprint(model) == before


def test_eight_threads_get_what_each_gets_alone(model: ResNet) -> None:
    pictures = [picture(seed) for seed in range(8)]
    alone = [edit_effect(model, batch, corner(), "blur") for batch in pictures]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda batch: edit_effect(model, batch, corner(), "blur"), pictures))
    assert all(a.equals(b) for a, b in zip(alone, together, strict=True))


def test_what_cannot_be_edited_is_said(model: ResNet) -> None:
    batch = picture()
    with pytest.raises(ResNetCoreError, match=r"The batch holds 2 pictures, but an edit is made on one"):
        edit_effect(model, batch.repeat(2, 1, 1, 1), corner().repeat(2, 1, 1), "mean")
    with pytest.raises(ResNetCoreError, match=r"The mask is \(1, 16, 32\) torch\.bool, but must be \(1, 32, 32\)"):
        edit_effect(model, batch, corner()[:, :16], "mean")
    with pytest.raises(ResNetCoreError, match=r"The fill is 'red', but must be one of 'blur'"):
        edit_effect(model, batch, corner(), "red")  # type: ignore[arg-type]
    with pytest.raises(ResNetCoreError, match=r"The batch is \(3, 32, 32\)"):
        edit_effect(model, batch[0], corner(), "mean")


@pytest.mark.parametrize("rows", [5, 20])
def test_a_before_of_other_classes_is_refused(model: ResNet, rows: int) -> None:
    known = predict(model, picture(), top=10)
    other = pd.concat([known, known]).head(rows)
    with pytest.raises(ResNetCoreError, match=rf"before has {rows} rows, but must have one for each of the 10 classes"):
        edit_effect(model, picture(), corner(), "mean", before=other)
