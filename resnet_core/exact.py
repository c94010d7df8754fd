"""Numbers as exact as the precision of their tensors, whatever was switched on around a call to save time.

The caller may be inside `torch.autocast`, or have made a GPU the default device, where the same seed gives other random
numbers. And on NVIDIA GPUs PyTorch rounds the factors of convolutions to ten bits (TF32) unless it is told not to:
https://docs.pytorch.org/docs/stable/notes/numerical_accuracy.html
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch

AUTOCAST = ("cpu", "cuda", "mps", "xpu")  # device types for which autocast can be switched on
NO_DOUBLE = ("mps",)  # device types without float64
FULL = ("ieee", "none")  # float32 as it is; "none" means that nobody asked for less


def _settings() -> tuple[Any, ...]:
    """PyTorch's settings of the precision in which float32 is multiplied."""
    cuda: Any = torch.backends.cudnn
    cpu: Any = torch.backends.mkldnn
    return cuda.conv, cuda.rnn, torch.backends.cuda.matmul, cpu.conv, cpu.matmul


class _FullPrecision:
    """Inside, float32 is multiplied as float32.

    PyTorch has one set of these settings for the whole process: the first thread that enters saves them, and the last
    one that leaves restores them, so that threads do not disturb each other.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before: list[tuple[Any, str]] = []

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                values = [(setting, setting.fp32_precision) for setting in _settings()]
                self._before = [(setting, value) for setting, value in values if value not in FULL]
                for setting, _ in self._before:
                    setting.fp32_precision = "ieee"
            self._inside += 1

    def __exit__(self, *_error: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                for setting, value in self._before:
                    setting.fp32_precision = value


_full_precision = _FullPrecision()  # one for the process, as the settings are


@contextmanager
def exact() -> Iterator[None]:
    """Inside, or in a function under `@exact()`, numbers are rounded to the type of their tensors and no further.

    `torch.autocast` is off, float32 is multiplied in full precision, and a tensor that is made without naming a device,
    such as one of random numbers, is on the CPU.
    """
    with ExitStack() as stack:
        if torch.get_default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))
        for kind in AUTOCAST:
            if torch.is_autocast_enabled(kind):
                stack.enter_context(torch.autocast(kind, enabled=False))
        stack.enter_context(_full_precision)
        yield
