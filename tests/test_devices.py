"""The same numbers on every device, whatever the caller has switched on around us, and results that lie on the CPU.

`tests.accelerator` plays the device, so this needs none. The last test asks the real ones, where there are any.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

import resnet_core as rc
from resnet_core.errors import ResNetCoreError
from resnet_core.gradients._throwaway import throwaway
from resnet_core.nets.model import ResNet, for_inference
from resnet_core.variants import Variant
from tests.accelerator import CPU, FAR, Accelerator, real
from tests.attributions import POOLED, TINY, pictures, run

Look = Callable[[ResNet, Tensor], Any]
UNTIMED = {"seconds"}  # of a record: what no two runs share
LABELS = torch.arange(4) % 10


def device_of(model: ResNet) -> torch.device:
    return model.fc.weight.device


def edited(model: ResNet, batch: Tensor) -> pd.DataFrame:
    gone = torch.arange(batch[0, :1].numel(), device=CPU).view_as(batch[0, :1]) % 3 == 0
    return rc.edit_effect(model, batch[:1], gone, "blur")


def checked(check: str) -> Look:
    method = "integrated_gradients" if check == "completeness" else "saliency"
    few = {
        "randomisation": {"draws": 1},
        "random_logit": {"classes": 2},
        "deletion": {"steps": 4, "random_maps": 1},
        "infidelity": {"squares": 8},
        "sensitivity": {"samples": 2},
    }

    def look(model: ResNet, batch: Tensor) -> rc.TrustRecord:
        one = batch[:1]
        return rc.trust(model, one, run(model, one, method, target=0), (check,), **few.get(check, {}))

    return look


def blank(model: ResNet, batch: Tensor) -> rc.TrustRecord:
    """A map that is 0 everywhere, so that every cause is looked for."""
    one = torch.zeros_like(batch[:1])
    return rc.trust(model, one, rc.attribute(model, one, 0, "input_x_gradient"))


def photo(model: ResNet, _batch: Tensor) -> Tensor:
    noise = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    return rc.preprocess(Image.fromarray(noise), model).cpu()


LOOKS: dict[str, Look] = {
    "preprocess": photo,
    "predict": lambda model, batch: rc.predict(model, batch),
    "capture": lambda model, batch: rc.capture(model, batch),
    "measures": lambda model, batch: rc.measures(rc.capture(model, batch)),
    "contributions": lambda model, batch: rc.contributions(model, batch, "layer2.0", 3),
    "effective_field": lambda model, batch: rc.effective_field(model, batch, "layer2.0", 3, 3),
    "edit_effect": edited,
    "lesion": lambda model, batch: rc.lesion(model, batch, remove=["layer2.0"]),
    "lesion, resampled": lambda model, batch: rc.lesion(model, batch, remove=["layer2.0"], replace="resample"),
    "lesion, recalibrated": lambda model, batch: rc.lesion(model, batch, recalibrate=batch),
    "lesion_study": lambda model, batch: rc.lesion_study(model, batch, LABELS),
    "subnetworks": lambda model, batch: rc.subnetworks(model, batch, LABELS).table,
    "path_spectrum": lambda model, batch: rc.path_spectrum(model, batch, LABELS, samples=2),
    "readouts": lambda model, batch: rc.readouts(model, batch),
    "blank map": blank,
    **{check: checked(check) for check in rc.CHECKS},
}
MAPS: dict[str, Look] = {
    method: lambda model, batch, method=method: run(model, batch[:2], method)  # type: ignore[misc]
    for method in rc.METHODS
}
FLOWS: dict[str, Look] = {
    "gradient_flow": lambda model, batch: rc.gradient_flow(
        model.variant, batch, LABELS, device=device_of(model), dtype=model.fc.weight.dtype
    ),
    "gradient_flow of weights": lambda model, batch: rc.gradient_flow(
        model.variant, batch, LABELS, weights=model, device=device_of(model), dtype=model.fc.weight.dtype
    ),
    "shattering": lambda model, batch: rc.shattering(
        model.variant, batch[:2], points=4, lags=2, device=device_of(model), dtype=model.fc.weight.dtype
    ),
}


def assert_same(found: Any, expected: Any, *, rtol: float = 1e-5, atol: float = 1e-6, at: str = "result") -> None:
    """Equal but for rounding, all of it on the CPU."""
    if isinstance(expected, Tensor):
        assert found.device == CPU, at
        torch.testing.assert_close(
            found, expected, rtol=rtol, atol=atol, equal_nan=True, msg=lambda why: f"{at}: {why}"
        )
    elif isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, rtol=rtol, atol=atol, obj=at)
    elif is_dataclass(expected):
        for name in {field.name for field in fields(expected)} - UNTIMED:
            assert_same(getattr(found, name), getattr(expected, name), rtol=rtol, atol=atol, at=f"{at}.{name}")
    elif isinstance(expected, tuple):
        for place, (one, other) in enumerate(zip(found, expected, strict=True)):
            assert_same(one, other, rtol=rtol, atol=atol, at=f"{at}[{place}]")
    else:
        assert found == (pytest.approx(expected, rel=rtol, abs=atol) if isinstance(expected, float) else expected), at


def network(variant: Variant, **options: Any) -> ResNet:
    return rc.build(variant, seed=0, **options).eval()


@contextmanager
def careless() -> Iterator[None]:
    """What a notebook may have switched on for the caller's own work: another device, and half precision."""
    with Accelerator(), torch.device(FAR), torch.autocast("cpu", dtype=torch.bfloat16):
        yield


