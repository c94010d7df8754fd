"""None of them leaves anything on the model, whatever happens, and threads do not disturb each other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from torch import Tensor

import resnet_core as rc
from resnet_core.errors import ResNetCoreError
from resnet_core.nets.model import ResNet
from tests.fingerprints import fingerprint
from tests.resnet_core.lesions.nets import Broken, Stop, batch, labels, net, stop
from tests.test_devices import assert_same

Look = Callable[..., Any]
LOOKS: dict[str, Look] = {
    "lesion": lambda model, x, **more: rc.lesion(model, x, remove=["layer1.1"], **more),
    "recalibrated": lambda model, x, **more: rc.lesion(model, x, recalibrate=batch(4, seed=9), **more),
    "lesion_study": lambda model, x, **more: rc.lesion_study(model, x, labels(len(x)), **more),
    "recalibrated study": lambda model, x, **more: rc.lesion_study(
        model, x, labels(len(x)), recalibrate=batch(4, seed=9), **more
    ),
    "shuffle_study": lambda model, x, **more: rc.shuffle_study(model, x, labels(len(x)), samples=2, **more),
    "subnetworks": lambda model, x, **more: rc.subnetworks(model, x, labels(len(x)), **more),
    "path_spectrum": lambda model, x, **more: rc.path_spectrum(model, x, 3, samples=2, **more),
    "in double precision": lambda model, x, **more: rc.path_spectrum(model, x, 3, dtype=torch.float64, **more),
    "readouts": lambda model, x, **more: rc.readouts(model, x, **more),
}


def success(look: Look, model: ResNet) -> None:
    look(model, batch())


def wrong_input(look: Look, model: ResNet) -> None:
    with pytest.raises(ResNetCoreError, match=r"\(1, 1, 8, 8\), but a network reads"):
        look(model, torch.zeros(1, 1, 8, 8))


def failing_module(look: Look, model: ResNet) -> None:
    model.layer2[1].bn2 = Broken()
    before = fingerprint(model)
    with pytest.raises(RuntimeError, match="a broken module"):
        look(model, batch())
    assert fingerprint(model) == before


def cancellation(look: Look, model: ResNet) -> None:
    with pytest.raises(Stop):
        look(model, batch(), progress=stop)


def late_cancellation(look: Look, model: ResNet) -> None:
    """Just before the end, so that all that could be left behind is there."""

    def stop_late(done: int, total: int) -> None:
        if done == total:
            raise Stop

    with pytest.raises(Stop):
        look(model, batch(), progress=stop_late)


@pytest.mark.parametrize("happening", [success, wrong_input, failing_module, cancellation, late_cancellation])
@pytest.mark.parametrize("mode", ["train", "eval", "mixed"])
@pytest.mark.parametrize("name", LOOKS)
def test_nothing_is_left_behind(happening: Callable[[Look, ResNet], None], mode: str, name: str) -> None:
    model = net().train(mode == "train")
    if mode == "mixed":
        model.layer1[0].train()
    calls: list[int] = []
    model.layer1[0].register_forward_hook(lambda *_: calls.append(1))
    before = fingerprint(model)
    happening(LOOKS[name], model)
    if happening is not failing_module:
        assert fingerprint(model) == before
    assert calls == []  # the user's own hook did not fire either: the work was done elsewhere


@pytest.mark.parametrize("name", LOOKS)
def test_train_mode_gives_what_eval_mode_gives(name: str) -> None:
    assert_same_result(LOOKS[name](net().train(), batch()), LOOKS[name](net(), batch()))


@pytest.mark.parametrize("name", LOOKS)
def test_threads_on_one_model_get_what_each_gets_alone(name: str) -> None:
    model = net()
    batches = [batch(2, seed=index) for index in range(4)]
    alone = [LOOKS[name](model, x) for x in batches]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda x: LOOKS[name](model, x), batches * 2))
    for index, found in enumerate(together):
        assert_same_result(found, alone[index % 4])


def assert_same_result(found: Any, expected: Any) -> None:
    """Bit for bit."""
    if isinstance(expected, Tensor):
        assert torch.equal(found, expected)
    elif isinstance(expected, rc.Subnetworks):
        assert found.table.equals(expected.table)
    elif isinstance(expected, rc.PathSpectrum):
        assert torch.equal(found.gradients, expected.gradients)
        assert_same(found.table, expected.table, rtol=0, atol=0)
    else:
        assert_same(found, expected, rtol=0, atol=0)


@pytest.mark.parametrize("name", LOOKS)
def test_progress_grows_to_the_end(name: str) -> None:
    seen: list[tuple[int, int]] = []
    LOOKS[name](net(), batch(), progress=lambda *report: seen.append(report))
    done, totals = zip(*seen, strict=True)
    assert list(done) == sorted(done)
    assert len(seen) >= 4
    assert set(totals) == {done[-1]}


@pytest.mark.parametrize("name", LOOKS)
def test_results_hold_no_graph(name: str) -> None:
    found = LOOKS[name](net(), batch().requires_grad_())
    for tensor in (found, getattr(found, "gradients", None)):
        assert not (isinstance(tensor, Tensor) and tensor.requires_grad)
