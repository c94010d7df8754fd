"""A cluster of machines that runs Ray Core: the extra "cluster" of this package."""

from __future__ import annotations

import importlib.util
import pickle
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import Any, Self
from weakref import WeakValueDictionary

from resnet_core.errors import ClusterError, ResNetCoreError
from resnet_core.pool._child import Child
from resnet_core.pool._packing import Label, label_of, packed
from resnet_core.pool.interface import Result, Results, Task, results
from resnet_core.progress import Progress

OTHERS = 10.0  # seconds to wait for the other cores once there is one
AHEAD = 2  # pieces given away for each core, so that none waits for the next


class RayPool:
    """Each core of a Ray cluster does one piece of work at a time, with the numbers that this machine would get.

    `address` is that of a cluster to which this machine belongs (`ray start --address=...`), such as 10.0.0.1:6379, or
    "auto" for the one that runs here; None starts one here that ends with the pool. `cores` None are all. The cluster
    asks for the token in RAY_AUTH_TOKEN or ~/.ray/auth_token. All machines need the same versions; on processors of
    another type, which `same_processor` tells, numbers may differ in the last digits.

    A process that dies costs the piece of work that it did: that runs again elsewhere, and `troubles` counts it. Raises
    `ClusterError` without Ray, and where no cluster answers within ten seconds, or refuses. Once the cluster is gone so
    does everything that was asked of it.
    """

    def __init__(self, address: str | None = None, cores: int | None = None) -> None:
        if importlib.util.find_spec("ray") is None:
            raise ClusterError('A cluster needs Ray: pip install "resnet-explorer[cluster]"')
        if cores is not None and cores < 1:
            raise ResNetCoreError(f"cores is {cores}, but at least 1 is needed.")
        self.address = address
        self.cores = 0
        self.troubles = 0  # processes that died of the cluster and were replaced
        self.same_processor = True
        self._changed = threading.Condition()
        self._wanted = 0
        self._numbers = count(1)
        self._waiting: dict[int, tuple[Future[Any], Progress]] = {}
        self._things: WeakValueDictionary[str, _Thing] = WeakValueDictionary()
        self._lost = ""
        self._child = Child(address or "", cores or 0, self._heard, self._ended)
        with self._changed:
            self._changed.wait_for(lambda: self.cores or self._lost)
            self._changed.wait_for(lambda: self.cores >= self._wanted or self._lost, OTHERS)
        self._check()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the pool, and the cluster if it was started for it."""
        self._child.close()

    @property
    def process(self) -> int:
        """The id of the process that speaks to the cluster."""
        return self._child.process

    @property
    def lost(self) -> str:
        """Why the cluster is gone, in one sentence; empty while it is there."""
        return self._lost

    def run(
        self,
        work: Callable[..., Result],
        tasks: Sequence[Task],
        *,
        shared: tuple[Any, ...] = (),
        sizes: Sequence[int] | None = None,
        progress: Progress | None = None,
    ) -> Results[Task, Result]:
        """As `Pool.run` says. What was at work when the iterator is closed ends with its next report."""
        self._check()
        things = [self._thing(each) for each in shared]  # kept for as long as this runs
        labels = [thing.label for thing in things]

        def submit(index: int, report: Progress) -> Future[Result]:
            return self._submit(pickle.dumps((work, tasks[index])), labels, report)

        yield from results(submit, tasks, at_once=lambda: AHEAD * max(1, self.cores), sizes=sizes, progress=progress)

    def _thing(self, content: Any) -> _Thing:
        label = label_of(content)
        return self._things.setdefault(label.digest, _Thing(label, content))

    def _submit(self, call: bytes, labels: list[Label], report: Progress) -> Future[Any]:
        future: Future[Any] = Future()
        number = next(self._numbers)
        with self._changed:
            self._check()
            self._waiting[number] = future, report
        future.add_done_callback(lambda ended: self._forget(number) if ended.cancelled() else None)
        self._child.tell("piece", number, call, labels)
        return future

    def _forget(self, number: int) -> None:
        with self._changed:
            if self._waiting.pop(number, None) is None:
                return
        self._child.tell("cancel", number)

    def _check(self) -> None:
        if self._lost:
            raise ClusterError(self._lost)

    def _heard(self, what: str, *rest: Any) -> None:
        """A message of the process that speaks to the cluster, on the thread that listens."""
        if what == "ready":
            with self._changed:
                self.cores, self._wanted, same = rest
                self.same_processor = self.same_processor and same
                self._changed.notify_all()
        elif what == "again":
            self.troubles += 1
        elif what == "missing":
            thing = self._things.get(rest[0])
            self._child.tell("content", rest[0], None if thing is None else packed(thing.content))
        elif what == "progress":
            number, done, total = rest
            with suppress(KeyError, CancelledError):
                self._waiting[number][1](done, total)
        else:
            number, content = rest
            with self._changed:
                future, _ = self._waiting.pop(number, (Future(), None))
            _settle(future, what, content)

    def _ended(self, why: str) -> None:
        """The cluster is gone: whoever waits is told."""
        with self._changed:
            self._lost = self._lost or why
            waiting = [future for future, _ in self._waiting.values()]
            self._waiting.clear()
            self._changed.notify_all()
        for future in waiting:
            if future.set_running_or_notify_cancel():
                future.set_exception(ClusterError(self._lost))


class _Thing:
    """What tasks share, as long as somebody works with it."""

    def __init__(self, label: Label, content: Any) -> None:
        self.label, self.content = label, content


def _settle(future: Future[Any], what: str, content: Any) -> None:
    """Give a future its result, unless nobody waits for it any more."""
    if not future.set_running_or_notify_cancel():
        return
    if what == "done":
        future.set_result(pickle.loads(content))
    else:
        future.set_exception(ResNetCoreError(content) if what == "sentence" else pickle.loads(content))
