"""Files of weights in the package that are damaged: each is told apart, named, and costs nothing else."""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from resnet_core.errors import WeightsError
from resnet_core.nets import loading
from resnet_core.nets.loading import load
from resnet_core.weights.bundled import PRETRAINED, bundled, damaged
from resnet_core.weights.catalogue import DAMAGED_WEIGHTS, WEIGHTS
from tests.resnet_core.weights.test_weights import write_ours

NAME = "resnet20-digits.safetensors"
SENTENCE = rf"^{re.escape(NAME)}, a file of this package, cannot be used\. .+\. Install the package again, or choose"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of ours."""
    path = tmp_path_factory.mktemp("sound") / NAME
    write_ours(path)
    return path.read_bytes()


@pytest.fixture
def file(sound: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, to be damaged, in a folder that stands for the package's."""
    path = tmp_path / NAME
    path.write_bytes(sound)
    monkeypatch.setattr(loading, "PRETRAINED", tmp_path)
    return path


def use_bundled_folder(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Look at the folder as an import of the package does."""
    for key, weights in bundled(folder).items():
        monkeypatch.setitem(WEIGHTS, key, weights)
    monkeypatch.setattr(loading, "DAMAGED_WEIGHTS", damaged(folder))


def header_of(content: bytes) -> int:
    """How many bytes come before the numbers."""
    return 8 + int(struct.unpack("<Q", content[:8])[0])


def test_no_file_that_travels_with_the_package_is_left_out() -> None:
    assert DAMAGED_WEIGHTS == damaged(PRETRAINED) == {}
    assert {path.name for path in PRETRAINED.glob("*.safetensors")} == {
        f"{variant}-{weights_id}.safetensors" for variant, weights_id in bundled(PRETRAINED)
    }


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda content: content[:5], id="cut in the length"),
        pytest.param(lambda content: content[: header_of(content) // 2], id="cut in the header"),
        pytest.param(lambda content: content[: header_of(content)], id="cut before the numbers"),
        pytest.param(lambda content: content[: len(content) // 2], id="cut in the numbers"),
        pytest.param(lambda content: content[:-1], id="cut at the end"),
        pytest.param(lambda content: content + b"\n", id="longer than it was"),
        pytest.param(lambda content: b"\xff" * len(content), id="overwritten"),
        pytest.param(lambda content: content.replace(b"layer3.2.conv1", b"layer3.2.conv9"), id="another tensor"),
        pytest.param(lambda content: content.replace(b"resnet20", b"resnet32"), id="another network"),
        pytest.param(lambda content: content.replace(b"resnet_core", b"resnet_cord"), id="nothing of ours"),
    ],
)
def test_a_damaged_file_is_named_with_what_helps(
    damage: Callable[[bytes], bytes], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file.parent / "resnet20-others.safetensors").write_bytes(file.read_bytes())
    file.write_bytes(damage(file.read_bytes()))
    use_bundled_folder(monkeypatch, file.parent)
    with pytest.raises(WeightsError, match=SENTENCE):
        load("resnet20", "digits", device="cpu")
    assert load("resnet20", "others", device="cpu").weights is WEIGHTS["resnet20", "others"]


def test_a_file_that_is_lost_while_the_program_runs_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_bundled_folder(monkeypatch, file.parent)
    file.unlink()
    with pytest.raises(WeightsError, match=rf"{SENTENCE}.*"):
        load("resnet20", "digits", device="cpu")


def test_a_damaged_twin_is_named_where_the_twin_is_meant(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file.parent / "resnet20-digits-plain.safetensors").write_bytes(file.read_bytes()[:1000])
    use_bundled_folder(monkeypatch, file.parent)
    with pytest.raises(WeightsError, match=r"^resnet20-digits-plain\.safetensors, a file of this package"):
        load("resnet20", "digits", shortcut="none", device="cpu")
    assert load("resnet20", "digits", device="cpu").weights == WEIGHTS["resnet20", "digits"]


def test_a_file_of_somebody_else_is_no_file_of_the_package(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(WeightsError, match="damaged") as caught:
        load("resnet20", file, device="cpu")
    assert "package" not in str(caught.value)


def test_too_little_memory_does_not_blame_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_content: bytes) -> None:
        raise MemoryError

    use_bundled_folder(monkeypatch, file.parent)
    monkeypatch.setattr("safetensors.torch.load", full)
    with pytest.raises(WeightsError, match="memory") as caught:
        load("resnet20", "digits", device="cpu")
    assert "Install" not in str(caught.value)


def loaded() -> str:
    """What becomes of the file: the network's name, or the sentence."""
    try:
        return repr(load("resnet20", "digits", device="cpu"))
    except WeightsError as error:
        return str(error)


def test_any_bit_of_the_header_may_be_wrong(file: Path, sound: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of it cannot be noticed, such as another letter in the name of a class; nothing raises anything else."""
    draw = random.Random(0)
    noticed = []
    for _ in range(60):
        content = bytearray(sound)
        content[draw.randrange(header_of(sound))] ^= 1 << draw.randrange(8)
        file.write_bytes(content)
        assert len(bundled(file.parent)) + len(damaged(file.parent)) == 1
        with monkeypatch.context() as patch:
            use_bundled_folder(patch, file.parent)
            outcome = loaded()
        assert re.match(rf"{SENTENCE}|^ResNet-20 · digits · ", outcome)
        noticed.append(outcome.startswith(NAME))
    assert sum(noticed) > 40
