"""What a cluster costs and gains, and what more cores would give: `python -m tests.scale`, about three minutes.

It starts a cluster of one-core machines that are this one, and measures the least of several runs, as others may load
the machine. What follows "computed" is a model of these figures.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import torch

import resnet_core as rc
from resnet_core.lesions._subsets import evaluations
from resnet_core.pool.interface import Pool, Results
from tests.resnet_core.pool.conftest import ENVIRONMENT, Machines
from tests.resnet_core.pool.works import slow, square

RUNS = 3
SECONDS = (0.01, 0.1, 1.0)  # of pieces of work
CORES = (10, 100, 1000)
PICTURES, AT_ONCE = 10_000, 64


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  (what the command is for)


def least(work: Callable[[], object], runs: int = RUNS) -> float:
    """Seconds of the quickest run."""
    found = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found)


def done(pool: Pool, work: Callable[..., object], tasks: Sequence[object], shared: tuple[object, ...] = ()) -> None:
    with closing(pool.run(work, tasks, shared=shared)) as results:
        for _, future in results:
            future.result()


def main() -> None:
    os.environ.update(ENVIRONMENT)
    torch.set_num_threads(1)
    from ray._raylet import Config
    from ray.cluster_utils import Cluster

    Config.initialize("")
    machines = Machines(Cluster())
    try:
        with rc.RayPool(machines.address) as pool:
            overhead(pool)
            gained(pool)
            pieces = driver(pool)
    finally:
        machines.cluster.shutdown()
    model(pieces)


def overhead(pool: rc.RayPool) -> None:
    """Print what a piece of work costs on a cluster beside what it costs here, by its size."""
    local = rc.LocalPool(pool.cores)
    for seconds in SECONDS:
        count = pool.cores * max(2, int(1 / seconds))
        there, here = (least(partial(done, each, slow, [seconds] * count)) for each in (pool, local))
        more = 1000 * (there - here) / count * pool.cores
        rate = count / there
        say(f"pieces of {seconds:g} s: {more:.1f} ms more each than here, {there / here:.3f}x, {rate:.0f} a second")


class OneByOne:
    """One core of a pool: a piece of work after the other."""

    cores = 1

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    def run(self, work: Any, tasks: Any, *, sizes: Any = None, **options: Any) -> Results[Any, Any]:
        for task in tasks:
            yield from self.pool.run(work, [task], **options)


def gained(pool: rc.RayPool) -> None:
    """Print how much faster two machines of one core are than one, in turn, as others load this machine."""
    batch, labels = torch.randn(16, 3, 32, 32), torch.arange(16) % 10
    sweep = partial(rc.gradient_sweep, ["resnet20", "resnet32"], range(4), batch=batch, labels=labels)
    pools = OneByOne(pool), pool, rc.LocalPool(1), rc.LocalPool(2)
    runs = [[least(partial(sweep, pool=each), 1) for each in pools] for _ in range(2 * RUNS)][1:]
    one, two, *here = map(min, zip(*runs, strict=True))
    say(f"two one-core machines against one, a sweep of 16 networks: {one / two:.2f}x ({one:.1f} s, {two:.1f} s)")
    say(f"two threads here against one, the same sweep: {here[0] / here[1]:.2f}x ({here[0]:.1f} s, {here[1]:.1f} s)")


def driver(pool: rc.RayPool) -> float:
    """Print and return how many empty pieces of work a second come back."""
    rate = 500 / least(partial(done, pool, square, range(500)))
    say(f"the driver gives out {rate:,.0f} empty pieces a second")
    return rate


def model(pieces: float) -> None:
    """Print what all single and double deletions of ResNet-110 would take on more cores."""
    net, batch = rc.build("resnet110", seed=0).eval(), torch.randn(AT_ONCE, 3, 32, 32)
    blocks = len(list(net.named_blocks()))
    gone = [(), *combinations(range(blocks), 1), *combinations(range(blocks), 2)]
    kept = np.array([[place not in each for place in range(blocks)] for each in gone])
    with torch.no_grad():
        block = least(lambda: net(batch), 5) / blocks  # seconds of one block and a part of the pictures
    parts = -(-PICTURES // AT_ONCE)
    shared = evaluations(kept)  # of blocks: the networks share their beginnings
    work = parts * shared * block
    say(f"one block, {AT_ONCE} pictures: {1000 * block:.2f} ms; the study is {parts} x {shared:,} of them")
    say("computed, all single and double deletions of ResNet-110 on 10,000 pictures:")
    say(f"  1 core: {work / 3600:.1f} h")
    for cores in CORES:
        rounds = -(-parts // cores)
        by_pictures = rounds * shared * block
        ideal = max(work / cores, parts / pieces)
        say(
            f"  {cores} cores: {ideal / 60:.1f} min if it divides evenly; {by_pictures / 60:.1f} min with {parts} "
            f"pieces of {shared * block:.0f} s, one a part of the pictures"
        )
    say(f"  the driver is the limit above {pieces * 1.0:,.0f} cores with pieces of 1 s")


if __name__ == "__main__":
    main()
