"""Tasks on all cores: as many at once as there are cores, and what is shown of their progress."""

import threading

import pytest

import resnet_core as rc
from resnet_core.pool.local import LocalPool
from resnet_core.progress import Progress


def test_there_is_a_thread_for_each_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    all_here = threading.Barrier(3, timeout=10)

    def meet(_task: str, _report: Progress) -> int:
        return all_here.wait()

    assert {future.result() for _, future in LocalPool().run(meet, ["one", "two", "three"])} == {0, 1, 2}


def test_a_task_counts_as_much_as_its_size_in_the_shares_that_it_reports() -> None:
    reports: list[tuple[int, int]] = []
    looked = threading.Event()

    def work(size: int, report: Progress) -> None:
        report(size // 2, size)
        assert looked.wait(10)

    def progress(done: int, total: int) -> None:
        reports.append((done, total))
        if done == 15:
            looked.set()

    list(LocalPool(2).run(work, [10, 20], sizes=[10, 20], progress=progress))
    assert reports[-1] == (30, 30)
    assert (15, 30) in reports


def test_work_that_a_cluster_has_lost_does_not_count_as_done() -> None:
    reports: list[int] = []

    def work(_task: int, report: Progress) -> None:
        report(1, 2)
        raise rc.ClusterError("gone")

    ((_, future),) = LocalPool(2).run(work, [1], sizes=[10], progress=lambda done, _: reports.append(done))
    assert isinstance(future.exception(), rc.ClusterError)
    assert reports[-1] == 5
