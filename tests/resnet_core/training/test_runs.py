"""The recorded runs beside our weights: read as they are, and left out with a reason where they cannot be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

import resnet_core as rc
from resnet_core.lesions.recorded import COLUMNS as STUDIES
from resnet_core.nets import loading
from resnet_core.nets.model import build
from resnet_core.training._recipes import RECIPES, Cycle, Phase, Recipe
from resnet_core.training.runs import COLUMNS, CONFUSION_COLUMNS, DAMAGED_FILES, HELD_OUT_COLUMNS, recorded
from resnet_core.weights.bundled import PRETRAINED, bundled
from resnet_core.weights.files import save_weights

RECIPE = replace(
    RECIPES["cifar10"], cycles=(Cycle(0.4, (Phase(2, 24),)), Cycle(0.2, (Phase(1, 32),), warm_up=0.1)), held_out=0.0
)
NAME = "resnet32-digits"
OTHERS = ("confusion", *STUDIES)  # end the names of tables that are no runs
BLOCKS = [f"layer{stage}.{block}" for stage in (1, 2, 3) for block in range(5)]


def written(folder: Path, change: Callable[[str], str] = str, recipe: str | None = None) -> Path:
    """Weights of a ResNet-32 with a recorded run of three epochs; `change` is made to the text of the CSV."""
    weights = replace(
        rc.WEIGHTS["resnet20", "cifar10"],
        variant="resnet32",
        epochs=3,
        recipe=json.dumps({**asdict(RECIPE), "seed": 7}) if recipe is None else recipe,
    )
    save_weights(folder / f"{NAME}.safetensors", build("resnet32", num_classes=10, seed=0).state_dict(), weights)
    table = pd.DataFrame(
        {
            "epoch": [1, 2, 3],
            "size": [24, 24, 32],
            "lr": [0.4, 1e-8, 0.2],
            "train_loss": [2.0, 1.5, 1.75],
            "train_error": [0.75, 0.5, 0.625],
            "test_loss": [2.25, 1.5, 2.0],
            "test_error": [0.875, 0.5, 0.75],
            **{f"grad_norm/{name}": [place, place + 0.25, place + 0.5] for place, name in enumerate(BLOCKS[::-1])},
            "seconds": [9.0, 8.0, 7.5],
        }
    )
    (folder / f"{NAME}.csv").write_text(change(table.to_csv(index=False)))
    return folder


def with_confusion(folder: Path, change: Callable[[str], str] = str) -> Path:
    """The same with what its test pictures were taken for: in epoch E, row R and column C that is 100 E + 10 R + C."""
    classes = rc.WEIGHTS["resnet20", "cifar10"].classes
    rows = [
        [epoch, name, *(100 * epoch + 10 * row + column for column in range(10))]
        for epoch in (1, 2, 3)
        for row, name in enumerate(classes)
    ]
    table = pd.DataFrame(rows, columns=["epoch", "class", *classes])
    one_in_ten = written(folder, lambda text: pd.read_csv(StringIO(text)).assign(test_error=0.9).to_csv(index=False))
    (one_in_ten / f"{NAME}-confusion.csv").write_text(change(table.to_csv(index=False)))
    return folder


def the_only_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> rc.Run:
    """That of the ResNet-32, with its confusion and with random weights after its first two epochs."""
    with_confusion(folder)
    for epoch in (1, 2):
        header = replace(
            rc.WEIGHTS["resnet20", "cifar10"], variant="resnet32", epochs=epoch, accuracy=0.1 * epoch, recipe=""
        )
        state = build("resnet32", num_classes=10, seed=epoch).state_dict()
        save_weights(folder / f"{NAME}-epoch-{epoch:02d}.safetensors", state, header)
    for key, weights in bundled(folder).items():
        monkeypatch.setitem(rc.WEIGHTS, key, weights)
    monkeypatch.setattr(loading, "PRETRAINED", folder)
    found, damaged = read(folder)
    assert damaged == []
    monkeypatch.setattr(rc, "RUNS", found)
    return found["resnet32", "digits"]


def read(folder: Path) -> tuple[dict[tuple[str, str], rc.Run], list[str]]:
    return recorded(bundled(folder), folder)


def test_the_runs_that_travel_with_the_package_are_those_of_its_csv_files() -> None:
    names = {p.name for p in PRETRAINED.glob("*.csv") if not p.stem.endswith(OTHERS)}
    assert {f"{variant}-{weights}.csv" for variant, weights in rc.RUNS} == names
    assert DAMAGED_FILES == []
    for (variant, weights_id), run in rc.RUNS.items():
        assert run.weights is rc.WEIGHTS[variant, weights_id]
        assert (run.variant, run.id) == (variant, weights_id)
        table = pd.read_csv(PRETRAINED / f"{variant}-{weights_id}.csv")
        assert run.curves.columns.tolist() == list(COLUMNS)
        pd.testing.assert_frame_equal(run.curves, table[list(COLUMNS)])
        assert len(run.curves) == run.weights.epochs == run.recipe.epochs
        for block in table.filter(like="grad_norm/"):
            rows = run.grad_norms[run.grad_norms["block"] == block.removeprefix("grad_norm/")]
            assert rows["grad_norm"].tolist() == table[block].tolist()
        assert len(run.grad_norms) == len(table) * sum(rc.VARIANTS[variant].blocks)
        assert run.restarts[0] == run.recipe.cycles[0].epochs + 1
        assert len(run.restarts) == len(run.recipe.cycles) - 1


def test_a_run_has_its_nets_name_and_its_own_recipe() -> None:
    run, twin = rc.RUNS["resnet20", "cifar10"], rc.RUNS["resnet20", "cifar10-plain"]
    assert (run.title, run.is_plain) == ("ResNet-20", False)
    assert (twin.title, twin.is_plain) == ("plain-20", True)
    for each in rc.RUNS.values():
        told, read_as = json.loads(each.weights.recipe), json.loads(json.dumps(asdict(each.recipe)))
        others = {"seed": each.seed, "curve_pictures": each.curve_pictures}
        assert told == {**{name: read_as[name] for name in told.keys() - others.keys()}, **others}
        assert (each.recipe.held_out, each.measured_on, each.weights.chosen_on) == (0, "test", "test")


def test_with_shortcuts_the_deeper_net_has_the_lower_training_error() -> None:
    """Fig. 6 of the paper, right, by our own runs."""
    shallow, deep = (rc.RUNS[name, "cifar10"] for name in ("resnet20", "resnet56"))
    assert deep.recipe == shallow.recipe
    assert deep.curves["train_error"].iloc[-1] < shallow.curves["train_error"].iloc[-1]


def test_without_shortcuts_the_deeper_net_has_the_higher_training_error_after_every_epoch() -> None:
    """Fig. 6 of the paper, left, by our own runs: not overfitting, for the error is that on the training pictures."""
    shallow, deep = (rc.RUNS[name, "cifar10-plain"] for name in ("resnet20", "resnet56"))
    assert deep.recipe == shallow.recipe
    assert (deep.curves["train_error"] > shallow.curves["train_error"] + 0.1).all()


def test_a_folder_is_read_in_the_order_of_the_blocks_not_of_the_columns(tmp_path: Path) -> None:
    found, damaged = read(written(tmp_path))
    assert damaged == []
    run = found["resnet32", "digits"]
    assert (run.recipe, run.seed, run.title) == (RECIPE, 7, "ResNet-32")
    assert run.restarts == (3,)
    norms = run.grad_norms
    assert norms["epoch"].tolist() == [1] * 15 + [2] * 15 + [3] * 15
    first = norms[norms["epoch"] == 1]
    assert first["block"].tolist() == BLOCKS
    assert first["depth"].tolist() == list(range(1, 16))
    assert first["grad_norm"].tolist() == list(range(15))[::-1]
    assert norms["grad_norm"].iloc[-1] == 0.5


def test_a_restart_that_the_curve_does_not_show_is_none(tmp_path: Path) -> None:
    found, _ = read(written(tmp_path, lambda text: text.replace("3,32,0.2", "3,32,0.0")))
    assert found["resnet32", "digits"].restarts == ()


def without_last_line(text: str) -> str:
    return "".join(text.splitlines(keepends=True)[:-1])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text[:-3], "its last line is cut off"),
        (lambda text: text[:-8] + "\n", "its row 3 is not complete"),
        (without_last_line, "it holds 2 epochs, and the weights were trained for 3"),
        (lambda text: text.replace("train_error", "error"), "it has no column train_error"),
        (lambda text: text.replace("layer3.4", "layer3.5"), "it has no column grad_norm/layer3.4"),
        (lambda text: text.replace("0.625", "none"), "could not convert string to float: 'none'"),
        (lambda text: text.replace("0.625", ""), "could not convert string to float: ''"),
        (lambda text: text.replace("0.625", "nan"), "it holds numbers that are not finite"),
        (lambda text: text.replace("0.625", "62.5"), "its errors are not shares from 0 to 1"),
        (lambda text: text.replace("\n2,", "\n1,"), "its epochs do not count up from 1"),
        (lambda text: text.splitlines()[0] + "\n", "it holds 0 epochs, and the weights were trained for 3"),
        (lambda _: "", "its last line is cut off"),
        (lambda _: "\n", "it has no column epoch"),
    ],
)
def test_a_damaged_file_is_left_out_and_the_reason_told(
    change: Callable[[str], str], reason: str, tmp_path: Path
) -> None:
    found, (told,) = read(written(tmp_path, change))
    assert found == {}
    assert told.startswith(f"{NAME}.csv cannot be used: {reason}")


def test_weights_without_a_csv_and_a_csv_that_is_no_text(tmp_path: Path) -> None:
    (written(tmp_path) / f"{NAME}.csv").unlink()
    assert read(tmp_path) == ({}, [f"{NAME}.csv is not there"])
    (tmp_path / f"{NAME}.csv").write_bytes(b"\xff\xfe\x00\n")
    found, (told,) = read(tmp_path)
    assert found == {}
    assert re.match(f"{NAME}.csv cannot be used: .*utf-8", told)
    (tmp_path / f"{NAME}.csv").unlink()
    (tmp_path / f"{NAME}.csv").mkdir()
    assert len(read(tmp_path)[1]) == 1


@pytest.mark.parametrize("recipe", ["", "by hand", "[1]", "{}", '{"transform": 1, "cycles": []}'])
def test_a_header_without_a_recipe(recipe: str, tmp_path: Path) -> None:
    found, damaged = read(written(tmp_path, recipe=recipe))
    assert found == {}
    assert damaged == [f"{NAME}.csv cannot be used: the header of the weights holds no sound recipe"]


def test_what_todays_recipe_does_not_know_is_passed_over_and_what_is_missing_has_its_default(tmp_path: Path) -> None:
    told = {**asdict(RECIPE), "of tomorrow": 1}
    del told["weight_decay"], told["class_words"]
    run = read(written(tmp_path, recipe=json.dumps(told)))[0]["resnet32", "digits"]
    assert run.recipe == replace(RECIPE, weight_decay=Recipe.weight_decay)
    assert run.seed == 0


def test_a_confusion_is_read_by_epoch_class_and_answer(tmp_path: Path) -> None:
    found, damaged = read(with_confusion(tmp_path))
    assert damaged == []
    confusion = found["resnet32", "digits"].confusion
    assert confusion.columns.tolist() == list(CONFUSION_COLUMNS)
    assert confusion["pictures"].tolist() == [100 * epoch + place for epoch in (1, 2, 3) for place in range(100)]
    row = confusion[(confusion["epoch"] == 2) & (confusion["class"] == "cat") & (confusion["answer"] == "dog")]
    assert row["pictures"].tolist() == [235]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda _: "", "No columns to parse from file"),
        (lambda text: text.replace("airplane", "plane", 1), "its columns are not the epoch, the class and the classes"),
        (without_last_line, "its rows are not the classes of each epoch"),
        (lambda text: text.replace("\n3,", "\n4,"), "its rows are not the classes of each epoch"),
        (lambda text: text.replace("235", "-5"), "its counts are not whole numbers"),
        (lambda text: text.replace("235", "2.5"), "its counts are not whole numbers"),
        (lambda text: text.replace("235", "many"), "its counts are not whole numbers"),
        (lambda text: text.replace("235", ""), "its counts are not whole numbers"),
        (lambda text: text.replace("235", "9235"), "it does not agree with the test errors of its run"),
        (lambda text: re.sub(r"(?m)^(3,\w+),.*$", r"\1" + ",0" * 10, text), "an epoch of it has no pictures"),
    ],
)
def test_a_damaged_confusion_costs_nothing_else_and_the_reason_is_told(
    change: Callable[[str], str], reason: str, tmp_path: Path
) -> None:
    found, (told,) = read(with_confusion(tmp_path, change))
    run = found["resnet32", "digits"]
    assert (len(run.curves), len(run.confusion)) == (3, 0)
    assert told.startswith(f"{NAME}-confusion.csv cannot be used: {reason}")


def test_weights_of_early_epochs_belong_to_the_run_and_have_none_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = the_only_run(tmp_path, monkeypatch)
    assert list(run.epoch_weights.items()) == [(1, "digits-epoch-01"), (2, "digits-epoch-02"), (3, "digits")]
    for epoch, weights_id in run.epoch_weights.items():
        weights = rc.WEIGHTS["resnet32", weights_id]
        assert (weights.run, weights.epochs) == ("digits", epoch)
        assert weights.command == "python -m resnet_core.training resnet32 --recipe digits --data DATA --out OUT"


def test_a_twin_has_its_own_run_and_command() -> None:
    weights = replace(rc.WEIGHTS["resnet20", "cifar10-plain"], id="cifar10-epoch-03-plain")
    assert weights.run == "cifar10-plain"
    assert weights.command == (
        "python -m resnet_core.training resnet20 --recipe cifar10 --shortcut none --data DATA --out OUT"
    )
    assert rc.WEIGHTS["resnet50", "imagenet"].command == ""


def test_our_confusions_are_of_all_test_pictures_and_agree_with_the_curves() -> None:
    for run in rc.RUNS.values():
        for epoch, rows in run.confusion.groupby("epoch"):
            right = rows["pictures"][rows["class"] == rows["answer"]].sum() / rows["pictures"].sum()
            assert 1 - right == pytest.approx(run.curves["test_error"][epoch - 1], abs=1e-5)
            assert rows["pictures"].sum() == 10_000


@pytest.mark.parametrize("weights_id", ["cifar10", "cifar10-plain"])
def test_the_weights_of_earlier_epochs_of_resnet20_and_its_twin_do_as_well_as_their_runs_say(weights_id: str) -> None:
    run = rc.RUNS["resnet20", weights_id]
    assert len(run.recipe.kept) == 10
    assert tuple(run.epoch_weights) == (*run.recipe.kept, 25, run.recipe.epochs)
    assert RECIPES["cifar10"].kept == (*run.recipe.kept, 25)
    assert set(run.confusion["epoch"]) == set(run.curves["epoch"])
    for epoch, early in run.epoch_weights.items():
        accuracy = rc.WEIGHTS[run.variant, early].accuracy  # by `resnet_core.training.accuracy`, from the file
        assert accuracy is not None
        assert 1 - accuracy == pytest.approx(run.curves["test_error"][epoch - 1], abs=0.005)
        assert rc.load(run.variant, early).weights == rc.WEIGHTS[run.variant, early]


README, LIBRARY_README = (
    " ".join((Path(__file__).parents[3] / name).read_text(encoding="utf-8").split())
    for name in ("README.md", "resnet_core/README.md")
)


def test_the_accuracies_in_the_readme_are_those_of_the_files() -> None:
    row = r"\| (0\.\d{4}) \| [\d,]+ \| (these|others) \| `python -m resnet_core\.training\.accuracy (\w+) ([\w-]+) "
    measured = {key: (f"{run.weights.accuracy:.4f}", run.weights.chosen_on) for key, run in rc.RUNS.items()}
    words = {"these": "test", "others": "held out"}
    assert {(net, id_): (share, words[ended]) for share, ended, net, id_ in re.findall(row, LIBRARY_README)} == measured


def test_the_curves_of_our_cifar_nets_end_as_near_to_their_weights_as_the_readme_says() -> None:
    (points,) = re.findall(r"the curves end less than ([\d.]+) points beside them", LIBRARY_README)
    for run in rc.RUNS.values():
        if run.variant != "resnet18":
            assert run.weights.accuracy is not None
            assert 100 * abs(1 - run.weights.accuracy - run.curves["test_error"].iloc[-1]) < float(points)


def test_a_run_on_held_out_pictures_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    recipe = json.dumps({**asdict(replace(RECIPE, held_out=0.1)), "seed": 7})
    found, damaged = read(written(tmp_path, lambda text: text.replace("test_", "held_out_"), recipe))
    assert damaged == []
    run = found["resnet32", "digits"]
    assert (run.measured_on, run.error_column) == ("held out", "held_out_error")
    assert run.curves.columns.tolist() == list(HELD_OUT_COLUMNS)
    assert run.curves["held_out_error"].tolist() == [0.875, 0.5, 0.75]
    found, (told,) = read(written(tmp_path, recipe=recipe))
    assert found == {}
    assert "it has no column held_out_loss, held_out_error" in told  # the test's are not taken for them


def test_downloads_have_no_runs() -> None:
    assert {run.weights.source for run in rc.RUNS.values()} == {"bundled"}
    assert recorded({("resnet50", "imagenet"): rc.WEIGHTS["resnet50", "imagenet"]}, PRETRAINED) == ({}, [])
