"""What is freed goes back to the machine."""

import os
import re
import subprocess
import sys
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from app.engine import allocator
from app.engine.gate import Gate
from tests.serving import ROOT

MIB = 2**20
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux says of a process")


class Held:
    """Keeps what it is given."""

    def __init__(self, kept: object) -> None:
        self.kept = kept


def resident() -> int:
    found = re.search(r"RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return 1024 * int(found[1])


def holes(count: int) -> list[torch.Tensor]:
    """Small results that stand between large ones that were freed: holes of a MiB each."""
    torch.ones(31 * MIB, dtype=torch.uint8)  # after this was freed, glibc keeps what is smaller
    pieces = [(torch.ones(MIB, dtype=torch.uint8), torch.ones(2**15, dtype=torch.uint8)) for _ in range(count)]
    return [small for _, small in pieces]


@LINUX
@pytest.mark.skipif(allocator.heap.trim is None, reason="not glibc")
def test_a_piece_of_work_leaves_no_holes_behind() -> None:
    """In a process of its own: in one that has worked before, holes may lie in what was free already."""
    program = "from tests.app.engine.test_allocator import dig_and_give_back as work; work()"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def dig_and_give_back() -> None:
    allocator.EVERY = 0.0
    gate = Gate(1)
    with gate.acquire_core("clear the heap"):
        pass
    before = resident()
    with gate.acquire_core("something"):
        kept = holes(100)
        full = resident()
    assert len(kept) == 100
    assert full - before > 80 * MIB  # there are holes to give back
    assert resident() - before < 10 * MIB


def test_the_heap_is_looked_through_now_and_then_not_after_every_click(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    clock = iter([0.0, 0.0, 1.0, 4.9, 5.0, 5.0])
    told: Callable[[], float] = lambda: next(clock)  # noqa: E731
    monkeypatch.setattr(allocator.time, "monotonic", told)
    heap = allocator.Heap()
    monkeypatch.setattr(heap, "trim", looks.append)
    for _ in range(4):
        heap.give_back()
    assert looks == [0, 0]
    assert next(clock, None) is None


def test_what_refers_only_to_itself_is_freed() -> None:
    ring: list[object] = []
    ring.append(Held(ring))
    held = weakref.ref(ring[0])
    del ring
    allocator.Heap().give_back()
    assert held() is None


def test_the_heap_has_at_most_one_arena_a_core(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(allocator, "_of_glibc", lambda name: lambda *values: asked.append(values))
    allocator.Heap()
    assert asked == [(allocator.ARENA_MAX, os.cpu_count())]
