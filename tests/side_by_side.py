"""Two ways to the same thing, timed side by side: what every row of `tests.bench` is made of."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import torch
import torchvision

import resnet_core as rc

Row = tuple[str, str, str, str]


def fastest(
    ours: Callable[[], object], reference: Callable[[], object], repeats: int, *, warm: bool = False
) -> tuple[float, float]:
    """Seconds of the fastest run of each; one warm-up first, unless both are `warm` already."""
    times: tuple[list[float], list[float]] = ([], [])
    warm_ups = 0 if warm else 1
    for turn in range(repeats + warm_ups):
        for function, into in zip((ours, reference), times, strict=True):
            started = time.perf_counter()
            function()
            if turn >= warm_ups:
                into.append(time.perf_counter() - started)
    return min(times[0]), min(times[1])


def row(what: str, against: str, goal: str, ours: float, reference: float, *, faster: bool = False) -> Row:
    ratio = ours / reference
    said = f"{1 / ratio:.2g}x faster" if faster else f"{ratio:.2f}x" if ratio < 10 else f"{ratio:.0f}x"
    return what, against, goal, f"{said} ({milliseconds(ours)} / {milliseconds(reference)} ms)"


def milliseconds(seconds: float) -> str:
    """With two digits: another run changes the third."""
    return f"{float(f'{1000 * seconds:.2g}'):,g}"


def pair(name: str) -> tuple[rc.ResNet, torch.nn.Module]:
    """Our network and torchvision's with the same weights."""
    theirs = torchvision.models.get_model(name, weights=None).eval()
    file = io.BytesIO()
    torch.save(theirs.state_dict(), file)
    return rc.load(name, file, device="cpu"), theirs
