"""Numbers as exact as their tensors' own precision, whatever was switched on around a call to save time.

The caller may sit inside `torch.autocast`, or have chosen a GPU for every new tensor, where one seed gives other dice.
And on NVIDIA GPUs PyTorch rounds what convolutions multiply to ten bits (TF32) unless it is told not to:
https://docs.pytorch.org/docs/stable/notes/numerical_accuracy.html
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch

AUTOCAST = ("cpu", "cuda", "mps", "xpu")  # kinds of devices that can be told to compute in half precision
NO_DOUBLE = ("mps",)  # kinds of devices that know no float64
FULL = ("ieee", "none")  # float32 as it is; "none" means that nobody asked for less


def _settings() -> tuple[Any, ...]:
    """PyTorch's settings of the precision in which float32 is multiplied."""
    cuda: Any = torch.backends.cudnn
    cpu: Any = torch.backends.mkldnn
    return cuda.conv, cuda.rnn, torch.backends.cuda.matmul, cpu.conv, cpu.matmul


class _FullPrecision:
    """Inside, float32 is multiplied as float32.

    PyTorch has these settings once for the whole process: the first thread in notes what they were, and the last one
    out puts it back, so that no thread takes it away from another.
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
    """Inside, or in a function under `@exact()`, numbers are rounded as the tensors' own type demands and no further.

    Nothing is cast behind the caller's back (`torch.autocast`), no float32 is cut short before it is multiplied, and a
    tensor that is made without naming a device, such as one of random numbers, lies on the CPU.
    """
    with ExitStack() as stack:
        if torch.get_default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))
        for kind in AUTOCAST:
            if torch.is_autocast_enabled(kind):
                stack.enter_context(torch.autocast(kind, enabled=False))
        stack.enter_context(_full_precision)
        yield
