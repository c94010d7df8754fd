"""Which weights exist, compared with torchvision's own metadata, and `load` from every kind of source."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from resnet_core.errors import ResNetCoreError, WeightsError
from resnet_core.nets import loading
from resnet_core.nets.loading import load
from resnet_core.nets.model import build
from resnet_core.pictures.images import CIFAR_TRANSFORM, IMAGENET_TRANSFORM, Transform
from resnet_core.variants import VARIANTS
from resnet_core.weights.bundled import bundled
from resnet_core.weights.catalogue import WEIGHTS, is_cached
from resnet_core.weights.files import Weights, save_weights

DIGITS = Weights(
    id="digits",
    variant="resnet20",
    shortcut="A",
    version="v1.5",
    classes=("zero", "one", "two"),
    transform=Transform(40, 32, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6)),
    source="file",
    data="ten digits",
    accuracy=0.75,
    recipe="by hand",
    epochs=2,
    commit="abc",
)


def write_ours(path: Path, weights: Weights = DIGITS, seed: int = 5) -> dict[str, torch.Tensor]:
    state = build(weights.variant, shortcut=weights.shortcut, num_classes=len(weights.classes), seed=seed).state_dict()
    save_weights(path, state, weights)
    return state


@pytest.fixture
def bundled_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of bundled weights: `digits` for ResNet-20 and its plain twin."""
    write_ours(tmp_path / "resnet20-digits.safetensors")
    write_ours(tmp_path / "resnet20-digits-plain.safetensors", replace(DIGITS, shortcut="none"), seed=6)
    monkeypatch.setattr(loading, "PRETRAINED", tmp_path)
    for key, weights in bundled(tmp_path).items():
        monkeypatch.setitem(WEIGHTS, key, weights)
    return tmp_path


def test_every_download_is_torchvisions_in_every_number() -> None:
    models = pytest.importorskip("torchvision").models
    tags = {"IMAGENET1K_V1": "imagenet", "IMAGENET1K_V2": "imagenet-v2"}
    expected = {}
    for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"):
        for theirs in models.get_model_weights(name):
            pixels = theirs.transforms()
            assert (pixels.interpolation.value, pixels.antialias) == ("bilinear", True)
            transform = Transform(pixels.resize_size[0], pixels.crop_size[0], tuple(pixels.mean), tuple(pixels.std))
            expected[name, tags[theirs.name]] = (
                transform,
                theirs.url,
                pytest.approx(theirs.meta["_metrics"]["ImageNet-1K"]["acc@1"] / 100, abs=1e-12),
                pytest.approx(theirs.meta["_file_size"] * 2**20, abs=1),
                f"torchvision {theirs.name}",
            )
            assert tuple(theirs.meta["categories"]) == loading._imagenet_classes()
    found = {
        key: (weights.transform, weights.url, weights.accuracy, weights.bytes, weights.recipe)
        for key, weights in WEIGHTS.items()
        if weights.source == "download"
    }
    assert found == expected
    for (name, weights_id), weights in WEIGHTS.items():
        assert (weights.variant, weights.id) == (name, weights_id)
        if weights.source == "download":
            assert (weights.shortcut, weights.version, weights.classes) == ("B", "v1.5", ())


def test_the_weights_in_the_package_load_and_know_their_classes() -> None:
    for (name, weights_id), weights in WEIGHTS.items():
        if weights.source == "bundled":
            model = load(name, weights_id, device="cpu")
            assert (model.weights, model.num_classes) == (weights, len(weights.classes))
            assert all(torch.isfinite(value).all() for value in model.state_dict().values())
            assert is_cached(weights)


