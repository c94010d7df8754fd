"""A cluster gives the numbers of this machine, ends what nobody waits for, and survives what dies."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
import torch
from pandas.testing import assert_frame_equal

import resnet_core as rc
from resnet_core.pool.interface import Pool
from resnet_core.pool.local import LocalPool
from resnet_core.pool.single_thread import single_thread
from tests.resnet_core.pool import works
from tests.resnet_core.pool.conftest import Machines
from tests.resnet_core.pool.sockets import family, strangers

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning:ray")
BATCH = torch.randn(6, 3, 32, 32, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(6)


@pytest.fixture(params=["bundled", "own"])
def model(request: pytest.FixtureRequest) -> rc.ResNet:
    if request.param == "bundled":
        return rc.load("resnet20", "cifar10", device="cpu")
    return rc.build("resnet20", seed=3).eval()


def all_of(pool: Pool, *args: object, **options: object) -> list[object]:
    return [future.result() for _, future in pool.run(*args, **options)]  # type: ignore[arg-type]


def test_the_logits_of_a_network_are_bit_for_bit_those_of_this_machine(pool: rc.RayPool, model: rc.ResNet) -> None:
    here = all_of(LocalPool(2), works.logits, range(4), shared=(model, BATCH))
    there = all_of(pool, works.logits, range(4), shared=(model, BATCH))
    assert pool.cores == 2
    assert pool.same_processor
    for one, other in zip(here, there, strict=True):
        assert torch.equal(one, other)  # type: ignore[arg-type]


def test_both_cores_work_at_once_and_tell_their_progress(pool: rc.RayPool) -> None:
    reports: list[int] = []
    processes = all_of(pool, works.slow, [0.8, 0.8], sizes=[100, 100], progress=lambda done, _: reports.append(done))
    assert len(set(processes)) == 2
    assert reports == sorted(reports)
    assert reports[-1] == 200
    assert len({*reports}) >= 4


def test_studies_and_sweeps_are_bit_for_bit_those_of_this_machine(pool: rc.RayPool) -> None:
    model = rc.load("resnet20", "cifar10", device="cpu")
    batch, labels = BATCH.repeat(30, 1, 1, 1), LABELS.repeat(30)  # three parts of a pass
    for again in (None, BATCH):
        study = partial(rc.lesion_study, model, batch, labels, recalibrate=again)
        assert_frame_equal(study(pool=pool), study(), check_exact=True)
        shuffled = partial(rc.shuffle_study, model, batch, labels, samples=3, recalibrate=again)
        assert_frame_equal(shuffled(pool=pool), shuffled(), check_exact=True)
    few = partial(rc.subnetworks, model, batch, labels, samples=2)
    assert_frame_equal(few(pool=pool).table, few().table, check_exact=True)
    sweep = partial(rc.gradient_sweep, ["resnet20"], [0], batch=BATCH, labels=LABELS)
    assert_frame_equal(sweep(pool=pool), sweep(), check_exact=True)


@pytest.mark.parametrize("target", [None, list(range(6)) * 6])
def test_maps_of_many_pictures_are_bit_for_bit_those_of_this_machine(
    pool: rc.RayPool, target: list[int] | None
) -> None:
    model = rc.load("resnet20", "cifar10", device="cpu")
    many = BATCH.repeat(6, 1, 1, 1) * torch.linspace(0.5, 2, 36)[:, None, None, None]  # two passes
    maps = partial(rc.attribute, model, many, target, steps=8)
    there = maps(pool=pool)
    for here in (maps(pool=LocalPool(2)), single_thread()(maps)()):
        for name in ("target", "map", "raw", "delta"):
            assert torch.equal(getattr(there, name), getattr(here, name))
        assert there.options == here.options


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists the connections of a process as a file")
def test_a_cluster_speaks_to_nobody_outside(machines: Machines, pool: rc.RayPool) -> None:
    talking = family(os.getpid())
    assert {pool.process, machines.second.all_processes["raylet"][0].process.pid} < talking
    assert strangers(talking) == set()


def test_an_error_is_that_of_the_work(pool: rc.RayPool) -> None:
    with pytest.raises(rc.ResNetCoreError, match="no square of 3"):
        all_of(pool, works.odd_fails, [2, 3])


def test_work_that_nobody_waits_for_ends_with_its_next_report(pool: rc.RayPool, tmp_path: Path) -> None:
    """Within 250 ms and one report, here of 20 ms; a busy machine gets some patience."""

    def stop(_done: int, _total: int) -> None:
        if len(list(tmp_path.glob("begun-*"))) == 2:
            raise InterruptedError

    tasks = [str(tmp_path / str(number)) for number in range(20)]
    with pytest.raises(InterruptedError), closing(pool.run(works.until_stopped, tasks, progress=stop)) as results:
        next(results)
    stopped = time.time()
    works.wait_for(lambda: len(list(tmp_path.glob("*-ended"))) == 2)
    assert max(float(path.read_text()) for path in tmp_path.glob("*-ended")) - stopped < 0.25 + 0.02 + 0.5
    assert all_of(pool, works.square, [3]) == [9]
    assert len(list(tmp_path.glob("begun-*"))) == 2


def test_a_worker_that_is_killed_costs_its_piece_of_work_only(pool: rc.RayPool, tmp_path: Path) -> None:
    before = pool.troubles
    tasks = [(str(tmp_path), number, 0.3) for number in range(6)]
    victim = threading.Thread(target=works.kill_one, args=(tmp_path,))
    victim.start()
    found = all_of(pool, works.noted, tasks)
    victim.join()
    assert sorted(found) == list(range(6))  # type: ignore[type-var]
    assert pool.troubles == before + 1
    assert len(list(tmp_path.glob("run-*"))) == 7


def test_a_hundred_pieces_come_once_each_though_workers_die(pool: rc.RayPool, tmp_path: Path) -> None:
    before = pool.troubles
    over = threading.Event()

    def killer() -> None:
        for _ in range(3):
            works.wait_for(lambda: over.is_set() or any(tmp_path.glob("pid-*")), 30)
            if not over.wait(0.5):
                works.kill_one(tmp_path)

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        found = all_of(pool, works.noted, [(str(tmp_path), number, 0.05) for number in range(100)])
    finally:
        over.set()
        thread.join()
    assert sorted(found) == list(range(100))  # type: ignore[type-var]
    assert pool.troubles > before


def test_memory_stays_flat_over_five_hundred_pieces(pool: rc.RayPool) -> None:
    model = rc.load("resnet20", "cifar10", device="cpu")

    def memory() -> float:
        found = all_of(pool, works.memory, range(40), shared=(model, BATCH))
        return max(size for _, size in found)  # type: ignore[misc]

    all_of(pool, works.logits, range(50), shared=(model, BATCH))
    before = memory()
    all_of(pool, works.logits, range(500), shared=(model, BATCH))
    assert memory() - before < 20


def test_a_machine_that_dies_is_made_up_for_by_the_other(machines: Machines, pool: rc.RayPool, tmp_path: Path) -> None:
    tasks = [(str(tmp_path), number, 0.5) for number in range(12)]
    results = pool.run(works.noted, tasks)
    found = [next(results)[1].result()]
    machines.kill_second()
    works.wait_for(lambda: pool.cores == 1, 15)
    found += [future.result() for _, future in results]
    assert sorted(found) == list(range(12))
    machines.second = machines.add()
    works.wait_for(lambda: pool.cores == 2, 30)
    assert len(set(all_of(pool, works.slow, [0.5, 0.5]))) == 2


@pytest.mark.parametrize(
    ("address", "token", "match"),
    [
        ("127.0.0.1:9", None, "No cluster answers at 127.0.0.1:9"),
        (None, "another" * 5, "refuses the token in RAY_AUTH_TOKEN"),
    ],
)
def test_why_there_is_no_cluster_is_one_sentence(
    machines: Machines, address: str | None, token: str | None, match: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if token is not None:
        monkeypatch.setenv("RAY_AUTH_TOKEN", token)
    begun = time.monotonic()
    with pytest.raises(rc.ClusterError, match=match):
        rc.RayPool(address or machines.address)
    assert time.monotonic() - begun < 40  # 10 s, and imports on a busy machine


def test_a_cluster_of_its_own_never_joins_one_that_runs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = pytest.importorskip("ray", reason='needs Ray: pip install "resnet-explorer[cluster]"')
    from resnet_core.pool._driver import connect

    asked: list[str] = []
    monkeypatch.setattr(ray, "init", lambda address=None, **_options: asked.append(address))
    connect("", 1, lambda _word: None)
    assert asked == ["local"]


def test_a_cluster_that_is_gone_tells_everybody_who_waits(pool: rc.RayPool) -> None:
    """Last, as it is gone afterwards."""
    results = pool.run(works.slow, [30.0])
    threading.Timer(0.5, os.kill, (pool.process, signal.SIGKILL)).start()
    with pytest.raises(rc.ClusterError, match="does not answer any more"):
        next(results)[1].result()
    assert pool.lost
    with pytest.raises(rc.ClusterError, match="does not answer any more"):
        all_of(pool, works.square, [1])
