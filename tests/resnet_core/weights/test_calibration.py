"""Reliability and temperature: loops over pictures, a grid of temperatures, SciPy and hand-made counts are oracles."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import binomtest
from torch import Tensor
from torch.nn import functional

import resnet_core as rc
from resnet_core.training import reliability
from resnet_core.weights import calibration
from resnet_core.weights.bundled import PRETRAINED, bundled
from resnet_core.weights.calibration import Bin, Calibration
from resnet_core.weights.calibration_files import calibration_path, read_calibration, write_calibration
from tests.resnet_core.weights.test_weights import DIGITS, write_ours

FINAL = [key for key, weights in rc.WEIGHTS.items() if weights.source == "bundled" and weights.is_final]
HAND_MADE = Calibration(
    bins=(Bin(0.3, 0.6, 4, 2, 0.5), Bin(0.6, 1.0, 6, 6, 0.8)),
    seed=0,
    temperature=0.5,
    held_out=(Bin(0.3, 1.0, 5, 4, 0.7),),
    scaled=(Bin(0.4, 1.0, 5, 4, 0.82),),
)


def drawn(count: int, heat: float, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Logits (count, 5), and labels that follow softmax(logits / heat)."""
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(count, 5, generator=generator, dtype=torch.float64)
    return logits, torch.multinomial((logits / heat).softmax(1), 1, generator=generator)[:, 0]


def test_bins_hold_what_a_loop_over_the_pictures_finds() -> None:
    logits, labels = drawn(3000, heat=1.5)
    bins = calibration.binned(logits, labels)
    firsts = [
        (float(row.softmax(0).max()), int(row.argmax()) == int(label))
        for row, label in zip(logits, labels, strict=True)
    ]
    assert len(bins) > 5
    assert [each.low for each in bins[1:]] == [each.high for each in bins[:-1]]
    assert bins[0].low <= min(firsts)[0] < bins[0].low + 0.01
    gaps = 0.0
    for number, each in enumerate(bins):
        last = number == len(bins) - 1
        inside = [first for first in firsts if each.low <= first[0] < each.high or (last and first[0] == each.high)]
        assert each.count == len(inside) >= calibration.LEAST
        assert each.right == sum(right for _, right in inside)
        assert each.confidence == pytest.approx(np.mean([probability for probability, _ in inside]))
        gaps += len(inside) * abs(each.right / len(inside) - each.confidence)
    assert sum(each.count for each in bins) == len(firsts)
    assert calibration.calibration_error(bins) == pytest.approx(gaps / len(firsts))


@pytest.mark.parametrize("logits", [[[0.0, 200.0]], [[0.0, 0.0], [0.5, 0.0], [0.0, 0.3]]])
def test_few_pictures_are_one_bin_that_holds_them_all(logits: list[list[float]]) -> None:
    (only,) = calibration.binned(torch.tensor(logits), torch.ones(len(logits), dtype=torch.long))
    firsts = torch.tensor(logits).softmax(1).max(1).values
    assert only.count == len(logits)
    assert only.low <= firsts.min() <= firsts.max() <= only.high


@pytest.mark.parametrize("heat", [0.6, 1.0, 2.0])
def test_the_temperature_is_where_a_grid_finds_the_labels_most_probable(heat: float) -> None:
    logits, labels = drawn(4000, heat)
    grid = np.geomspace(0.1, 10, 2001)
    losses = [float(functional.cross_entropy(logits / each, labels)) for each in grid]
    best = float(grid[int(np.argmin(losses))])
    assert calibration.fitted_temperature(logits, labels) == pytest.approx(best, rel=grid[1] / grid[0] - 1)
    assert best == pytest.approx(heat, rel=0.1)


def test_no_temperature_is_best_for_a_network_that_is_always_or_never_right() -> None:
    logits, _ = drawn(50, 1.0)
    assert calibration.fitted_temperature(logits, logits.argmax(1)) is None
    assert calibration.fitted_temperature(logits, logits.argmin(1)) is None
    found = calibration.calibrate(logits, logits.argmax(1))
    assert (found.temperature, found.held_out, found.scaled, found.accuracy) == (None, (), (), 1.0)


def test_it_is_fitted_on_one_half_and_tested_on_the_other() -> None:
    logits, labels = drawn(4000, heat=2.5)
    found = calibration.calibrate(logits, labels, seed=3)
    order = torch.randperm(4000, generator=torch.Generator().manual_seed(3))
    first, second = order[:2000], order[2000:]
    assert found.temperature == calibration.fitted_temperature(logits[first], labels[first])
    assert found.held_out == calibration.binned(logits[second], labels[second])
    assert found.scaled == calibration.binned(logits[second] / found.temperature, labels[second])
    assert calibration.calibration_error(found.scaled) < calibration.calibration_error(found.held_out) / 3
    assert found.accuracy == pytest.approx(float((logits.argmax(1) == labels).double().mean()))