def test_a_folder_of_weights_is_read_by_header_and_damaged_files_are_left_out(bundled_folder: Path) -> None:
    (bundled_folder / "resnet20-empty.safetensors").touch()
    (bundled_folder / "resnet20-garbage.safetensors").write_bytes(b"\xff" * 1000)
    (bundled_folder / "resnet18-digits.safetensors").write_bytes(
        (bundled_folder / "resnet20-digits.safetensors").read_bytes()
    )
    save_file({"a": torch.zeros(1)}, bundled_folder / "resnet20-others.safetensors")
    size = (bundled_folder / "resnet20-digits.safetensors").stat().st_size
    wanted = replace(DIGITS, source="bundled", bytes=size)
    found = bundled(bundled_folder)
    assert set(found) == {("resnet20", "digits"), ("resnet20", "digits-plain")}
    assert found["resnet20", "digits"] == wanted
    twin = found["resnet20", "digits-plain"]
    assert (twin.shortcut, twin.id) == ("none", "digits-plain")


@pytest.mark.usefixtures("bundled_folder")
@pytest.mark.parametrize(
    ("weights_id", "shortcut", "seed", "title"),
    [
        ("digits", None, 5, "ResNet-20"),
        ("digits", "A", 5, "ResNet-20"),
        ("digits", "none", 6, "plain-20"),
        ("digits-plain", None, 6, "plain-20"),
        ("digits-plain", "none", 6, "plain-20"),
    ],
)
def test_bundled_weights_and_their_plain_twin(weights_id: str, shortcut: Any, seed: int, title: str) -> None:
    model = load("resnet20", weights_id, shortcut=shortcut, device="cpu")
    assert (model.title, model.training, model.num_classes) == (title, False, 3)
    kept = build("resnet20", shortcut=model.shortcut_option, num_classes=3, seed=seed).state_dict()
    for key, value in model.state_dict().items():
        assert torch.equal(value, kept[key].half().float() if value.is_floating_point() else kept[key])
    assert model.weights is WEIGHTS["resnet20", "digits-plain" if seed == 6 else "digits"]


