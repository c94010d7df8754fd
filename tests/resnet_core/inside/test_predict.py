"""Probabilities: the textbook's softmax of a plain forward pass is the oracle, and nothing is left on the model."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.models import ResNet18_Weights

from resnet_core.errors import ResNetCoreError
from resnet_core.inside.answers import class_names, predict, preprocess, transform_of
from resnet_core.lesions.heads import readouts
from resnet_core.nets.model import ResNet, build
from resnet_core.pictures.images import CIFAR_TRANSFORM, IMAGENET_TRANSFORM
from resnet_core.weights.files import Weights
from tests.fingerprints import fingerprint

TEN = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
WEIGHTS = Weights(
    id="test",
    variant="resnet20",
    shortcut="A",
    version="v1.5",
    classes=TEN,
    transform=CIFAR_TRANSFORM,
    source="file",
    data="none",
)


@pytest.fixture
def model() -> ResNet:
    """In train mode as built, with statistics of its own, so that train mode, eval mode and a fresh net all differ."""
    model = build("resnet20", seed=0)
    with torch.no_grad():
        model(torch.randn(16, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 + 1)
    return model


def pictures(seed: int = 0, count: int = 2) -> Tensor:
    return torch.randn(count, 3, 32, 32, generator=torch.Generator().manual_seed(seed))


def plain_logits(model: ResNet, batch: Tensor) -> Tensor:
    with torch.no_grad():
        return copy.deepcopy(model).eval()(batch)


def test_no_answer_is_certain(model: ResNet) -> None:
    """Single precision would round a gap of 25 between two logits to a probability of exactly 1."""
    with torch.no_grad():
        model.fc.weight.zero_()
        model.fc.bias.copy_(torch.tensor([25.0] + [0.0] * 9))
    found = predict(model, pictures(count=1), top=1)["probability"].iloc[0]
    assert 1 - found == pytest.approx(9 * np.exp(-25.0), rel=1e-4)
    assert readouts(model, pictures(count=1))["probability"].tolist() == [found] * 3


@pytest.mark.parametrize("training", [False, True])
def test_all_classes_are_the_softmax_of_a_forward_pass_in_eval_mode(model: ResNet, training: bool) -> None:
    model.train(training)
    batch = pictures(count=3)
    logits = plain_logits(model, batch).double().numpy()
    expected = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    table = predict(model, batch, top=10)
    assert table.columns.tolist() == ["picture", "rank", "index", "class", "probability", "logit"]
    assert table["picture"].tolist() == [0] * 10 + [1] * 10 + [2] * 10
    for picture, rows in table.groupby("picture"):
        assert rows["rank"].tolist() == list(range(1, 11))
        assert rows["index"].tolist() == np.argsort(-expected[picture]).tolist()
        assert rows["probability"].sum() == pytest.approx(1, abs=1e-6)
        assert rows["probability"].tolist() == pytest.approx(np.sort(expected[picture])[::-1].tolist(), rel=1e-5)
        assert rows["logit"].tolist() == logits[picture][rows["index"]].tolist()


def test_top_cuts_the_same_table(model: ResNet) -> None:
    batch = pictures()
    everything = predict(model, batch, top=10)
    first = everything[everything["rank"] <= 3].reset_index(drop=True)
    assert predict(model, batch, top=3).equals(first)
    assert predict(model, batch).equals(everything[everything["rank"] <= 5].reset_index(drop=True))
    assert predict(model, batch, top=99).equals(everything)


def test_classes_have_the_names_of_the_weights(model: ResNet) -> None:
    assert class_names(model) == tuple(f"class {index}" for index in range(10))
    model.weights = WEIGHTS
    table = predict(model, pictures(), top=10)
    assert [TEN[index] for index in table["index"]] == table["class"].tolist()
    model.weights = replace(WEIGHTS, classes=TEN[:9])
    assert class_names(model)[9] == "class 9"


def test_the_weights_transform_is_used_or_the_familys(model: ResNet) -> None:
    assert transform_of(model) == CIFAR_TRANSFORM
    assert transform_of(build("resnet18", device="meta")) == IMAGENET_TRANSFORM
    model.weights = replace(WEIGHTS, transform=IMAGENET_TRANSFORM)
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 401, 3), dtype=np.uint8))
    batch = preprocess(image, model)
    assert batch.dtype == torch.float32
    assert torch.equal(batch, ResNet18_Weights.IMAGENET1K_V1.transforms()(image)[None])


def test_other_float_types_are_read(model: ResNet) -> None:
    batch = pictures()
    assert predict(model, batch.double()).equals(predict(model, batch))
    assert predict(model, batch.half())["index"].tolist() == predict(model, batch.half().float())["index"].tolist()


@pytest.mark.parametrize(
    ("batch", "sentence"),
    [
        (
            torch.zeros(3, 32, 32),
            r"The batch is \(3, 32, 32\), but a network reads float pictures of shape \(N, 3, H, W",
        ),
        (torch.zeros(1, 1, 32, 32), r"The batch is \(1, 1, 32, 32\)"),
        (torch.zeros(0, 3, 32, 32), r"The batch is \(0, 3, 32, 32\)"),
        (torch.zeros(1, 3, 0, 32), r"The batch is \(1, 3, 0, 32\)"),
        (torch.zeros(1, 3, 32, 32, dtype=torch.uint8), "The batch is torch.uint8, but a network reads floats"),
        (np.zeros((1, 3, 32, 32), np.float32), "The batch is ndarray"),
        (None, "The batch is NoneType"),
    ],
)
def test_what_is_no_batch_is_refused(model: ResNet, batch: Tensor, sentence: str) -> None:
    with pytest.raises(ResNetCoreError, match=sentence):
        predict(model, batch)


@pytest.mark.parametrize("top", [0, -1])
def test_at_least_one_class_must_be_asked_for(model: ResNet, top: int) -> None:
    with pytest.raises(ResNetCoreError, match=f"top is {top}, but at least 1 class must be asked for"):
        predict(model, pictures(), top=top)


@pytest.mark.parametrize("temperature", [1e-300, 0.3, 1, 7.5, 1e300])
def test_a_temperature_divides_the_logits_and_changes_no_order(model: ResNet, temperature: float) -> None:
    batch = pictures(count=3)
    table, without = predict(model, batch, top=10, temperature=temperature), predict(model, batch, top=10)
    assert table.drop(columns="probability").equals(without.drop(columns="probability"))
    for _, rows in table.groupby("picture"):
        logits = rows["logit"].to_numpy()
        expected = np.exp((logits - logits.max()) / temperature)
        np.testing.assert_allclose(rows["probability"], expected / expected.sum(), rtol=1e-5)


@pytest.mark.parametrize("temperature", [0, -1.5, float("nan"), float("inf")])
def test_a_temperature_is_finite_and_above_0(model: ResNet, temperature: float) -> None:
    with pytest.raises(ResNetCoreError, match=f"temperature is {temperature}, but must be a finite number above 0"):
        predict(model, pictures(), temperature=temperature)


@pytest.mark.parametrize("training", [False, True])
def test_nothing_is_left_on_the_model(model: ResNet, training: bool) -> None:
    model(pictures()).sum().backward()
    model.train(training)
    model.layer1[0].eval()
    model.bn1.weight.requires_grad_(False)
    calls: list[nn.Module] = []
    model.fc.register_forward_hook(lambda module, *_: calls.append(module))
    before = fingerprint(model)
    batch = pictures().requires_grad_()
    predict(model, batch)
    assert fingerprint(model) == before
    assert batch.grad is None
    assert calls == []


def test_progress_counts_the_blocks(model: ResNet) -> None:
    seen: list[tuple[int, int]] = []
    predict(model, pictures(), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 9) for done in range(1, 10)]


def test_an_exception_in_progress_stops_and_leaves_nothing(model: ResNet) -> None:
    class Stopped(Exception):
        pass

    seen: list[int] = []

    def stop(done: int, _total: int) -> None:
        seen.append(done)
        if done == 4:
            raise Stopped("nobody waits")

    before = fingerprint(model)
    with pytest.raises(Stopped, match="nobody waits"):
        predict(model, pictures(), progress=stop)
    assert seen == [1, 2, 3, 4]
    assert fingerprint(model) == before


def test_eight_threads_get_what_each_gets_alone(model: ResNet) -> None:
    batches = [pictures(seed) for seed in range(8)] * 3
    alone = [predict(model, batch, top=10) for batch in batches]
    before = fingerprint(model)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda batch: predict(model, batch, top=10), batches))
    assert all(a.equals(b) for a, b in zip(alone, together, strict=True))
    assert fingerprint(model) == before
