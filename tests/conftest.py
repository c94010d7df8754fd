"""Networks that many tests ask questions of."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator

import pytest
from torch import nn

import resnet_core as rc
from resnet_core.nets.model import ResNet, build
from tests.attributions import torchvisions_twin


def pytest_configure() -> None:
    """A thread a process: as many processes as cores, with as many threads each, would wait for one another."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # of the workers, which start after this, and of their servers


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Imports leave many objects and no garbage: looking for it among them took half of the time, and more later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture
def small() -> ResNet:
    """A ResNet-20 of the test's own, which it may change."""
    return build("resnet20", seed=0).eval()


@pytest.fixture(scope="module")
def resnet18() -> ResNet:
    return build("resnet18", seed=1).eval()


@pytest.fixture(scope="module")
def torchvisions(resnet18: ResNet) -> nn.Module:
    """torchvision's network with the weights of `resnet18`."""
    return torchvisions_twin(resnet18)


@pytest.fixture
def no_deep_cifar_weights() -> Iterator[None]:
    """Of the CIFAR nets only ResNet-20 and its twin have weights, whatever comes with the package by now."""
    all_of_them = dict(rc.WEIGHTS)
    for name, weights_id in all_of_them:
        if rc.VARIANTS[name].family == "cifar" and name != "resnet20":
            del rc.WEIGHTS[name, weights_id]
    yield
    rc.WEIGHTS.clear()
    rc.WEIGHTS.update(all_of_them)  # in their order, which the pages show