@pytest.mark.parametrize(("name", "variant"), [(n, TINY) for n in LOOKS] + [(n, POOLED) for n in MAPS])
def test_the_same_on_a_device_that_knows_no_float64(name: str, variant: Variant) -> None:
    look, batch = {**LOOKS, **MAPS}[name], pictures(4, 32, 32)
    with Accelerator(double=False):
        found = look(network(variant, device=FAR), batch)
    rtol = 1e-4 if name == "randomisation" else 1e-5  # where rounding lets two pixels change their places
    assert_same(found, look(network(variant), batch), rtol=rtol)


@pytest.mark.parametrize(("name", "variant"), [(n, TINY) for n in [*LOOKS, *FLOWS]] + [(n, POOLED) for n in MAPS])
def test_the_same_inside_autocast_and_with_another_default_device(name: str, variant: Variant) -> None:
    look, batch = {**LOOKS, **MAPS, **FLOWS}[name], pictures(4, 32, 32)
    with careless():
        found = look(network(variant), batch)
    assert_same(found, look(network(variant), batch))


def test_paths_in_double_precision_on_a_device_that_knows_none() -> None:
    with Accelerator(double=False), pytest.MonkeyPatch.context() as patch:
        patch.setattr("resnet_core.lesions.spectrum.NO_DOUBLE", (FAR.type,))
        with pytest.raises(ResNetCoreError, match="The device 'lazy' does not support torch.float64; use dtype"):
            rc.path_spectrum(network(TINY, device=FAR), pictures(1, 32, 32), 0, dtype=torch.float64)


@pytest.mark.parametrize("name", FLOWS)
def test_gradients_on_a_device(name: str) -> None:
    batch = pictures(4, 32, 32)
    with Accelerator():
        found = FLOWS[name](network(TINY, device=FAR).double(), batch)
    assert_same(found, FLOWS[name](network(TINY).double(), batch), rtol=1e-6)


