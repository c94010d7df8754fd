"""The recorded study of lesions: the command's table, and what is found beside the weights."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import torch
from pandas.testing import assert_frame_equal

import resnet_core as rc
from resnet_core.lesions import recorded
from resnet_core.training import lesions
from tests.pictures import encode, quadrants


@pytest.mark.parametrize("weights", ["cifar10", "cifar10-plain"])
def test_the_command_writes_the_study_of_the_test_pictures(weights: str, tmp_path: Path) -> None:
    model = rc.load("resnet20", weights)
    for number in range(model.num_classes):
        folder = tmp_path / "data" / "test" / f"class-{number}"
        folder.mkdir(parents=True)
        (folder / "0.png").write_bytes(encode(quadrants().rotate(36 * number), "PNG"))
    out = tmp_path / "study.csv"
    lesions.main(["resnet20", weights, "--data", str(tmp_path / "data"), "--out", str(out)])
    found = pd.read_csv(out, keep_default_na=False)
    pictures = [rc.preprocess(quadrants().rotate(36 * number), model) for number in range(model.num_classes)]
    at_once = rc.lesion_study(model, torch.cat(pictures), torch.arange(model.num_classes))
    assert list(found) == recorded.COLUMNS
    assert_frame_equal(found.iloc[1:].reset_index(drop=True), at_once, rtol=1e-5)
    assert found.iloc[0].tolist() == ["", 0, at_once.attrs["errors"], 0, 0, model.num_classes]


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