def test_a_file_of_ours_brings_its_whole_header(tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    write_ours(path, replace(DIGITS, shortcut="none"))
    wanted = replace(DIGITS, id="mine.safetensors", shortcut="none", bytes=path.stat().st_size)
    assert load("resnet20", path, device="cpu").weights == wanted
    assert load("resnet20", path.read_bytes(), device="cpu").weights == replace(wanted, id="checkpoint")


def test_anybodys_file_gets_its_familys_transform(tmp_path: Path) -> None:
    for name, transform in (("resnet20", CIFAR_TRANSFORM), ("resnet18", IMAGENET_TRANSFORM)):
        path = tmp_path / f"{name}-some.pth"
        torch.save(build(name, shortcut="B", num_classes=2, seed=0).state_dict(), path)
        weights = Weights(
            id=path.name,
            variant=name,
            shortcut="B",
            version="v1.5",
            classes=(),
            transform=transform,
            source="file",
            data="",
            bytes=path.stat().st_size,
        )
        with path.open("rb") as file:
            for source in (path, str(path), file):
                assert load(name, source, device="cpu").weights == weights
        assert load(name, io.BytesIO(path.read_bytes()), device="cpu").weights == replace(weights, id="checkpoint")


def test_a_file_that_says_nothing_is_what_the_caller_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save(build("resnet20", seed=0).state_dict(), tmp_path / "no-suffix")
    monkeypatch.chdir(tmp_path)
    model = load("resnet20", "no-suffix", shortcut="none", version="v1", device="cpu")
    assert (model.shortcut_option, model.version) == ("none", "v1")
    assert model.weights is not None
    assert (model.weights.shortcut, model.weights.version) == ("none", "v1")


@pytest.mark.usefixtures("bundled_folder")
@pytest.mark.parametrize(
    ("name", "weights", "options", "match"),
    [
        ("resnet20", "imagenet", {}, "^ResNet-20 has no weights called 'imagenet': there are .*'digits-plain'.* path"),
        ("resnet50", "v3", {}, "^ResNet-50 has no weights called 'v3': there are 'imagenet', 'imagenet-v2';"),
        ("resnet1202", "", {}, "^ResNet-1202 has no weights called '': none come with this package; a path"),
        ("resnet20", "missing.pth", {}, "There is no file 'missing.pth'"),
        ("resnet20", "folder/missing", {}, "There is no file"),
        ("resnet20", "digits", {"shortcut": "B"}, "'digits' of ResNet-20 were trained with shortcut='A' .*='B'"),
        ("resnet20", "digits-plain", {"shortcut": "A"}, "trained with shortcut='none' and give wrong answers"),
        ("resnet18", "imagenet", {"shortcut": "none"}, "trained with shortcut='B'"),
        ("resnet50", "imagenet", {"version": "v1"}, "trained with version='v1.5'"),
        ("resnet20", b"", {}, "The file is empty"),
    ],
)
def test_what_cannot_be_loaded_is_one_sentence(
    name: str, weights: Any, options: Any, match: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "fetch", None)  # nothing is downloaded in vain
    with pytest.raises(WeightsError, match=match):
        load(name, weights, device="cpu", **options)


def test_names_and_devices_are_checked_first() -> None:
    with pytest.raises(ResNetCoreError, match="The variant is 'resnet19'"):
        load("resnet19", "imagenet")
    with pytest.raises(ResNetCoreError, match="The device 'toaster' cannot be used"):
        load("resnet18", "imagenet", device="toaster")


@pytest.mark.usefixtures("bundled_folder")
def test_the_version_makes_no_difference_to_basic_blocks() -> None:
    assert load("resnet20", "digits", version="v1", device="cpu").weights == WEIGHTS["resnet20", "digits"]


TRANSFORM = {"resize": 40, "crop": 32, "mean": [0, 0, 0], "std": [1, 1, 1]}


def header_with(path: Path, **changes: object) -> Path:
    """A file of ours whose header was tampered with; None takes an entry out."""
    state = write_ours(path)
    said: dict[str, Any] = {"id": "x", "variant": "resnet20", "shortcut": "A", "version": "v1.5", "classes": []}
    said |= {"data": "", "transform": TRANSFORM, **changes}
    kept = {key: value for key, value in said.items() if value is not None}
    save_file(state, path, metadata={"resnet_core": json.dumps(kept)})
    return path


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"shortcut": "Z"}, "shortcut is 'Z'"),
        ({"version": ["v1"]}, "version is"),
        ({"accuracy": 1.5}, "accuracy is 1.5"),
        ({"accuracy": float("nan")}, "accuracy is nan"),
        ({"chosen_on": "luck"}, "chosen_on is 'luck'"),
        ({"chosen_on": ["test"]}, "chosen_on is"),
        ({"transform": TRANSFORM | {"crop": 65, "resize": 65}}, "transform is"),
        ({"transform": TRANSFORM | {"std": [1, 1e-4, 1]}}, "transform is"),
        ({"transform": TRANSFORM | {"mean": [0, 0, -11]}}, "transform is"),
        ({"transform": TRANSFORM | {"crop": 0}}, "crop is 0"),
        ({"transform": TRANSFORM | {"crop": float("inf")}}, "other kinds"),
        ({"transform": TRANSFORM | {"std": [1, 0, 1]}}, "transform is"),
        ({"transform": TRANSFORM | {"mean": [0, float("nan"), 1]}}, "finite"),
        ({"transform": TRANSFORM | {"mean": [0]}}, "incomplete"),
        ({"transform": 3}, "other kinds"),
        ({"classes": None}, "'classes' is missing"),
        ({"classes": ["a", ["b"]]}, r"a class is \['b'\], but must be one line of at most 200 letters"),
        ({"classes": ["two\nlines"]}, "a class is 'two.*nlines'"),
        ({"classes": ["\ud800"]}, "a class is .*ud800"),
        ({"classes": ["\u202egnihton"]}, "a class is .*u202egnihton"),
        ({"classes": ["x" * 10**6]}, "a class is 'xxx"),
        ({"data": {"a": 1}}, r"data is \{'a': 1\}, but must be one line"),
        ({"epochs": "many"}, "other kinds"),
    ],
)
def test_a_header_that_says_what_cannot_be_is_refused(changes: dict[str, Any], detail: str, tmp_path: Path) -> None:
    path = header_with(tmp_path / "x.safetensors", **changes)
    with pytest.raises(WeightsError, match=rf"^The file's header should describe weights of .*{detail}"):
        load("resnet20", path, device="cpu")


