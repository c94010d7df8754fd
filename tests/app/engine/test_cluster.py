"""Where long work runs while a cluster is there, and what a visitor reads when it is not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import resnet_core as rc
from app.engine import cluster as module
from app.engine import cores
from app.engine.cluster import ENDED, GONE, Cluster
from app.engine.gate import Gate
from resnet_core.pool.interface import Results
from tests.app.test_pages import page_text, start


class FakePool(rc.LocalPool):
    """A cluster of three cores, in threads; `lost` says that it is gone."""

    def __init__(self) -> None:
        super().__init__(3)
        self.lost, self.troubles, self.calls = "", 0, 0

    def run(self, *args: Any, **options: Any) -> Results[Any, Any]:
        self.calls += 1
        if self.lost:
            raise rc.ClusterError(self.lost)
        yield from super().run(*args, **options)


def joined(pool: FakePool) -> Cluster:
    """A cluster that has been asked for and is there."""
    found = Cluster("somewhere:6379", lambda _address: pool)  # type: ignore[arg-type,return-value]
    until = time.monotonic() + 10
    while found.pool() is None:
        assert time.monotonic() < until
        time.sleep(0.01)
    return found


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> FakePool:
    pool = FakePool()
    cluster = joined(pool)
    for place in (cores, module):
        monkeypatch.setattr(place, "cluster", cluster)
    return pool


def thread_of(*, word: str, progress: rc.Progress) -> str:
    progress(1, 1)
    return f"{word} {threading.current_thread().name}"


def silent(_done: int, _total: int) -> None:
    """Progress that goes nowhere."""


def test_long_work_goes_to_the_cluster_and_quick_work_stays(pool: FakePool) -> None:
    me = threading.current_thread().name
    assert cores.run_on_core("quick", thread_of, silent, long=False, word="here") == f"here {me}"
    assert pool.calls == 0
    assert me not in cores.run_on_core("long", thread_of, silent, word="there")
    assert pool.calls == 1
    assert cores.cores() == 3
    assert cores.cluster.said() == ""


def test_this_server_takes_over_when_the_cluster_is_gone(pool: FakePool) -> None:
    pool.lost = "The cluster at somewhere:6379 does not answer any more."
    me = threading.current_thread().name
    assert cores.run_on_core("long", thread_of, silent, word="here") == f"here {me}"
    assert cores.cluster.said() == GONE
    assert cores.cluster.cores == 0


def test_a_loss_in_the_middle_of_the_work_begins_it_again_here(pool: FakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_args: object, **_options: object) -> Iterator[None]:
        pool.lost = "gone"
        raise rc.ClusterError(pool.lost)
        yield

    monkeypatch.setattr(pool, "run", dies)
    assert cores.run_on_core("long", thread_of, silent, word="here").startswith("here")
    assert cores.cluster.said() == GONE


def test_who_waits_for_a_core_of_a_cluster_that_is_then_gone_is_served_here(pool: FakePool) -> None:
    pool.cores, until = 0, time.monotonic() + 10

    def patient(_done: int, _total: int) -> None:
        assert time.monotonic() < until

    threading.Timer(0.2, setattr, (pool, "lost", "gone")).start()
    assert cores.run_on_core("long", thread_of, patient, word="here").startswith("here")
    assert pool.calls == 0
    assert cores.cluster.said() == GONE


def test_a_process_that_has_ended_is_told_for_a_while(pool: FakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    pool.troubles += 1
    assert cores.cluster.said() == ENDED
    monkeypatch.setattr(module, "RECENT", 0.0)
    assert cores.cluster.said() == ""


def test_a_cluster_that_never_answers_is_asked_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def join(address: str) -> rc.RayPool:
        asked.append(address)
        raise rc.ClusterError("No cluster answers.")

    cluster = Cluster("somewhere:6379", join)
    assert cluster.pool() is None
    until = time.monotonic() + 10
    while cluster.said() != GONE:
        assert time.monotonic() < until
    assert asked == ["somewhere:6379"]
    monkeypatch.setattr(cluster, "_next", 0.0)
    assert cluster.pool() is None
    until = time.monotonic() + 10
    while len(asked) < 2:
        assert time.monotonic() < until


def test_no_setting_is_no_cluster_and_no_word_of_it() -> None:
    cluster = Cluster("")
    assert cluster.pool() is None
    assert cluster.said() == ""


def test_the_queue_counts_the_cores_of_the_cluster() -> None:
    gate, over, positions = Gate(1), threading.Event(), []

    def hold() -> None:
        with gate.acquire_away("held", silent, lambda: 2):
            assert over.wait(10)

    threads = [threading.Thread(target=hold) for _ in range(2)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 10
    while gate._away.running < 2:
        assert time.monotonic() < until
    lane_wait = gate._away._try

    def watched(me: object) -> int | None:
        before = lane_wait(me)
        positions.append(before)
        over.set()
        return before

    gate._away._try = watched  # type: ignore[method-assign]
    with gate.acquire_away("mine", silent, lambda: 2):
        pass
    assert positions[0] == 0
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("lost", ["", "The cluster at somewhere:6379 does not answer any more."])
def test_a_sweep_of_the_page_is_measured_on_the_cluster_or_here_when_it_is_gone(pool: FakePool, lost: str) -> None:
    seeds = "5" if lost else "1"  # other networks than those that are known by then
    pool.lost = lost
    app = start("gradients/page.py", depths_cifar="20", source="noise", seeds=seeds, steps="1")
    assert (pool.calls > 0) is not bool(lost)
    assert not app.exception
    assert not app.error
    assert "measured" in page_text(app)