@pytest.mark.parametrize("name", FLOWS)
def test_gradients_on_a_device_that_knows_no_float64(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = pictures(4, 32, 32)
    monkeypatch.setattr("resnet_core.gradients._norms.NO_DOUBLE", (FAR.type,))
    with Accelerator(double=False):
        found = FLOWS[name](network(TINY, device=FAR), batch)
    assert_same(found, FLOWS[name](network(TINY), batch), rtol=1e-2)  # in another memory order sums round differently


def test_double_precision_of_weights_on_a_device_that_knows_none() -> None:
    batch = pictures(4, 32, 32)
    expected = rc.gradient_flow(TINY, batch, LABELS, weights=network(TINY), dtype=torch.float64)
    with Accelerator(double=False):
        far, there = network(TINY, device=FAR), batch.to(FAR)
        found = rc.gradient_flow(TINY, there, LABELS, weights=far, dtype=torch.float64, device="cpu")
    assert_same(found, expected)


def test_weights_are_loaded_to_the_cpu_whatever_the_default_device_is() -> None:
    expected = rc.load("resnet20", "cifar10", device="cpu").state_dict()
    with careless():
        found = rc.load("resnet20", "cifar10", device="cpu").state_dict()
    assert_same(tuple(found.values()), tuple(expected.values()), rtol=0, atol=0)


def test_tensors_of_a_record_share_memory_also_when_they_come_from_a_device() -> None:
    with Accelerator():
        record = rc.capture(network(TINY, device=FAR), pictures(1, 32, 32))
    first, second = record.blocks[:2]
    assert second.x is first.y
    assert first.shortcut is first.x


def test_one_picture_crosses_to_the_cpu_once() -> None:
    with Accelerator() as device:
        model = network(TINY, device=FAR)
        device.waits.clear()
        rc.predict(model, pictures(1, 32, 32))
    assert dict(device.waits) == {"aten::_to_copy": 1}


# --- float32 is multiplied as float32


CONV: Any = torch.backends.cudnn.conv  # type: ignore[attr-defined]
PRODUCT: Any = torch.backends.mkldnn.matmul  # type: ignore[attr-defined]


@pytest.fixture
def coarse_products() -> Iterator[None]:
    """A caller who lets the CPU round what it multiplies, as `torch.set_float32_matmul_precision` does."""
    before = PRODUCT.fp32_precision
    PRODUCT.fp32_precision = "bf16"
    yield
    PRODUCT.fp32_precision = before


@pytest.mark.usefixtures("coarse_products")
def test_nothing_rounds_float32_before_it_is_multiplied_while_we_work(small: ResNet) -> None:
    assert (CONV.fp32_precision, PRODUCT.fp32_precision) == ("tf32", "bf16")  # the first is PyTorch's own choice
    seen = set()
    rc.predict(
        small,
        pictures(1, 32, 32),
        progress=lambda _done, _total: seen.add((CONV.fp32_precision, PRODUCT.fp32_precision)),
    )
    assert seen == {("ieee", "ieee")}
    assert (CONV.fp32_precision, PRODUCT.fp32_precision) == ("tf32", "bf16")


def test_the_precision_comes_back_after_an_error(small: ResNet) -> None:
    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rc.capture(small, pictures(1, 32, 32), progress=stop)
    assert CONV.fp32_precision == "tf32"


def test_a_thread_that_ends_does_not_take_the_precision_from_another(small: ResNet) -> None:
    seen = []

    def while_another_comes_and_goes(done: int, _total: int) -> None:
        if done == 1:
            other = threading.Thread(target=rc.predict, args=(small, pictures(1, 32, 32)))
            other.start()
            other.join()
        seen.append(CONV.fp32_precision)

    rc.predict(small, pictures(1, 32, 32), progress=while_another_comes_and_goes)
    assert set(seen) == {"ieee"}
    assert CONV.fp32_precision == "tf32"


# --- errors


@pytest.mark.parametrize("look", [rc.predict, rc.capture, rc.attribute])
def test_a_network_without_numbers_is_refused(look: Look) -> None:
    with pytest.raises(ResNetCoreError, match="The network is on the device 'meta', which holds no numbers: build or"):
        look(network(TINY, device="meta"), pictures(1, 32, 32))


@pytest.mark.parametrize(
    ("said", "raised"), [("MPS backend out of memory (MPS allocated: 9 GB)", ResNetCoreError), ("other", RuntimeError)]
)
def test_a_full_apple_gpu(said: str, raised: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_model: ResNet, _x: Tensor) -> Tensor:
        raise RuntimeError(said)  # Apple's has no error of its own

    monkeypatch.setattr(ResNet, "head", full)
    with pytest.raises(raised, match="too little free memory for tiny" if raised is ResNetCoreError else said):
        rc.gradient_flow(TINY, pictures(4, 32, 32), LABELS)


# --- the accelerator that plays the device, and real ones


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda far: far + torch.ones(2), r"aten::add\.Tensor was given tensors on the device and"),
        (lambda _far: torch.rand(2, device=FAR, generator=torch.Generator()), "was given a generator of the CPU"),
        (lambda far: far.normal_(generator=torch.Generator()), "was given a generator of the CPU"),
        (lambda far: far.double(), "asks the device for float64"),
        (lambda far: far.to(CPU, torch.float64), "asks the device for float64"),
        (lambda _far: torch.zeros(2, dtype=torch.float64, device=FAR), "float64 does not exist on the device"),
        (lambda far: far.numpy(), r"\.numpy\(\) is not supported"),
        (
            lambda far: functional.interpolate(far.byte().view(1, 1, 2, 1), size=(4, 4), mode="bilinear"),
            "of uint8 is not implemented on the device",
        ),
    ],
)
def test_the_accelerator_finds_mistakes(mistake: Callable[[Tensor], object], message: str) -> None:
    with Accelerator(double=False), pytest.raises((RuntimeError, TypeError), match=message):
        mistake(torch.zeros(2, device=FAR))


@real
def test_a_real_accelerator_agrees_with_the_cpu(kind: str) -> None:
    batch = pictures(4, 64, 64)
    near, far = (for_inference(network(POOLED), torch.device(device)) for device in ("cpu", kind))
    for look in (LOOKS["predict"], LOOKS["capture"], MAPS["integrated_gradients"], MAPS["grad_cam"]):
        assert_same(look(far, batch), look(near, batch), rtol=1e-3, atol=1e-4)
    assert_same(FLOWS["gradient_flow"](far, batch), FLOWS["gradient_flow"](near, batch), rtol=1e-2)
    exact = throwaway(POOLED, rc.Build(), weights=far, dtype=torch.float64)  # by way of the CPU
    assert exact.fc.weight.dtype == torch.float64
