"""The bench's longest silence, with a clock of our own."""

import pytest

import resnet_core as rc
from tests import bench_cancel


@pytest.mark.parametrize(
    ("moments", "longest"),
    [([0.0, 1.0, 1.5, 2.0], 1.0), ([0.0, 0.5, 3.0, 3.5], 2.5), ([0.0, 0.5, 1.0, 5.0], 4.0)],
)
def test_the_longest_time_without_a_report_counts_beginning_and_end(
    monkeypatch: pytest.MonkeyPatch, moments: list[float], longest: float
) -> None:
    clock = iter(moments)
    monkeypatch.setattr(bench_cancel.time, "perf_counter", lambda: next(clock))

    def work(progress: rc.Progress) -> None:
        progress(1, 2)
        progress(2, 2)

    assert bench_cancel.longest_silence(work) == longest
