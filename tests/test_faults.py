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
from safetensors.torch import save

import resnet_core as rc
from app.engine import compute, gate
from app.engine.selection import RANDOM, Net, Photo
from app.shared import explanations
from app.shared.sentences import plain
from resnet_core.nets import loading
from resnet_core.weights import catalogue
from resnet_core.weights.files import save_weights
from tests.app.test_pages import page_text, picture, start
from tests.resnet_core.weights.test_weights import DIGITS, write_ours

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


def test_a_checkpoint_that_does_not_fit_is_one_sentence_where_its_blocks_were_to_be_seen() -> None:
    app = start("feature_maps/page.py", net="ResNet-20")
    content = save(rc.build("resnet32", seed=0).state_dict())
    app.file_uploader("checkpoint").upload("other.safetensors", content).run()
    assert not app.exception
    assert [error.value.endswith("The file fits ResNet-32.") for error in app.error] == [True]


def test_damaged_weights_are_one_sentence_in_the_page_and_others_speak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "resnet20-damaged.safetensors"
    write_ours(path)
    path.write_bytes(path.read_bytes()[:-100])
    monkeypatch.setattr(loading, "PRETRAINED", tmp_path)
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
    assert "moves class 3 most" in page_text(neighbour)
    app.selectbox("class").select("class 3").run()
    assert not app.exception
    assert not app.error
    assert "moves class 3 most" in page_text(app)


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


LOST = (
    torch.AcceleratorError("CUDA error: unspecified launch failure\nCUDA kernel errors might be reported later."),
    RuntimeError("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm(...)`"),
    RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"),
)


@pytest.mark.parametrize("error", LOST)
def test_a_gpu_that_is_lost_is_one_sentence_to_everybody_who_asks_later(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_model: rc.ResNet, _x: torch.Tensor) -> torch.Tensor:
        raise error

    monkeypatch.setattr(rc.ResNet, "stem", fail)
    for colour in ("navy", "olive", "plum"):
        with pytest.raises(rc.ResNetCoreError, match="graphics card of this server does not answer any more"):
            compute.prediction(NET, photo(colour))
    assert caplog.messages == [f"the GPU is lost until the server is restarted: {str(error).splitlines()[0]}"] * 3


@pytest.mark.parametrize(
    "page",
    ["predict/page.py", "feature_maps/page.py", "attributions/page.py", "gradients/page.py", "lesions/page.py"],
)
def test_a_gpu_that_is_lost_is_one_sentence_on_every_page(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_model: rc.ResNet, _x: torch.Tensor) -> torch.Tensor:
        raise LOST[0]

    monkeypatch.setattr(rc.ResNet, "stem", fail)
    for _ in range(2):  # two visitors; `start` asserts that neither sees an exception
        link = {"net": "ResNet-44", "weights": "random weights", "norm": "none", "source": "your photo"}
        app = start(page, **link)
        app.file_uploader("upload").upload("new.png", picture("thistle")).run()  # no answer to it is kept from before
        assert not app.exception
        assert {error.value for error in app.error} == {plain(gate.LOST_DEVICE)}


def test_results_that_stay_on_a_lost_gpu_are_one_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_record: rc.AttributionRecord) -> None:
        raise LOST[0]

    monkeypatch.setattr(explanations, "values_of", fail)
    app = start(net="ResNet-20", method="Saliency")
    assert [error.value for error in app.error] == [plain(gate.LOST_DEVICE)]
    assert "It says" in page_text(app) or "It leans" in page_text(app) or "undecided" in page_text(app)


def test_weights_that_are_left_out_are_told_where_they_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(catalogue.DAMAGED_WEIGHTS, ("resnet44", "cifar10"), "resnet44-cifar10.safetensors is damaged.")
    assert "resnet44-cifar10.safetensors is damaged." in [told.value for told in start(net="ResNet-44").warning]
    assert "resnet44" not in page_text(start(net="ResNet-32"))


def test_runs_that_are_all_damaged_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rc, "RUNS", {})
    monkeypatch.setattr("resnet_core.training.runs.DAMAGED_FILES", ["resnet56-cifar10.csv is not there"])
    text = page_text(start("training_replay/page.py"))
    assert "No recorded training run" in text
    assert "Files that are left out: resnet56-cifar10.csv is not there." in text


def test_a_photo_that_only_the_address_remembers_is_told_and_a_new_one_takes_its_place() -> None:
    told = "The photo that was given here is not on this server"
    app = start(net="ResNet-20", photo="own")
    assert [info.value for info in app.info if info.value.startswith(told)]
    assert "The Summer Palace, 32 × 32 pixels" in page_text(app)
    app.file_uploader("upload").upload("meadow.png", picture()).run()
    assert told not in page_text(app)
    assert "meadow.png, 32 × 32 pixels" in page_text(app)
    app.segmented_control("photos").set_value("cat").run()
    assert told not in page_text(app)
    assert "photo" not in app.query_params
    app.file_uploader("upload").upload("lake.png", picture()).run()
    assert "photo" in app.query_params
    app.file_uploader("upload").clear().run()
    assert told not in page_text(app)
    assert "photo" not in app.query_params


def test_a_checkpoint_that_only_the_address_remembers_is_told() -> None:
    told = "The checkpoint that was given here is not on this server"
    app = start(net="ResNet-20", own_weights="own")
    assert told in page_text(app)
    content = save(rc.build("resnet20", seed=3, num_classes=4).state_dict())
    app.file_uploader("checkpoint").upload("mine.safetensors", content).run()
    assert told not in page_text(app)
    assert "own_weights" in app.query_params
    app.file_uploader("checkpoint").clear().run()
    assert told not in page_text(app)
    assert "own_weights" not in app.query_params
