"""What is known about gradients at initialisation, measured again by our own code: `python -m tests.facts`.

Prints the table of the README: the claim, what was measured before on other pictures, what comes out here. Orders of
magnitude are what should agree; pictures and seeds differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import median

import pandas as pd
import torch

import resnet_core as rc
from app import batches

PHOTOS = batches.sample_crops("cifar")
NOISE = batches.noise("cifar")
DEPTHS = (20, 56, 110)
ALL = (20, 32, 44, 56, 110)
Batch = tuple[torch.Tensor, torch.Tensor]


def flow(depth: int, shortcut: str, batch: Batch = PHOTOS, **options: object) -> pd.DataFrame:
    return rc.gradient_flow(f"resnet{depth}", *batch, shortcut=shortcut, **options)


def ratio(table: pd.DataFrame) -> float:
    """First conv's gradient norm over the last's."""
    return float(table["grad_norm"].iloc[0] / table["grad_norm"].iloc[-1])


def ratios(shortcut: str, depths: Iterable[int] = DEPTHS, **options: object) -> str:
    return listed(ratio(flow(depth, shortcut, **options)) for depth in depths)


def medians(shortcut: str) -> str:
    return listed(median(ratio(flow(depth, shortcut, NOISE, seed=seed)) for seed in range(5)) for depth in ALL)


def small_weights() -> str:
    plain = [flow(depth, "none", norm="none", init="normal")["grad_norm"].iloc[0] for depth in (20, 56)]
    double = flow(56, "none", norm="none", init="normal", dtype=torch.float64)["grad_norm"].iloc[0]
    residual = flow(56, "B", norm="none", init="normal")["grad_norm"]
    return (
        f"plain {plain[0]:.1g} and {'exactly 0' if plain[1] == 0 else f'{plain[1]:.1g}'} "
        f"({double:.1g} in float64); ResNet-56 (B) at least {residual.min():.1g}"
    )


def one_step() -> str:
    before, after = (flow(110, "none", steps=steps).iloc[0] for steps in (0, 1))
    return (
        f"‖g‖ {before['grad_norm']:.1e} → {after['grad_norm']:.1e}, "
        f"‖w‖ {before['weight_norm']:.1f} → {after['weight_norm']:.1e}"
    )


def losses_without_norm() -> str:
    losses = [flow(110, "A", norm="none", seed=seed).attrs["losses"][0] for seed in range(3)]
    return f"{min(losses):.0e} to {max(losses):.0e}"


def zero_gamma() -> str:
    table = flow(56, "A", zero_init_residual=True)
    branch = table[table["kind"] != "stem"]
    return f"{int((branch['grad_norm'] == 0).sum())} of {len(branch)}"


def shattering(shortcut: str) -> str:
    ends = PHOTOS[0][:2]
    tables = [rc.shattering(f"resnet{depth}", ends, shortcut=shortcut) for depth in DEPTHS]
    found = [table.set_index("lag")["correlation"][1] for table in tables]
    return " / ".join(f"{value:.2f}" for value in found)


def listed(values: Iterable[float]) -> str:
    return " / ".join(f"{float(f'{value:.2g}'):g}" for value in values)


FACTS: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("first / last gradient norm, plain-20/56/110, batch norm", "8 / 1.7e3 / 4.6e6", lambda: ratios("none")),
    ("the same, residual with projections (B)", "2.6 / 15 / 87", lambda: ratios("B")),
    ("plain-20/32/44/56/110 on noise, median of 5 seeds", "13.7 / 101 / 819 / 6.2e3 / 1.5e7", lambda: medians("none")),
    ("residual (A), the same", "4.3 / 8.0 / 11.6 / 15.5 / 37", lambda: medians("A")),
    (
        "first gradient, no norm, weights of std 0.01, plain-20 and -56",
        "3e-19 and exactly 0; residual 1e-6",
        small_weights,
    ),
    ("first / last, no norm, He init, plain-20/56/110", "0.6 to 5", lambda: ratios("none", norm="none")),
    ("loss of ResNet-110, no norm, He init", "1e8 to 6e8", losses_without_norm),
    ("first layer of plain-110 after one SGD step, lr 0.1", "‖g‖ 4.6e6 → 1.5e-4, ‖w‖ 2.4 → 4.6e5", one_step),
    ("zero-initialised last gamma, ResNet-56: block convs whose gradient is exactly 0", "all", zero_gamma),
    ("correlation of neighbouring input gradients, plain-20/56/110", ".16 / -.01 / .00", lambda: shattering("none")),
    ("the same, residual", ".82 / .54 / .38", lambda: shattering("A")),
)


def main() -> None:
    torch.set_num_threads(1)  # another number of threads adds in another order: plain-110 amplifies it
    print("| what | measured before | `python -m tests.facts` |\n|---|---|---|")  # noqa: T201
    for claim, before, measure in FACTS:
        print(f"| {claim} | {before} | {measure()} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
