"""The recorded study of lesions: in parts and resumed it is what `lesion_study` gives at once."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import torch
from pandas.testing import assert_frame_equal

import resnet_core as rc
from resnet_core.lesions import recorded
from resnet_core.training.lesions import study

PICTURES = torch.randn(24, 3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("weights", ["cifar10", "cifar10-plain"])
def test_parts_and_a_break_between_them_change_nothing(weights: str, tmp_path: Path) -> None:
    model = rc.load("resnet20", weights)
    labels = rc.lesion(model, PICTURES).argmax(1) // 2  # some are wrong
    at_once = rc.lesion_study(model, PICTURES, labels)
    part = tmp_path / "study.part"
    found = study(model, PICTURES, labels, part, 7)
    assert_frame_equal(found.iloc[1:].reset_index(drop=True), at_once)
    assert found.iloc[0].tolist() == ["", 0, at_once.attrs["errors"], 0, 0, 24]
    assert not part.exists()
    wrong = torch.ones(len(found), 7, dtype=torch.int).tolist()  # as if all of the first part were wrong
    part.write_text(json.dumps([wrong]))
    resumed = study(model, PICTURES, labels, part, 7)
    assert resumed["errors"].min() >= 7 / 24


def test_a_study_beside_the_weights_is_found_and_another_table_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded, "PRETRAINED", tmp_path)
    weights = rc.WEIGHTS["resnet20", "cifar10"]
    assert recorded.recorded_study(weights) is None
    path = tmp_path / "resnet20-cifar10-lesions.csv"
    pd.DataFrame([["", 0, 0.1, 0.0, 0.0, 50]], columns=recorded.COLUMNS).to_csv(path, index=False)
    assert recorded.recorded_study(weights)["deleted"].tolist() == [""]
    pd.DataFrame([[1]], columns=["errors"]).to_csv(path, index=False)
    assert recorded.recorded_study(weights) is None
