"""A cluster of two machines that are this one, each with one core."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

import resnet_core as rc

TOKEN = secrets.token_hex(16)
STORE = 80 * 2**20  # bytes, of the object store of one machine
SETTINGS = {"health_check_initial_delay_ms": 1000, "health_check_period_ms": 1000, "health_check_failure_threshold": 3}
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": TOKEN,
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # nothing but the loopback address
    "RAY_worker_niceness": "0",  # as a test runner beside others would starve them
}


@dataclass(eq=False)
class Machines:
    """Two of them, the second of which may end and come again."""

    cluster: Any
    second: Any = field(init=False)

    def __post_init__(self) -> None:
        self.add(include_dashboard=False, _system_config=SETTINGS)
        self.second = self.add()

    @property
    def address(self) -> str:
        return str(self.cluster.address)

    def add(self, **more: Any) -> Any:
        return self.cluster.add_node(num_cpus=1, object_store_memory=STORE, node_ip_address="127.0.0.1", **more)

    def kill_second(self) -> None:
        """As where somebody pulls the plug."""
        for processes in self.second.all_processes.values():
            for each in processes:
                each.process.kill()


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    pytest.importorskip("ray", reason='needs Ray: pip install "resnet-explorer[cluster]"')
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        from ray._raylet import Config  # reads the environment when Ray is first imported, which may be long ago
        from ray.cluster_utils import Cluster

        Config.initialize("")
        found = Machines(Cluster())
        yield found
        found.cluster.shutdown()
    os.environ.pop("RAY_AUTH_MODE", None)


@pytest.fixture(scope="module")
def pool(machines: Machines) -> Iterator[rc.RayPool]:
    with rc.RayPool(machines.address) as found:
        yield found
