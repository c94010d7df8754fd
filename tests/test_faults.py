"""What goes wrong in the middle of a lesson: one clear sentence each, and the others do not notice."""

from __future__ import annotations

import errno
import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import torch
from PIL import Image

import resnet_core as rc
from app import compute
from app.selection import RANDOM, Net, Photo
from resnet_core import weights as weights_module
from resnet_core.pretrained_files import save_weights
from tests.test_pages import page_text, start
from tests.test_weights import DIGITS, write_ours

LONG = 60  # seconds that a busy machine may need to reach a point
NET = Net("resnet32", RANDOM)
NO_MEMORY = "more memory than the machine has free just now"


def photo(colour: str) -> Photo:
    return Photo(f"faults:{colour}", colour, "", Image.new("RGB", (40, 40), colour))


def test_a_full_disk_costs_no_weights_that_were_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.safetensors"
    state = write_ours(path)
    before = path.read_bytes()
    write = Path.write_bytes

    def fill(there: Path, content: bytes) -> int:
        write(there, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", fill)
    sentence = rf"^The weights cannot be kept in {re.escape(str(path))}: No space left on device\. Make room there"
    with pytest.raises(rc.WeightsError, match=sentence):
        save_weights(path, state, replace(DIGITS, accuracy=0.5))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_weights_that_may_not_be_written_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(rc.WeightsError, match=r"^The weights cannot be kept in .*x\.safetensors: Not a directory\."):
        save_weights(tmp_path / "file" / "x.safetensors", rc.build("resnet20", num_classes=3).state_dict(), DIGITS)


def test_damaged_weights_are_one_sentence_in_the_page_and_others_speak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "resnet20-damaged.safetensors"
    write_ours(path)
    path.write_bytes(path.read_bytes()[:-100])
    monkeypatch.setattr(weights_module, "PRETRAINED", tmp_path)
    monkeypatch.setitem(rc.WEIGHTS, ("resnet20", "damaged"), replace(DIGITS, id="damaged", source="bundled"))
    app = start(net="ResNet-20", weights="damaged")
    (error,) = app.error
    assert re.match(r"resnet20-damaged\.safetensors, .* cannot be used\. .* Install the package again", error.value)
    app.selectbox("weights").select(RANDOM).run()
    assert not app.exception
    assert not app.error
    assert "with random weights** has learned nothing" in page_text(app)


def fail_on(monkeypatch: pytest.MonkeyPatch, error: Exception, *targets: int) -> None:
    """Maps for these classes end in `error`, others as they should."""
    real = rc.attribute

    def attribute(model: rc.ResNet, batch: torch.Tensor, *, target: int, **options: Any) -> rc.AttributionRecord:
        if target in targets:
            raise error
        return real(model, batch, target=target, **options)

    monkeypatch.setattr(rc, "attribute", attribute)


def test_one_analysis_without_memory_leaves_the_page_and_the_other_visitors(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_on(monkeypatch, MemoryError(), 7)
    link = {"net": "ResNet-32", "weights": "random weights", "method": "Saliency"}
    app, neighbour = start(**link, **{"class": "class 7"}), start(**link, **{"class": "class 3"})
    assert [NO_MEMORY in error.value for error in app.error] == [True]
    assert "What it says, by chance" in page_text(app)  # the answer stands beside it
    assert not neighbour.error
    assert "mattered most for class 3" in page_text(neighbour)
    app.selectbox("class").select("3").run()
    assert not app.exception
    assert not app.error
    assert "mattered most for class 3" in page_text(app)


def test_work_that_is_going_on_ends_as_if_nobody_had_run_out_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    network = compute.model(NET)
    alone = rc.attribute(network, rc.preprocess(photo("teal").image, network), target=1, method="saliency")
    fail_on(monkeypatch, torch.OutOfMemoryError("CUDA out of memory."), 2)
    begun, failed = Event(), Event()

    def watch(_done: int, _total: int) -> None:
        begun.set()
        assert failed.wait(LONG)

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(compute.attribution, NET, photo("teal"), 1, "saliency", progress=watch)
        assert begun.wait(LONG)
        with pytest.raises(rc.ResNetCoreError, match=NO_MEMORY):
            compute.attribution(NET, photo("teal"), 2, "saliency")
        failed.set()
        assert torch.equal(future.result().map, alone.map)


@pytest.mark.parametrize(
    "ask",
    [
        lambda device: rc.build("resnet20", device=device),
        lambda device: rc.load("resnet20", "cifar10", device=device),
        lambda device: rc.gradient_flow("resnet20", torch.zeros(2, 3, 32, 32), torch.tensor([0, 1]), device=device),
    ],
)
def test_a_gpu_that_is_not_there_is_one_sentence(ask: Any) -> None:
    device = "cuda:63" if torch.cuda.is_available() else "cuda"
    with pytest.raises(
        rc.ResNetCoreError, match=rf"^The device '{device}' cannot be used on this machine; use 'auto', .*, or 'cpu'\.$"
    ):
        ask(device)
