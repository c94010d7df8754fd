"""Numbers that do not depend on how many threads there are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest
import torch
from pandas.testing import assert_frame_equal

import resnet_core as rc
from resnet_core.pool.single_thread import single_thread

BATCH, LABELS = torch.randn(8, 3, 32, 32, generator=torch.Generator().manual_seed(0)), torch.arange(8)


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def flow() -> pd.DataFrame:
    return rc.gradient_flow("resnet56", BATCH, LABELS, shortcut="none", steps=2)


def sweep() -> pd.DataFrame:
    return rc.gradient_sweep(["resnet20"], [0, 1], batch=BATCH, labels=LABELS, workers=2, steps=2)


def path() -> pd.DataFrame:
    return rc.shattering("resnet56", BATCH[:2], shortcut="none", points=8, lags=3)


@pytest.mark.parametrize("measure", [flow, sweep, path])
def test_one_thread_and_two_give_the_same_numbers_bit_for_bit(measure: Callable[[], pd.DataFrame]) -> None:
    tables = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        tables.append(measure())
        assert torch.get_num_threads() == threads
    assert_frame_equal(*tables, check_exact=True)


def test_without_it_two_threads_do_give_other_numbers() -> None:
    """What the test above guards against is real on this machine."""
    losses = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        model = rc.build("resnet20", seed=0, num_classes=10).double().train()
        loss = torch.nn.functional.cross_entropy(model(BATCH.double()), LABELS)
        losses.append([g.sum().item() for g in torch.autograd.grad(loss, list(model.parameters()))])
    assert losses[0] != losses[1]


def test_measured_in_double_precision_unless_told_otherwise() -> None:
    options: dict[str, Any] = {"shortcut": "none"}
    double = rc.gradient_flow("resnet20", BATCH, LABELS, dtype=torch.float64, **options)
    single = rc.gradient_flow("resnet20", BATCH, LABELS, dtype=torch.float32, **options)
    assert_frame_equal(rc.gradient_flow("resnet20", BATCH, LABELS, **options), double, check_exact=True)
    assert (single["grad_norm"] != double["grad_norm"]).any()


def test_other_threads_and_those_to_come_keep_their_number_also_after_an_error() -> None:
    torch.set_num_threads(2)
    seen: list[int] = []
    begun, inside, left = threading.Event(), threading.Event(), threading.Event()

    def bystander() -> None:
        seen.append(torch.get_num_threads())
        begun.set()
        inside.wait(10)
        seen.append(torch.get_num_threads())
        left.set()

    thread = threading.Thread(target=bystander)
    thread.start()
    begun.wait(10)

    @single_thread()
    def fail() -> None:
        seen.append(torch.get_num_threads())
        inside.set()
        left.wait(10)
        newcomer = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
        newcomer.start()
        newcomer.join()
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail()
    thread.join()
    assert seen == [2, 1, 2, 2]  # bystander, inside, bystander meanwhile, newcomer
    assert torch.get_num_threads() == 2