@pytest.mark.parametrize(
    ("commit", "told", "chosen_on"),
    [("abc", None, "test"), ("abc", "held out", "held out"), ("abc", "", ""), (None, None, "")],
)
def test_a_header_of_ours_from_before_pictures_were_held_out_was_chosen_on_the_test(
    commit: str | None, told: str | None, chosen_on: str, tmp_path: Path
) -> None:
    path = header_with(tmp_path / "x.safetensors", classes=["a", "b", "c"], commit=commit, chosen_on=told)
    model = load("resnet20", path, device="cpu")
    assert model.weights is not None
    assert model.weights.chosen_on == chosen_on


def test_a_header_may_say_more_than_we_know_and_speaks_for_its_own_variant_only(tmp_path: Path) -> None:
    path = header_with(tmp_path / "x.safetensors", future="?", classes=["a", "b", "c"])
    model = load("resnet20", path, device="cpu")
    assert model.weights is not None
    assert model.weights.classes == ("a", "b", "c")
    other = header_with(tmp_path / "y.safetensors", variant="resnet18", classes=["a", "b", "c"], shortcut="none")
    model = load("resnet20", other, device="cpu")
    assert model.weights is not None
    assert (model.weights.variant, model.weights.classes, model.shortcut_option) == ("resnet20", (), "A")


def test_a_download_is_kept_in_torchs_cache_and_speaks_torchvisions_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = pytest.importorskip("torchvision").models
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))
    theirs = models.resnet18(num_classes=1000).eval()
    file = io.BytesIO()
    torch.save(theirs.state_dict(), file)
    name = f"resnet18-{hashlib.sha256(file.getvalue()).hexdigest()[:8]}.pth"
    (tmp_path / name).write_bytes(file.getvalue())
    weights = replace(WEIGHTS["resnet18", "imagenet"], url=(tmp_path / name).as_uri())
    monkeypatch.setitem(WEIGHTS, ("resnet18", "imagenet"), weights)
    assert not is_cached(weights)
    reports: list[tuple[int, int]] = []
    model = load("resnet18", "imagenet", device="cpu", progress=lambda *report: reports.append(report))
    assert reports[-1] == (len(file.getvalue()), len(file.getvalue()))
    assert is_cached(weights)
    assert model.weights == replace(weights, classes=tuple(models.ResNet18_Weights.IMAGENET1K_V1.meta["categories"]))
    assert repr(model) == "ResNet-18 · imagenet · 20 convs · eval"
    batch = torch.randn(1, 3, 64, 64)
    torch.testing.assert_close(model(batch), theirs(batch))
    (tmp_path / name).unlink()
    assert torch.equal(load("resnet18", "imagenet", device="cpu").fc.weight, theirs.fc.weight)  # from the cache now


@pytest.mark.usefixtures("bundled_folder")
def test_without_network_the_error_names_what_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "*")
    weights = replace(WEIGHTS["resnet50", "imagenet"], url="http://127.0.0.1:9/resnet50-0676ba61.pth")
    monkeypatch.setitem(WEIGHTS, ("resnet50", "imagenet"), weights)
    with pytest.raises(
        WeightsError,
        match=r"^The ImageNet weights of ResNet-50 \(98 MB\) could not be downloaded: Connection refused\. "
        r"Without network the bundled weights work: .*'digits' of ResNet-20",
    ):
        load("resnet50", "imagenet", device="cpu")


def test_gradients_reach_a_loaded_network_and_two_loads_share_nothing(bundled_folder: Path) -> None:
    first, second = (load("resnet20", bundled_folder / "resnet20-digits.safetensors", device="cpu") for _ in range(2))
    first(torch.randn(1, 3, 32, 32)).sum().backward()
    assert all(parameter.grad is not None for parameter in first.parameters())
    assert all(parameter.grad is None for parameter in second.parameters())
    assert VARIANTS["resnet20"] is first.variant
