"""Numbers that do not depend on how many threads a machine has.

Several threads add in another order than one, and a deep plain network makes the first digit of its gradients out of
the last one of its numbers. One thread adds in one order.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def single_thread() -> Iterator[None]:
    """Inside, or in a function under `@single_thread()`, PyTorch computes on the caller's thread alone.

    PyTorch keeps a number for each thread, and one for threads to come, which must stay as it is: somebody else may
    begin one meanwhile.
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
    """Let threads that begin from now on have `number` threads of PyTorch each."""
    thread = threading.Thread(target=torch.set_num_threads, args=(number,))
    thread.start()
    thread.join()
