"""The recorded studies of lesions: the command's tables, how it goes on, and what is found beside the weights."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from pandas.testing import assert_frame_equal

import resnet_core as rc
from resnet_core.lesions import parts, recorded
from resnet_core.training import lesions
from tests import claims
from tests.pictures import encode, quadrants

COMMANDS = ("lesions", "draws", "shuffles", "subnetworks")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pictures of each of ten classes to test on, three to measure batch norm on."""
    folder = tmp_path_factory.mktemp("data")
    for split, count in (("test", 2), ("train", 3)):
        for label in range(10):
            pictures = folder / split / f"class-{label}"
            pictures.mkdir(parents=True)
            for number in range(count):
                picture = quadrants().rotate(36 * label + 7 * number)
                (pictures / f"{number}.png").write_bytes(encode(picture, "PNG"))
    return folder


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few pictures and draws."""
    for name, value in {"SOME": 10, "DELETIONS": (1, 2, 20), "AGAIN": (2,), "DRAWS": 3, "SWAPS": (1, 2)}.items():
        monkeypatch.setattr(parts, name, value)
    monkeypatch.setattr(lesions, "CALIBRATION", 20)


def recording(weights: str, data: Path, out: Path) -> dict[str, pd.DataFrame]:
    lesions.main(["resnet20", weights, "--data", str(data), "--out", str(out)])
    names = {study: out / f"resnet20-{weights}-{study}.csv" for study in COMMANDS}
    return {study: pd.read_csv(path, keep_default_na=False) for study, path in names.items()}


@pytest.mark.parametrize("weights", ["cifar10", "cifar10-plain"])
def test_the_command_writes_what_the_library_measures(weights: str, data: Path, tmp_path: Path) -> None:
    found, model = recording(weights, data, tmp_path), rc.load("resnet20", weights)
    read = lesions.read_data(model, data)
    first, labels = read.batch[::2], torch.arange(10)  # the first picture of each class
    assert read.labels.tolist() == labels.repeat_interleave(2).tolist()
    again = read.calibration  # class after class in turn, so that each part of it holds all of them
    assert len(again) == 20
    assert torch.equal(again[:10], lesions.labelled_pictures(model, data, ("train",))[0][::3])

    for part, pictures in ((0, None), (20, again)):
        rows = found["lesions"][found["lesions"]["recalibrated"] == part]
        study = rc.lesion_study(model, read.batch, read.labels, recalibrate=pictures)
        assert rows.iloc[0].tolist() == ["", 0, study.attrs["errors"], 0, 0, 20, part]
        assert_same(rows.iloc[1:].drop(columns="recalibrated"), study)
        rows = found["draws"][(found["draws"]["recalibrated"] == part) & (found["draws"]["blocks"] == 2)]
        study = rc.lesion_study(model, first, labels, deletions=2, samples=3, recalibrate=pictures)
        assert_same(rows.drop(columns="recalibrated"), study)
        orders = found["shuffles"]
        for swaps in parts.SWAPS:
            rows = orders[(orders["recalibrated"] == part) & (orders["swaps"] == swaps)]
            study = rc.shuffle_study(model, first, labels, swaps=swaps, samples=3, recalibrate=pictures)
            assert_same(rows.drop(columns="recalibrated"), study)
        rows = found["subnetworks"][found["subnetworks"]["recalibrated"] == part]
        every = rc.subnetworks(model, read.batch, read.labels, recalibrate=pictures)
        assert_same(rows.drop(columns=recorded.ON), every.table.astype(float))
    assert set(found["draws"]["blocks"]) == {1, 2}  # it has no 20 blocks
    assert all(set(table["pictures"]) <= {10, 20} for table in found.values())


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    assert_frame_equal(found.reset_index(drop=True), expected, rtol=1e-5, check_dtype=False)


def test_a_recording_that_was_stopped_goes_on_and_ends_alike(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording("cifar10-plain", data, tmp_path / "at-once")

    def stopped_in_part(last: int) -> None:
        begun: set[str] = set()

        def stop(what: str, done: int, total: int) -> None:
            begun.add(what)
            if len(begun) == last and done == total:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(lesions, "_say", stop)
            with pytest.raises(KeyboardInterrupt):
                recording("cifar10-plain", data, tmp_path / "stopped")

    for last in (2, 3, 2, 1, 3):
        stopped_in_part(last)
    recording("cifar10-plain", data, tmp_path / "stopped")
    assert len(list((tmp_path / "stopped").iterdir())) == len(COMMANDS)
    for path in (tmp_path / "at-once").iterdir():
        assert path.read_bytes() == (tmp_path / "stopped" / path.name).read_bytes()
    monkeypatch.setattr(lesions, "_say", lambda what, *_: pytest.fail(f"{what} is measured again"))
    recording("cifar10-plain", data, tmp_path / "stopped")


def test_another_table_in_the_place_of_a_study_is_kept(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "resnet20-cifar10-lesions.csv"
    path.write_text("errors\n1\n")
    with pytest.raises(rc.WeightsError, match="holds another table: move it away"):
        recording("cifar10", data, tmp_path)
    assert path.read_text() == "errors\n1\n"


def test_a_study_beside_the_weights_is_found_and_another_table_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded, "PRETRAINED", tmp_path)
    weights = rc.WEIGHTS["resnet20", "cifar10"]
    for study, columns in recorded.COLUMNS.items():
        assert recorded.recorded_study(weights, study) is None
        path = tmp_path / f"resnet20-cifar10-{study}.csv"
        pd.DataFrame(np.zeros((1, len(columns))), columns=columns).to_csv(path, index=False)
        assert list(recorded.recorded_study(weights, study)) == columns
        pd.DataFrame([[1]], columns=["errors"]).to_csv(path, index=False)
        assert recorded.recorded_study(weights, study) is None


def test_the_readme_tells_the_recorded_errors() -> None:
    readme = (Path(rc.__file__).parent / "README.md").read_text(encoding="utf-8")
    for found in (claims.several(), claims.shuffled()):
        assert found in readme
    draws = recorded.recorded_study(rc.WEIGHTS["resnet56", "cifar10"], "draws")
    again = draws["recalibrated"] > 0
    rises = [rows.groupby("blocks")["change"].median() for rows in (draws[~again], draws[again])]
    back = 1 - rises[1] / rises[0]
    assert "more than half of the rise back in ResNet-56 without 10 blocks, but less than a fifth without 20" in readme
    assert back[10] > 1 / 2
    assert back[20] < 1 / 5
    for net, weights in (("resnet56", "cifar10"), ("resnet20", "cifar10"), ("resnet56", "cifar10-plain")):
        table = recorded.recorded_study(rc.WEIGHTS[net, weights])
        for again, rows in table.groupby("recalibrated"):
            title, how = claims.name_of((net, weights)), "measured again" if again else "as trained"
            first = rows[rows["deleted"].str.endswith(".0")]["errors"]
            told = " and".join(", ".join(f"{100 * error:.0f}" for error in first).rsplit(",", 1))
            assert re.search(
                rf"\| {title} \| {how} \| {100 * rows['errors'].iloc[0]:.1f} % \| \d+ to \d+ % \| {told} %", readme
            )