def test_the_error_of_chance_is_that_of_networks_whose_probabilities_are_met() -> None:
    drawings = [calibration.binned(*drawn(2000, 1.0, seed)) for seed in range(40)]
    errors = [calibration.calibration_error(bins) for bins in drawings]
    assert calibration.chance_error(drawings[0]) == pytest.approx(np.mean(errors), rel=0.15)


def test_the_intervals_are_scipys() -> None:
    right, count = np.array([0, 1, 5, 90, 379]), np.array([1, 1, 9, 100, 421])
    ends = np.transpose(calibration.wilson(right, count))
    for number, (low, high) in enumerate(ends):
        theirs = binomtest(int(right[number]), int(count[number])).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


def test_a_table_says_what_its_bins_hold() -> None:
    table = calibration.reliability_table(HAND_MADE.bins)
    assert table.columns.tolist()[:5] == ["low", "high", "count", "confidence", "accuracy"]
    assert table[["low", "high", "count", "confidence", "accuracy"]].to_numpy().tolist() == [
        [0.3, 0.6, 4, 0.5, 0.5],
        [0.6, 1.0, 6, 0.8, 1.0],
    ]
    assert (table["accuracy_low"] < table["accuracy"]).all()
    assert calibration.calibration_error(HAND_MADE.bins) == pytest.approx(0.6 * 0.2)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_calibration(path, HAND_MADE, "the command")
    told = json.loads(path.read_text())
    assert (told["command"], told["pictures"], told["temperature"]) == ("the command", 10, 0.5)
    assert told["error"]["bins"] == pytest.approx(0.12)
    assert read_calibration(path, 0.8) == HAND_MADE
    assert read_calibration(path, 0.79) is read_calibration(path, None) is None  # those of other weights
    with pytest.raises(rc.WeightsError, match="reliability cannot be kept in .*: Is a directory"):
        write_calibration(tmp_path, HAND_MADE, "")


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: "",
        lambda text: text[:-20],
        lambda _: "[]",
        lambda _: '{"bins": []}',
        lambda text: text.replace('"temperature": 0.5', '"temperature": NaN'),
        lambda text: text.replace('"temperature": 0.5', '"temperature": -1'),
        lambda text: text.replace("[0.4, 1.0, 5, 4, 0.82]", ""),
        lambda text: text.replace("4, 2, 0.5", "4, 5, 0.5"),
        lambda text: text.replace("4, 2, 0.5", "0, 0, 0.5"),
        lambda text: text.replace("4, 2, 0.5", "4, 2, NaN"),
        lambda text: text.replace("4, 2, 0.5", '4, "two", 0.5'),
        lambda text: text.replace("0.3, 0.6, 4", "0.7, 0.6, 4"),
        lambda text: text.replace("6, 6, 0.8", "6, 6, 1.8"),
        lambda text: text.replace("6, 6, 0.8", "6, 6"),
        lambda text: text.replace("6, 6, 0.8", "6, 3, 0.8"),
        lambda text: text.replace("6, 6, 0.8", "1e999, 6, 0.8"),
        lambda _: "[" * 100_000,
    ],
)
def test_a_damaged_file_costs_its_table_and_nothing_else(damage: Callable[[str], str], tmp_path: Path) -> None:
    weights = tmp_path / "resnet20-digits.safetensors"
    write_ours(weights, replace(DIGITS, accuracy=0.8))
    path = calibration_path(weights)
    write_calibration(path, HAND_MADE, "")
    assert bundled(tmp_path)["resnet20", "digits"].calibration == HAND_MADE
    path.write_text(damage(path.read_text()))
    found = bundled(tmp_path)["resnet20", "digits"]
    assert (found.calibration, found.reliability, found.temperature) == (None, None, None)
    assert (found.id, found.accuracy) == ("digits", 0.8)


