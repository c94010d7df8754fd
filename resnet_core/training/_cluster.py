"""The option of the commands that lets a cluster do the work."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from resnet_core.errors import ClusterError
from resnet_core.pool.cluster import RayPool
from resnet_core.pool.interface import Pool


def add_cluster(parser: ArgumentParser) -> None:
    """Add `--cluster`."""
    parser.add_argument("--cluster", metavar="ADDRESS", help="of a Ray cluster that does the work, or auto")


def device_of(options: Namespace) -> str:
    """Where the network is loaded: a cluster computes on CPUs."""
    return "cpu" if options.cluster else "auto"


@contextmanager
def pool_of(options: Namespace) -> Iterator[Pool | None]:
    """The cluster, or None for this machine. Where there is none any more, the command ends with one sentence."""
    if not options.cluster:
        yield None
        return
    try:
        with RayPool(options.cluster) as pool:
            yield pool
    except ClusterError as error:
        raise SystemExit(str(error)) from error
