"""Numbers that do not depend on how many threads a machine has.

Several threads add in another order than one, and in a deep plain network the last digit of the numbers decides the
first digit of the gradients. One thread always adds in the same order.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def single_thread() -> Iterator[None]:
    """Inside, or in a function under `@single_thread()`, PyTorch computes on the caller's thread alone.

    PyTorch has a number of threads for each thread, and a default for new threads, which must stay as it is: others may
    start a thread meanwhile.
    """
    before = torch.get_num_threads()
    if before == 1:
        yield
        return
    torch.set_num_threads(1)
    _for_threads_to_come(before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _for_threads_to_come(number: int) -> None:
    """Give `number` threads of PyTorch to each thread that starts from now on."""
    thread = threading.Thread(target=torch.set_num_threads, args=(number,))
    thread.start()
    thread.join()