@pytest.mark.parametrize("key", FINAL)
def test_the_tables_of_our_nets_are_of_all_their_test_pictures(key: tuple[str, str]) -> None:
    weights = rc.WEIGHTS[key]
    table, found = weights.reliability, weights.calibration
    assert table is not None
    assert found is not None
    assert found.pictures == table["count"].sum() == (3925 if key[1] == "imagenette" else 10_000)
    assert (table["count"] * table["accuracy"]).sum() / found.pictures == pytest.approx(weights.accuracy, abs=1e-9)
    assert table["count"].min() >= calibration.LEAST
    assert sum(each.count for each in found.held_out) == sum(each.count for each in found.scaled)
    assert sum(each.count for each in found.scaled) == found.pictures // 2 + found.pictures % 2
    assert weights.temperature == found.temperature
    without, scaled = (calibration.calibration_error(bins) for bins in (found.held_out, found.scaled))
    assert scaled < without / 1.5
    told = json.loads(calibration_path(PRETRAINED / f"{'-'.join(key)}.safetensors").read_text())
    assert told["command"].startswith(f"python -m resnet_core.training.reliability {' '.join(key)} --data ")
    assert told["error"] == pytest.approx(
        {name: calibration.calibration_error(getattr(found, name)) for name in ("bins", "held_out", "scaled")}
    )


def test_resnet18_says_less_than_it_knows_and_the_cifar_nets_more() -> None:
    for key in FINAL:
        table = rc.WEIGHTS[key].reliability
        assert table is not None
        gap = float((table["count"] * (table["accuracy"] - table["confidence"])).sum() / table["count"].sum())
        assert 0.15 < gap < 0.17 if key == ("resnet18", "imagenette") else -0.04 < gap < -0.02


def test_of_other_weights_nothing_is_known(tmp_path: Path) -> None:
    for key, weights in rc.WEIGHTS.items():
        if key not in FINAL:
            assert weights.reliability is None
            assert weights.temperature is None
    mine = rc.load("resnet20", PRETRAINED / "resnet20-cifar10.safetensors", device="cpu")
    assert mine.weights is not None
    assert mine.weights.reliability is None


def test_the_errors_in_the_readme_are_those_of_the_files() -> None:
    text = (Path(__file__).parents[3] / "resnet_core/README.md").read_text(encoding="utf-8")
    number = r"(\d\.\d\d)"
    told = re.findall(
        rf"\| (\d+) % \| (\d+) % \| {number} \| (\d\.\d+) \| {number} → {number} "
        r"\| `python -m resnet_core\.training\.reliability (\w+) ([\w-]+) ",
        text,
    )
    measured = {}
    for key in FINAL:
        found = rc.WEIGHTS[key].calibration
        assert found is not None
        said = 100 * sum(each.count * each.confidence for each in found.bins) / found.pictures
        every, without, scaled = (
            f"{calibration.calibration_error(bins):.2f}" for bins in (found.bins, found.held_out, found.scaled)
        )
        shares = (f"{said:.0f}", f"{100 * found.accuracy:.0f}")
        measured[key] = (*shares, every, f"{found.temperature:.2g}", without, scaled)
    assert {(net, weights): tuple(numbers) for *numbers, net, weights in told} == measured


def test_the_command_measures_through_the_public_interface(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generator = np.random.default_rng(0)
    for word in DIGITS.classes:
        folder = tmp_path / "data" / "test" / word
        folder.mkdir(parents=True)
        for number in range(4):
            Image.fromarray(generator.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(folder / f"{number}.png")
    weights = tmp_path / "resnet20-digits.safetensors"
    write_ours(weights, DIGITS)
    reliability.main(["resnet20", str(weights), "--data", str(tmp_path / "data"), "--write", "--seed", "2"])
    assert "12 pictures" in capsys.readouterr().out
    model = rc.load("resnet20", weights, device="cpu")
    files = sorted((tmp_path / "data" / "test").glob("*/*.png"))
    batch = torch.cat([rc.preprocess(rc.open_image(file), model) for file in files])
    names = sorted(DIGITS.classes)  # the folders in alphabetical order stand for the logits in order
    labels = torch.tensor([names.index(file.parent.name) for file in files])
    table = rc.predict(model, batch, top=3).sort_values(["picture", "index"])
    logits = torch.tensor(table["logit"].to_numpy()).reshape(12, 3)
    written = json.loads(calibration_path(weights).read_text())
    assert written["command"].endswith("resnet20 resnet20-digits.safetensors --data data --seed 2")
    assert written["accuracy"] == pytest.approx(float((logits.argmax(1) == labels).double().mean()))
    assert written["temperature"] == calibration.calibrate(logits, labels, seed=2).temperature
    with pytest.raises(rc.WeightsError, match="imagenet are downloaded: what is measured of them cannot be kept"):
        reliability._path(rc.WEIGHTS["resnet50", "imagenet"], "imagenet")
