"""The Ray cluster that RESNET_EXPLORER_CLUSTER names, if it names one: long work goes there while it is there."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

import resnet_core as rc
from resnet_core.nets.model import resolve_device

SETTING = "RESNET_EXPLORER_CLUSTER"
AGAIN = 60.0  # seconds until a cluster that does not answer is asked again
RECENT = 15.0  # seconds for which a page tells that a part of the cluster has ended

GONE = "The cluster of this server does not answer just now: long computations run on the server itself."
ENDED = "A process of the cluster has ended: what it was computing is computed again on another core."

log = logging.getLogger("resnet_explorer")


class Cluster:
    """A pool at `address` ("" for none), joined in a thread of its own, now and again, so that no page waits."""

    def __init__(self, address: str, join: Callable[[str], rc.RayPool] = rc.RayPool) -> None:
        self._address, self._join = address, join
        self._lock = threading.Lock()
        self._pool: rc.RayPool | None = None
        self._joining = False
        self._missed = False
        self._next = 0.0  # when to ask again
        self._troubles, self._noticed = 0, -RECENT

    def pool(self) -> rc.RayPool | None:
        """The pool; None while there is none, and then it is asked for, now and again."""
        with self._lock:
            if self._pool is not None and self._pool.lost:
                log.warning("cluster: %s", self._pool.lost)
                self._pool, self._missed, self._next = None, True, time.monotonic() + AGAIN
            if self._pool is None and self._address and not self._joining and time.monotonic() >= self._next:
                self._joining = True
                threading.Thread(target=self._ask, name="join-cluster", daemon=True).start()
            return self._pool

    @property
    def cores(self) -> int:
        """How many cores it has now."""
        pool = self.pool()
        return 0 if pool is None else pool.cores

    def said(self) -> str:
        """What a visitor should know of it, in one sentence; "" where all is well or nobody asked for a cluster."""
        pool = self.pool()
        with self._lock:
            if pool is None:
                return GONE if self._missed else ""
            if pool.troubles > self._troubles:
                self._troubles, self._noticed = pool.troubles, time.monotonic()
            return ENDED if time.monotonic() - self._noticed < RECENT else ""

    def _ask(self) -> None:
        pool = None
        try:
            if resolve_device("auto").type != "cpu":
                raise rc.ClusterError("This server has a GPU, which computes faster than a cluster of CPUs.")
            pool = self._join(self._address)
            log.warning("cluster: %d cores at %s", pool.cores, self._address)
        except rc.ResNetCoreError as error:
            log.warning("cluster: %s", error)
        with self._lock:
            self._pool, self._joining, self._missed = pool, False, pool is None
            self._troubles, self._next = 0, time.monotonic() + AGAIN


cluster = Cluster(os.environ.get(SETTING, ""))
