"""Pieces of work that another process can find."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from pathlib import Path

import torch
from torch import Tensor

from resnet_core.errors import ResNetCoreError
from resnet_core.nets.model import ResNet
from resnet_core.progress import Progress


def square(number: int, report: Progress) -> int:
    report(1, 1)
    return number * number


def odd_fails(number: int, _report: Progress) -> int:
    if number % 2:
        raise ResNetCoreError(f"no square of {number}")
    return number * number


def logits(_number: int, model: ResNet, batch: Tensor, _report: Progress) -> Tensor:
    with torch.no_grad():
        return model(batch)


def memory(_number: int, model: ResNet, batch: Tensor, report: Progress) -> tuple[int, float]:
    """The process, and its largest memory in MiB so far."""
    logits(0, model, batch, report)
    return os.getpid(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def slow(seconds: float, report: Progress) -> int:
    """Take so long, reporting every 20 ms; the id of the process."""
    begun = time.monotonic()
    while (gone := time.monotonic() - begun) < seconds:
        report(int(1000 * gone), int(1000 * seconds))
        time.sleep(0.02)
    return os.getpid()


def until_stopped(path: str, report: Progress) -> None:
    """Note when it began and when it ended."""
    begun = Path(path)
    begun.with_name(f"begun-{begun.name}").touch()
    try:
        slow(30, report)
    except CancelledError:
        begun.with_name(f"{begun.name}-ended").write_text(repr(time.time()))
        raise


def noted(task: tuple[str, int, float], report: Progress) -> int:
    """Take some time, with a note of the process at work; the number of the task."""
    folder, number, seconds = task
    with Path(folder, f"run-{number}-{time.monotonic_ns()}").open("w") as note:
        note.write(str(os.getpid()))
    Path(folder, f"pid-{os.getpid()}").touch()
    slow(seconds, report)
    return number


def kill_one(folder: Path) -> None:
    """End one of the processes that have noted themselves."""
    wait_for(lambda: any(folder.glob("pid-*")))
    note = max(folder.glob("pid-*"), key=lambda path: path.stat().st_mtime)
    note.unlink()
    with suppress(ProcessLookupError):
        os.kill(int(note.name.removeprefix("pid-")), signal.SIGKILL)


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
