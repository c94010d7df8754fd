"""How long work goes on at most after nobody waits for it: the longest time between two reports of its progress.

A cancelled piece of work ends at its next report, so this is the worst moment to cancel it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import torch

import resnet_core as rc
from tests.bench_attributions import photo_of
from tests.captum_calls import DIRECT
from tests.side_by_side import Row, pair

GOAL = "at most 250 ms"
SIZE = 224  # pixels


def longest_silence(work: Callable[[rc.Progress], object]) -> float:
    """Seconds between two reports of `work`, its beginning and its end among them."""
    moments = [time.perf_counter()]
    work(lambda _done, _total: moments.append(time.perf_counter()))
    moments.append(time.perf_counter())
    return max(after - before for before, after in zip(moments[:-1], moments[1:], strict=True))


def _pieces(name: str) -> Iterator[tuple[str, Callable[[rc.Progress], object]]]:
    model, _ = pair(name)
    photo = photo_of(SIZE, model)
    yield "predict", lambda progress: rc.predict(model, photo, progress=progress)
    yield "capture", lambda progress: rc.capture(model, photo, progress=progress)
    for method in rc.METHODS:
        options = DIRECT[method].options if method in DIRECT else {}  # fewer passes, each as long as ever
        yield (
            method,
            lambda progress, method=method, options=options: rc.attribute(
                model, photo, 1, method, progress=progress, **options
            ),
        )
    record = rc.attribute(model, photo, 1, "saliency")
    for check in rc.CHECKS:
        yield (
            f"trust, {check}",
            lambda progress, check=check: rc.trust(model, photo, record, (check,), progress=progress),
        )
    batch, labels = torch.randn(16, 3, 64, 64), torch.arange(16) % 10
    yield (
        "gradient flow, 16 pictures of 64 px",
        lambda progress: rc.gradient_flow(name, batch, labels, progress=progress),
    )


def cancellations(repeats: int) -> Iterator[Row]:
    """One row a network: its three longest silences, each the shorter of two, so that other load hardly matters."""
    for name in ("resnet18", "resnet152")[: 1 if repeats < 2 else 2]:
        found = [(min(longest_silence(work) for _ in range(2)), what) for what, work in _pieces(name)]
        worst = ", ".join(f"{what} {1000 * seconds:.0f} ms" for seconds, what in sorted(found, reverse=True)[:3])
        yield f"cancelling any of {len(found)} pieces of work, {name}", "its worst moment", GOAL, worst
