"""A sweep of networks: bit for bit what each gives alone, as they come, and gone when nobody waits any more."""

import importlib
import threading
import time
from typing import Any

import pandas as pd
import pytest
import torch
from torch import Tensor

from resnet_core.errors import ResNetCoreError
from resnet_core.gradients.flow import gradient_flow
from resnet_core.gradients.sweep import gradient_sweep
from resnet_core.pool.local import THREADS

module = importlib.import_module("resnet_core.gradients.sweep")  # the package's own name for it is the function
NAMED = ["net", "variant", "shortcut", "seed"]


@pytest.fixture
def data() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    batch = torch.randn(4, 3, 16, 16, generator=generator)
    return {"batch": batch, "labels": torch.randint(0, 10, (4,), generator=generator)}


def left_over() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(THREADS)]


@pytest.mark.parametrize("workers", [1, 2, 5, None])
def test_every_number_is_that_of_a_lone_call_in_the_order_asked_for(data: dict[str, Tensor], workers: Any) -> None:
    options: dict[str, Any] = {"steps": 1, "lr": 0.05}
    table = gradient_sweep(["resnet32", "resnet20"], [1, 0], workers=workers, **data, **options)
    alone = []
    runs = []
    for variant, depth in (("resnet32", 32), ("resnet20", 20)):
        for shortcut, title in (("A", f"ResNet-{depth}"), ("none", f"plain-{depth}")):
            for seed in (1, 0):
                flow = gradient_flow(variant, **data, shortcut=shortcut, seed=seed, **options)
                runs.append({"net": title, "variant": variant, "shortcut": shortcut, "seed": seed, **flow.attrs})
                alone.append(flow.assign(net=title, variant=variant, shortcut=shortcut, seed=seed))
    expected = pd.concat(alone, ignore_index=True)
    assert table.columns.tolist() == [*NAMED, *flow.columns]
    pd.testing.assert_frame_equal(table, expected[table.columns], check_exact=True)
    assert table.attrs == {"runs": runs}
    assert not left_over()


def test_results_come_one_by_one_on_the_callers_thread(data: dict[str, Tensor]) -> None:
    came: list[pd.DataFrame] = []
    reports: list[tuple[int, int]] = []
    threads = set()

    def on_result(flow: pd.DataFrame) -> None:
        came.append(flow)
        threads.add(threading.get_ident())

    def progress(done: int, total: int) -> None:
        reports.append((done, total))
        threads.add(threading.get_ident())

    table = gradient_sweep(
        ["resnet20"], range(4), shortcuts=["none"], workers=2, on_result=on_result, progress=progress, **data
    )
    assert threads == {threading.get_ident()}
    assert all(flow["seed"].nunique() == 1 and len(flow.attrs["losses"]) == 1 for flow in came)
    together = pd.concat(came).sort_values(["seed", "depth"], ignore_index=True)
    pd.testing.assert_frame_equal(together, table, check_exact=True)
    assert reports == sorted(reports)
    assert reports[-1] == (4 * 23, 4 * 23)
    assert len(reports) >= 2


def test_progress_is_reported_while_a_network_is_at_work(
    data: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_args: object, **_options: object) -> pd.DataFrame:
        time.sleep(0.6)
        return pd.DataFrame({"depth": [1]})

    monkeypatch.setattr(module, "gradient_flow", slow)
    times = [time.monotonic()]
    gradient_sweep(["resnet20"], [0], shortcuts=["A"], progress=lambda *_: times.append(time.monotonic()), **data)
    assert len(times) >= 4  # 0.6 s at a report each 0.1 s, and some patience with a busy machine


class Stop(BaseException):
    """A cancellation."""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seeds of the networks that were begun."""
    seeds: list[int] = []

    def counted(*args: Any, **options: Any) -> pd.DataFrame:
        seeds.append(options["seed"])
        return gradient_flow(*args, **options)

    monkeypatch.setattr(module, "gradient_flow", counted)
    return seeds


@pytest.mark.parametrize("where", ["progress", "on_result"])
def test_an_exception_ends_all_workers(data: dict[str, Tensor], where: str, started: list[int]) -> None:
    def stop(*_: object) -> None:
        raise Stop("nobody waits any more")

    with pytest.raises(Stop, match="nobody waits any more"):
        gradient_sweep(["resnet20"], range(500), workers=2, **{where: stop}, **data)
    assert 1 <= len(started) < 50
    assert not left_over()


def test_a_worker_stops_in_the_middle_of_a_network(data: dict[str, Tensor]) -> None:
    def stop(done: int, _total: int) -> None:
        if done:
            raise Stop("nobody waits any more")

    before = time.monotonic()
    with pytest.raises(Stop, match="nobody waits any more"):
        # hours of work in a single network
        gradient_sweep(["resnet20"], [0], shortcuts=["A"], steps=10**6, progress=stop, **data)
    assert time.monotonic() - before < 10
    assert not left_over()


def test_an_error_in_one_network_ends_the_other_that_is_at_work(data: dict[str, Tensor], started: list[int]) -> None:
    before = time.monotonic()
    with pytest.raises(ResNetCoreError, match="needs norm='batch' and a shortcut, but norm is 'batch' and shortcut is"):
        gradient_sweep(
            ["resnet20"], [7], shortcuts=["A", "none"], zero_init_residual=True, workers=2, steps=10**6, **data
        )
    assert time.monotonic() - before < 10
    assert started == [7, 7]
    assert not left_over()


def test_a_network_named_twice_is_measured_once_and_another_shortcut_is_in_its_name(data: dict[str, Tensor]) -> None:
    table = gradient_sweep(["resnet20"], [0, 0], shortcuts=[None, "A", "B"], **data)
    assert table.groupby("net", sort=False).size().to_dict() == {"ResNet-20": 19, "ResNet-20 (B)": 19}


@pytest.mark.parametrize(("device", "workers"), [("cpu", None), ("cuda", 1)])
def test_a_gpu_has_one_worker(
    data: dict[str, Tensor], device: str, workers: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def local_pool(workers: int | None) -> None:
        asked.append(workers)
        raise Stop

    monkeypatch.setattr(module, "resolve_device", torch.device)
    monkeypatch.setattr(module, "LocalPool", local_pool)
    with pytest.raises(Stop):
        gradient_sweep(["resnet20"], [0], device=device, **data)
    assert asked == [workers]


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"variants": []}, "A sweep needs at least one variant, one shortcut and one seed"),
        ({"seeds": []}, "A sweep needs at least one variant"),
        ({"shortcuts": []}, "A sweep needs at least one variant"),
        ({"workers": 0}, "workers is 0, but at least 1 is needed"),
        ({"variants": ["resnet20", "resnet19"]}, "The variant is 'resnet19', but must be one of"),
        ({"shortcuts": ["D"]}, "shortcut is 'D', but must be one of"),
        ({"steps": -1}, "steps is -1, but must be a whole number of SGD steps"),
        ({"labels": torch.tensor([0, 1, 2, 10])}, "The labels hold 10, but must be 4 whole class numbers from 0 to 9"),
    ],
)
def test_bad_input(data: dict[str, Tensor], changes: dict[str, Any], match: str) -> None:
    with pytest.raises(ResNetCoreError, match=match):
        gradient_sweep(**{"variants": ["resnet20"], "seeds": [0], **data, **changes})
    assert not left_over()
