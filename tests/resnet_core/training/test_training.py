"""Training, and reading its data: it learns, resumes exactly, and its file says the truth about it."""

import io
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

import resnet_core as rc
from resnet_core.errors import WeightsError
from resnet_core.pictures.images import CIFAR_TRANSFORM
from resnet_core.training import __main__ as command
from resnet_core.training import _datasets, _epoch, _trainer, accuracy
from resnet_core.training._recipes import RECIPES, Cycle, Phase, Recipe
from resnet_core.weights.bundled import PRETRAINED
from resnet_core.weights.files import read_weights
from tests.accelerator import CPU, FAR, Accelerator, real

COLOURS = {"blue": (20, 40, 200), "green": (20, 160, 40), "red": (200, 30, 30)}
TINY = Recipe(
    data="colours",
    cycles=(Cycle(0.1, (Phase(1, 12), Phase(2, 16))),),
    stored=16,
    transform=replace(CIFAR_TRANSFORM, resize=16, crop=16),
    batch=8,
    pad=2,
    kept=(1, 3),
)


def picture(colour: tuple[int, int, int], seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 40, (16, 16, 3))
    buffer = io.BytesIO()
    Image.fromarray((np.array(colour) + noise).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of train|test/COLOUR/*.png."""
    root = tmp_path_factory.mktemp("colours")
    for split, count in (("train", 16), ("test", 6)):
        for colour, value in COLOURS.items():
            (root / split / colour).mkdir(parents=True)
            for index in range(count):
                content = picture(value, seed=index + 100 * (split == "test"))
                (root / split / colour / f"{index}.png").write_bytes(content)
    return root


def read(data: Path) -> tuple[_datasets.Pictures, _datasets.Pictures]:
    return _datasets.read_pictures(data, ("train",), 16), _datasets.read_pictures(data, _datasets.TEST_SPLITS, 16)


def learned_from(data: Path) -> _datasets.Pictures:
    """The training pictures, from which a part is held out: 2 of the 16 of each class."""
    return read(data)[0]


def run(data: Path, out: Path, recipe: Recipe = TINY) -> tuple[rc.ResNet, pd.DataFrame]:
    model = rc.build("resnet20", num_classes=3, seed=0)
    return model, _trainer.train(model, learned_from(data), recipe, 0, out)


def test_it_learns_and_its_curves_are_complete(data: Path, tmp_path: Path) -> None:
    model, curves = run(data, tmp_path)
    assert list(curves["epoch"]) == [1, 2, 3]
    assert list(curves["size"]) == [12, 16, 16]
    assert curves["train_loss"].iloc[-1] < curves["train_loss"].iloc[0]
    assert (curves[[f"grad_norm/{name}" for name, _ in model.named_blocks()]] > 0).all(axis=None)
    written = pd.read_csv(tmp_path / "curves.csv")
    pd.testing.assert_frame_equal(written, curves, check_dtype=False, rtol=1e-4)


def one_epoch(data: Path, device: torch.device = CPU, **changes: float) -> tuple[dict[str, float], float, torch.Tensor]:
    """The row of the first epoch, then the loss and the counts over the test pictures."""
    recipe = replace(TINY, averaging=0.5, **changes)
    train_set, test_set = (pictures.to(device) for pictures in read(data))
    model = rc.build("resnet20", num_classes=3, seed=0).to(device, memory_format=torch.channels_last)
    optimizer, average = _epoch.make_optimizer(model, recipe), _epoch.make_average(model, recipe)
    generator = torch.Generator().manual_seed(0)
    row = _epoch.train_epoch(model, optimizer, average, train_set, 0, recipe, generator, model)
    return row, *_epoch.evaluate(model, test_set, 12, recipe)


@pytest.mark.parametrize("smallest_crop", [None, 0.3])
def test_an_accelerator_trains_to_the_same_numbers_and_waits_for_nobody_between_its_steps(
    data: Path, smallest_crop: float | None
) -> None:
    row, loss, counts = one_epoch(data, smallest_crop=smallest_crop)
    with Accelerator(double=False) as there:
        far_row, far_loss, far_counts = one_epoch(data, FAR, smallest_crop=smallest_crop)
    assert far_row == row
    assert far_loss == loss
    assert torch.equal(far_counts, counts)
    assert there.waits.total() <= 5  # and not one of each of the six steps


@real
@pytest.mark.parametrize("at_first", [True, False], ids=["to the cpu", "from the cpu"])
def test_a_run_goes_on_on_another_device(data: Path, tmp_path: Path, kind: str, at_first: bool) -> None:
    short = replace(TINY, cycles=TINY.cycles[:1], averaging=0.9)
    longer = replace(short, cycles=(*short.cycles, Cycle(0.05, (Phase(1, 12),))))
    for recipe, far in ((short, at_first), (longer, not at_first)):
        model = rc.build("resnet20", num_classes=3, seed=0, device=kind if far else "cpu")
        curves = _trainer.train(model, learned_from(data), recipe, 0, tmp_path)
    assert len(curves) == longer.epochs
    assert curves["train_loss"].iloc[-1] < curves["train_loss"].iloc[0]


def test_a_checkpoint_of_any_device_is_read_into_the_memory_of_the_cpu(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of a GPU can only be opened on a machine without one if it is told where its tensors shall go."""
    run(data, tmp_path)
    asked: list[object] = []
    load = torch.load
    monkeypatch.setattr(torch, "load", lambda *args, **how: (asked.append(how["map_location"]), load(*args, **how))[1])
    run(data, tmp_path)
    assert asked == ["cpu"]


def test_pictures_that_do_not_fill_a_batch_wait_for_the_next_epoch(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    augment = _epoch.augment
    monkeypatch.setattr(_epoch, "augment", lambda pixels, *rest: (sizes.append(len(pixels)), augment(pixels, *rest))[1])
    row, *_ = one_epoch(data, batch=20)  # of 48 pictures
    assert sizes == [20, 20]
    assert row["train_error"] * 40 == pytest.approx(round(row["train_error"] * 40), abs=1e-9)
    sizes.clear()
    one_epoch(data, batch=100)
    assert sizes == [48]


def test_the_gradient_norm_of_a_block_is_that_of_all_its_parameters_together(data: Path) -> None:
    model = rc.build("resnet20", num_classes=3, seed=0)
    model(_epoch.network_input(read(data)[0].pixels, TINY)).square().sum().backward()
    norms = _epoch.block_gradient_norms(model)
    for found, (_, block) in zip(norms, model.named_blocks(), strict=True):
        whole = torch.cat([parameter.grad.flatten() for parameter in block.parameters()])
        assert float(found) == pytest.approx(float(whole.norm()), rel=1e-5)


def test_compiled_steps_train_the_same_net(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def compiled(model: rc.ResNet, *, dynamic: bool) -> Callable[[torch.Tensor], torch.Tensor]:
        assert not dynamic  # a size of its own for each phase
        return lambda batch: (calls.append(len(batch)), model(batch))[1]

    _, curves = run(data, tmp_path / "eager")
    monkeypatch.setattr(torch, "compile", compiled)
    model = rc.build("resnet20", num_classes=3, seed=0)
    again = _trainer.train(model, learned_from(data), TINY, 0, tmp_path / "compiled", compiled=True)
    assert calls == [8] * 15  # the steps, and not the tests after each epoch
    pd.testing.assert_frame_equal(again.drop(columns="seconds"), curves.drop(columns="seconds"))


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_a_run_that_stopped_goes_on_to_the_same_weights(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, averaging: float
) -> None:
    recipe = replace(TINY, averaging=averaging)
    whole, _ = run(data, tmp_path / "whole", recipe)
    epochs: list[int] = []
    train_epoch = _trainer.train_epoch

    def fails_once(*args: object) -> dict[str, float]:
        epochs.append(args[4])
        if len(epochs) == 2:
            raise KeyboardInterrupt
        return train_epoch(*args)

    monkeypatch.setattr(_trainer, "train_epoch", fails_once)
    with pytest.raises(KeyboardInterrupt):
        run(data, tmp_path / "parts", recipe)
    resumed, _ = run(data, tmp_path / "parts", recipe)
    assert epochs == [0, 1, 1, 2]
    for key, value in whole.state_dict().items():
        assert torch.equal(resumed.state_dict()[key], value), key


def test_what_is_stored_is_the_average_over_the_steps(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[torch.Tensor] = []
    step = torch.optim.SGD.step

    def recorded(optimizer: torch.optim.SGD) -> None:
        step(optimizer)
        steps.append(optimizer.param_groups[1]["params"][-1].detach().clone())  # the head's bias

    monkeypatch.setattr(torch.optim.SGD, "step", recorded)
    model, _ = run(data, tmp_path, replace(TINY, averaging=0.75))
    average = steps[0]
    for bias in steps[1:]:
        average = 0.75 * average + 0.25 * bias
    assert len(steps) == 15  # three epochs of 42 pictures, eight at a time
    assert not torch.allclose(steps[-1], average, rtol=1e-3)
    torch.testing.assert_close(model.fc.bias.detach(), average)


def test_a_checkpoint_of_another_run_is_refused(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path)
    before = (tmp_path / "checkpoint.pt").read_bytes()
    plain = rc.build("resnet20", shortcut="none", num_classes=3, seed=0)  # its tensors would fit
    with pytest.raises(SystemExit, match=r"belongs to another run \(shortcut 'A', not 'none'\)"):
        _trainer.train(plain, learned_from(data), TINY, 0, tmp_path)
    with pytest.raises(SystemExit, match=r"\(seed 0, not 1\)"):
        _trainer.train(rc.build("resnet20", num_classes=3, seed=1), learned_from(data), TINY, 1, tmp_path)
    with pytest.raises(SystemExit, match=r"\(batch 8, not 4\)"):
        run(data, tmp_path, replace(TINY, batch=4))
    with pytest.raises(SystemExit, match=r"\(cycles .*'peak_lr': 0.1.*'peak_lr': 0.2"):
        run(data, tmp_path, replace(TINY, cycles=(replace(TINY.cycles[0], peak_lr=0.2),)))
    assert (tmp_path / "checkpoint.pt").read_bytes() == before


def test_a_finished_run_goes_on_when_its_recipe_gets_another_cycle(data: Path, tmp_path: Path) -> None:
    _, before = run(data, tmp_path)
    longer = replace(TINY, cycles=(*TINY.cycles, Cycle(0.05, (Phase(1, 12),))), kept=(1, 3, 4))
    _, curves = run(data, tmp_path, longer)
    assert list(curves["size"]) == [12, 16, 16, 12]
    pd.testing.assert_frame_equal(curves[:3], before)
    with pytest.raises(SystemExit, match="belongs to another run"):
        run(data, tmp_path)  # not back to fewer


def test_a_checkpoint_from_before_pictures_were_held_out_is_refused(data: Path, tmp_path: Path) -> None:
    """It learned from pictures that would now decide."""
    run(data, tmp_path)
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    del state["run"]["held_out"]
    torch.save(state, tmp_path / "checkpoint.pt")
    with pytest.raises(SystemExit, match=r"belongs to another run \(held_out 0.0, not 0.1\)"):
        run(data, tmp_path)


def test_no_step_sees_a_held_out_picture_and_a_seed_always_holds_out_the_same(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[torch.Tensor] = []
    decides: list[torch.Tensor] = []
    augment, evaluate = _epoch.augment, _trainer.evaluate

    def augmented(pixels: torch.Tensor, *rest: object) -> torch.Tensor:
        learned.extend(pixels)
        return augment(pixels, *rest)

    def evaluated(model: rc.ResNet, pictures: _datasets.Pictures, *rest: object) -> object:
        decides.extend(pictures.pixels)
        return evaluate(model, pictures, *rest)

    monkeypatch.setattr(_epoch, "augment", augmented)
    monkeypatch.setattr(_trainer, "evaluate", evaluated)
    run(data, tmp_path)
    pictures = learned_from(data)
    place = {picture.numpy().tobytes(): index for index, picture in enumerate(pictures.pixels)}
    seen, held = ({place[each.numpy().tobytes()] for each in pixels} for pixels in (learned, decides))
    assert not seen & held
    assert seen | held == set(range(48))  # over three epochs every other picture was learned from
    assert pictures.labels[sorted(held)].bincount().tolist() == [2, 2, 2]
    for seed, same in ((0, True), (1, False)):
        again = _datasets.held_out(pictures, 0.1, seed)[1]
        assert ({place[each.numpy().tobytes()] for each in again.pixels} == held) is same


@pytest.mark.parametrize(("share", "held"), [(0.1, 5), (0.25, 12), (0.001, 1)])
def test_the_share_that_is_held_out_is_that_of_every_class(share: float, held: int) -> None:
    pixels = torch.arange(98, dtype=torch.uint8).view(98, 1, 1, 1).expand(98, 3, 2, 2)
    pictures = _datasets.Pictures(pixels, torch.arange(98) % 2, ("a", "b"))
    learned, decides = _datasets.held_out(pictures, share, 0)
    assert decides.labels.bincount().tolist() == [held, held]
    assert sorted([*learned.pixels[:, 0, 0, 0].tolist(), *decides.pixels[:, 0, 0, 0].tolist()]) == list(range(98))
    for part in (learned, decides):
        assert (part.pixels[:, 0, 0, 0] % 2 == part.labels).all()
        assert part.folders == ("a", "b")


def test_a_class_with_one_picture_cannot_be_held_out() -> None:
    lonely = _datasets.Pictures(torch.zeros(3, 3, 2, 2, dtype=torch.uint8), torch.tensor([0, 0, 1]), ("a", "b"))
    with pytest.raises(SystemExit, match="The class b needs at least two pictures"):
        _datasets.held_out(lonely, 0.1, 0)


def test_the_confusion_of_each_epoch_is_written_and_agrees_with_its_error(data: Path, tmp_path: Path) -> None:
    model, curves = run(data, tmp_path)
    table = pd.read_csv(tmp_path / "confusion.csv")
    assert list(table.columns) == ["epoch", "class", *sorted(COLOURS)]
    assert list(table["class"]) == sorted(COLOURS) * 3
    for (_, rows), error in zip(table.groupby("epoch"), curves["held_out_error"], strict=True):
        counts = rows[sorted(COLOURS)].to_numpy()
        assert (counts.sum(axis=1) == 2).all()
        assert 1 - counts.trace() / 6 == pytest.approx(error)
    held = _datasets.held_out(learned_from(data), TINY.held_out, 0)[1]
    with torch.no_grad():
        answers = model.eval()(_epoch.network_input(held.pixels, TINY)).argmax(1)
    for true in range(3):
        said = torch.bincount(answers[held.labels == true], minlength=3).tolist()
        assert table[table["epoch"] == 3][sorted(COLOURS)].iloc[true].tolist() == said


def test_the_confusion_is_told_in_the_words_of_the_recipe(data: Path, tmp_path: Path) -> None:
    recipe = replace(TINY, cycles=(Cycle(0.1, (Phase(1, 12),)),), class_words=(("blue", "sky"),))
    _trainer.train(rc.build("resnet20", num_classes=3, seed=0), learned_from(data), recipe, 0, tmp_path)
    table = pd.read_csv(tmp_path / "confusion.csv")
    assert list(table.columns) == ["epoch", "class", "sky", "green", "red"]
    assert list(table["class"]) == ["sky", "green", "red"]


def trained(data: Path, out: Path, *more: str) -> None:
    """What the command does, for a recipe called cifar10."""
    threads = str(torch.get_num_threads())
    command.main(
        ["resnet20", "--recipe", "cifar10", "--shortcut", "none", "--threads", threads, "--device", "cpu"]
        + ["--data", str(data), "--out", str(out), *more]
    )


def test_the_command_writes_a_file_that_load_and_accuracy_read(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(RECIPES, "cifar10", TINY)
    trained(data, tmp_path)
    path = tmp_path / "weights.safetensors"
    model = rc.load("resnet20", path, device="cpu")
    assert rc.class_names(model) == ("blue", "green", "red")
    assert model.shortcut_option == "none"
    assert model.weights.epochs == 3
    kept = {file.name: rc.load("resnet20", file, device="cpu") for file in sorted(tmp_path.glob("epoch-*.safetensors"))}
    assert [(name, net.weights.epochs) for name, net in kept.items()] == [
        ("epoch-01.safetensors", 1),
        ("epoch-03.safetensors", 3),
    ]
    assert torch.equal(kept["epoch-03.safetensors"].fc.weight, model.fc.weight)
    assert not torch.equal(kept["epoch-01.safetensors"].fc.weight, model.fc.weight)
    assert model.weights.data == "colours"
    assert model.weights.chosen_on == kept["epoch-01.safetensors"].weights.chosen_on == "held out"
    right, seen = right_and_all(model, data)
    assert seen == 18
    assert model.weights.accuracy == right / seen
    assert f"{right} of 18 right" in capsys.readouterr().out
    table = pd.read_csv(tmp_path / "test.csv")
    assert table[sorted(COLOURS)].to_numpy().tolist() == accuracy.confusion(model, data).tolist()
    assert table["class"].tolist() == sorted(COLOURS)
    assert kept["epoch-01.safetensors"].weights.accuracy is None
    early = tmp_path / "epoch-01.safetensors"
    accuracy.main(["resnet20", str(early), "--data", str(data), "--write"])
    right, seen = right_and_all(kept[early.name], data)
    assert rc.load("resnet20", early, device="cpu").weights.accuracy == right / seen
    with early.open("rb") as file:
        said = read_weights(file, "file")
    assert said is not None
    assert (said.id, said.chosen_on) == ("cifar10", "held out")  # the id is the recipe's, not the name of the file


def test_the_test_pictures_are_read_once_after_the_last_epoch(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    read_bytes, train_epoch = Path.read_bytes, _trainer.train_epoch

    def read_and_told(path: Path) -> bytes:
        if path.suffix == ".png":
            events.append(path.parts[-3])
        return read_bytes(path)

    def trained_and_told(*rest: object) -> dict[str, float]:
        events.append("epoch")
        return train_epoch(*rest)

    monkeypatch.setattr(Path, "read_bytes", read_and_told)
    monkeypatch.setattr(_trainer, "train_epoch", trained_and_told)
    monkeypatch.setitem(RECIPES, "cifar10", TINY)
    trained(data, tmp_path, "--no-test")
    assert events == ["train"] * 48 + ["epoch"] * 3
    assert rc.load("resnet20", tmp_path / "weights.safetensors", device="cpu").weights.accuracy is None
    events.clear()
    trained(data, tmp_path)
    assert events == ["train"] * 48 + ["test"] * 18
    events.clear()
    longer = replace(TINY, cycles=(*TINY.cycles, Cycle(0.05, (Phase(1, 12),))))
    monkeypatch.setitem(RECIPES, "cifar10", longer)
    with pytest.raises(SystemExit, match="has ended, and its test pictures were read"):
        trained(data, tmp_path)  # more cycles would be chosen on them
    assert events == []


def test_curves_do_not_know_the_test_pictures(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if they are the opposite of what they should be."""
    monkeypatch.setitem(RECIPES, "cifar10", TINY)
    other = tmp_path / "other"
    shutil.copytree(data, other)
    for colour, neighbour in zip(COLOURS, [*COLOURS][1:] + [*COLOURS][:1], strict=True):
        shutil.rmtree(other / "test" / colour)
        shutil.copytree(data / "test" / neighbour, other / "test" / colour)
        next((other / "test" / colour).iterdir()).unlink()  # so that the counts differ, whatever the network learnt
    for name, source in (("one", data), ("two", other)):
        trained(source, tmp_path / name)
    one, two = (pd.read_csv(tmp_path / name / "curves.csv").drop(columns="seconds") for name in ("one", "two"))
    pd.testing.assert_frame_equal(one, two)
    tests = [pd.read_csv(tmp_path / name / "test.csv")[sorted(COLOURS)].to_numpy() for name in ("one", "two")]
    assert tests[0].tolist() != tests[1].tolist()


def test_data_that_could_not_be_tested_is_refused_before_the_training(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RECIPES, "cifar10", TINY)
    monkeypatch.delattr(command, "train")
    other = tmp_path / "other"
    shutil.copytree(data, other)
    (other / "test" / "red").rename(other / "test" / "violet")
    with pytest.raises(SystemExit, match="has other classes under test or val than under train"):
        trained(other, tmp_path / "out")
    shutil.rmtree(other / "test")
    with pytest.raises(SystemExit, match="holds no pictures under test or val/CLASS/"):
        trained(other, tmp_path / "out")


def right_and_all(model: rc.ResNet, data: Path) -> tuple[int, int]:
    counts = accuracy.confusion(model, data)
    return int(counts.trace()), int(counts.sum())


def test_accuracy_counts_by_hand(data: Path) -> None:
    model = rc.build("resnet20", num_classes=3, seed=0).eval()
    with torch.no_grad():
        model.fc.weight.zero_()
        model.fc.bias.copy_(torch.tensor([0.0, 0.0, 1.0]))  # it always says the third class, red
    assert right_and_all(model, data) == (6, 18)
    with pytest.raises(WeightsError, match="of 3 classes, but ResNet-20 has 10"):
        right_and_all(rc.build("resnet20", seed=0).eval(), data)


@pytest.mark.parametrize("weights", ["cifar10", "nothing.pth"])
def test_only_a_file_of_ours_is_written_to(data: Path, weights: str) -> None:
    with pytest.raises(WeightsError):
        accuracy.main(["resnet20", weights, "--data", str(data), "--write"])
    assert not Path(weights).exists()


def test_a_tar_gives_the_pictures_of_the_folder(data: Path, tmp_path: Path) -> None:
    archive = tmp_path / "colours.tar"
    with tarfile.open(archive, "w") as tar:
        for path in sorted(data.rglob("*.png")):
            tar.add(path, path.relative_to(data))
    from_folder, from_tar = read(data)[0], read(archive)[0]
    assert from_folder.folders == from_tar.folders == ("blue", "green", "red")
    assert torch.equal(from_folder.pixels, from_tar.pixels)
    assert torch.equal(from_folder.labels, from_tar.labels)


def test_a_device_that_is_not_there_is_told_in_a_sentence(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def gone(_device: str) -> torch.device:
        raise rc.ResNetCoreError("The device cuda cannot be used here.")

    monkeypatch.setattr(command, "resolve_device", gone)
    with pytest.raises(SystemExit):
        command.main(["resnet20", "--recipe", "cifar10", "--data", str(data), "--out", str(tmp_path)])
    assert "error: The device cuda cannot be used here." in capsys.readouterr().err


def test_data_without_pictures_is_explained(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="holds no pictures under test or val/CLASS/"):
        _datasets.read_pictures(tmp_path, _datasets.TEST_SPLITS, 16)


@pytest.mark.parametrize(("size", "pad"), [(16, 2), (12, 0)], ids=["padded", "smaller, not padded"])
def test_every_crop_is_a_window_of_its_own_picture_wherever_the_others_lie(size: int, pad: int) -> None:
    pixels = torch.randint(0, 256, (6, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    padded = torch.nn.functional.pad(pixels, (pad, pad, pad, pad))
    free = range(padded.shape[-1] - size + 1)
    places = [(top, left) for top in free for left in free]
    seen = []
    for seed in range(30):
        crops = _datasets.augment(pixels, size, TINY, torch.Generator().manual_seed(seed))
        for picture, crop in zip(padded, crops, strict=True):
            windows = {(top, left): picture[:, top : top + size, left : left + size] for top, left in places}
            seen.append(
                next(
                    (*place, flipped)
                    for place, window in windows.items()
                    for flipped in (False, True)
                    if torch.equal(crop, window.flip(-1) if flipped else window)
                )
            )
        assert len(set(seen[-6:])) > 1  # not all pictures of a batch alike
    assert {(top, left) for top, left, _ in seen} == set(places)
    assert {flipped for *_, flipped in seen[:6]} == {False, True}
    assert len(set(seen)) > 25


def test_a_resized_crop_has_the_size_asked_for_and_stays_in_the_picture() -> None:
    recipe = replace(TINY, smallest_crop=0.3)
    pixels = torch.full((4, 3, 16, 16), 77, dtype=torch.uint8)
    crop = _datasets.augment(pixels, 9, recipe, torch.Generator().manual_seed(0))
    assert crop.shape == (4, 3, 9, 9)
    assert (crop == 77).all()


@pytest.mark.parametrize("name", RECIPES)
def test_in_each_cycle_the_learning_rate_rises_to_its_peak_and_falls_to_nothing(name: str) -> None:
    recipe = RECIPES[name]
    before = 0
    for cycle in recipe.cycles:
        rates = [recipe.lr_at(before + cycle.epochs * step / 1000) for step in range(1000)]
        assert max(rates) == pytest.approx(cycle.peak_lr)
        assert rates.index(max(rates)) == pytest.approx(1000 * cycle.warm_up, abs=1)
        assert rates[-1] == pytest.approx(0, abs=1e-5)
        before += cycle.epochs
    assert recipe.lr_at(before) == 0
    assert before == recipe.epochs


def test_the_picture_size_follows_the_phases_of_all_cycles() -> None:
    recipe = replace(TINY, cycles=(Cycle(0.1, (Phase(1, 12), Phase(2, 16))), Cycle(0.1, (Phase(1, 14),))))
    assert [recipe.size_at(_epoch) for _epoch in range(recipe.epochs)] == [12, 16, 16, 14]
    with pytest.raises(ValueError, match="past the last epoch"):
        recipe.size_at(4)


LEAST = {
    ("resnet18", "imagenette"): 0.9,
    ("resnet20", "cifar10"): 0.87,
    ("resnet20", "cifar10-plain"): 0.84,
    ("resnet56", "cifar10"): 0.88,
    ("resnet56", "cifar10-plain"): 0.7,
}


@pytest.mark.parametrize("key", rc.RUNS)
def test_bundled_weights_carry_a_measured_accuracy_and_a_full_curve(key: tuple[str, str]) -> None:
    weights = rc.WEIGHTS[key]
    curves = pd.read_csv(PRETRAINED / f"{key[0]}-{key[1]}.csv")
    assert len(curves) == weights.epochs
    assert weights.accuracy is not None
    assert weights.accuracy >= LEAST[key]
    # that of ResNet-18 was measured on a share of the pictures, before the average of the weights was taken
    assert 1 - weights.accuracy == pytest.approx(curves["test_error"].iloc[-1], abs=0.02)
    assert weights.commit
    assert weights.classes
