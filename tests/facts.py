"""What is known about gradients at initialisation, measured again by our own code: `python -m tests.facts`.

Prints the table of resnet_core/README.md: the claim, what was measured before on other pictures, what comes out here:
the least and the largest of the seeds 0 to 4, in double precision but where single is named. Orders of magnitude are
what should agree; pictures and seeds differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd
import torch

import resnet_core as rc
from app.shared.magnitudes import order_of_magnitude, span
from resnet_core.gradients import batches

PHOTOS = batches.sample_crops("cifar")
NOISE = batches.noise("cifar")
DEPTHS = (20, 56, 110)
ALL = (20, 32, 44, 56, 110)
SEEDS = range(5)
SINGLE = torch.float32  # enough for one decimal of a correlation
Batch = tuple[torch.Tensor, torch.Tensor]


def flow(depth: int, shortcut: str, batch: Batch = PHOTOS, **options: object) -> pd.DataFrame:
    return rc.gradient_flow(f"resnet{depth}", *batch, shortcut=shortcut, **options)


def ratio(table: pd.DataFrame) -> float:
    """First conv's gradient norm over the last's."""
    return float(table["grad_norm"].iloc[0] / table["grad_norm"].iloc[-1])


def ratios(shortcut: str, depths: Iterable[int] = DEPTHS, batch: Batch = PHOTOS, **options: object) -> str:
    return " / ".join(
        span([ratio(flow(depth, shortcut, batch, seed=seed, **options)) for seed in SEEDS]) for depth in depths
    )


def small_weights() -> str:
    options = {"norm": "none", "init": "normal"}

    def norms(depth: int, shortcut: str) -> list[pd.Series]:
        return [flow(depth, shortcut, seed=seed, **options)["grad_norm"] for seed in SEEDS]

    shallow, deep = (span([norm.iloc[0] for norm in norms(depth, "none")]) for depth in (20, 56))
    least = [span([norm.min() for norm in norms(56, shortcut)]) for shortcut in ("A", "B")]
    single = flow(56, "none", dtype=torch.float32, **options)["grad_norm"].iloc[0]
    return (
        f"plain {shallow} and {deep}, {'exactly 0' if single == 0 else 'not 0'} in single precision; least of all "
        f"convs of ResNet-56 (A) {least[0]}, (B) {least[1]}"
    )


def one_step() -> str:
    steps = [[flow(110, "none", steps=steps, seed=seed).iloc[0] for seed in SEEDS] for steps in (0, 1)]
    norms = (" → ".join(span([row[name] for row in rows]) for rows in steps) for name in ("grad_norm", "weight_norm"))
    return "‖g‖ {}, ‖w‖ {}".format(*norms)


def orders(factors: list[float]) -> str:
    """The least to the largest as orders of magnitude: rounding noise has no digit that another machine would give."""
    return " to ".join(
        dict.fromkeys(order_of_magnitude(end).removesuffix(" of") for end in (min(factors), max(factors)))
    )


def single_against_double(steps: int) -> str:
    """By which factor first over last differs between the precisions, with the seed that it least and most does."""
    found = []
    for depth in DEPTHS:
        both = [
            [ratio(flow(depth, "none", seed=seed, steps=steps, dtype=dtype)) for seed in SEEDS]
            for dtype in (SINGLE, torch.float64)
        ]
        found.append(orders([max(one / other, other / one) for one, other in zip(*both, strict=True)]))
    return " / ".join(found)


def losses_without_norm() -> str:
    return span([flow(110, "A", norm="none", seed=seed).attrs["losses"][0] for seed in SEEDS])


def zero_gamma() -> str:
    table = flow(56, "A", zero_init_residual=True)
    branch = table[table["kind"] != "stem"]
    return f"{int((branch['grad_norm'] == 0).sum())} of {len(branch)}"


def shattering(shortcut: str) -> str:
    ends = PHOTOS[0][:2]
    found = []
    for depth in DEPTHS:
        tables = [rc.shattering(f"resnet{depth}", ends, shortcut=shortcut, seed=seed, dtype=SINGLE) for seed in SEEDS]
        values = [round(float(table["correlation"][1]), 1) + 0.0 for table in tables]
        found.append(" to ".join(f"{value:.1f}" for value in sorted({min(values), max(values)})))
    return " / ".join(found)


FACTS: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("first / last gradient norm, plain-20/56/110, batch norm", "8 / 1.7e3 / 4.6e6", lambda: ratios("none")),
    ("the same, residual with projections (B)", "2.6 / 15 / 87", lambda: ratios("B")),
    ("plain-20/32/44/56/110 on noise", "13.7 / 101 / 819 / 6.2e3 / 1.5e7", lambda: ratios("none", ALL, NOISE)),
    ("residual (A), the same", "4.3 / 8.0 / 11.6 / 15.5 / 37", lambda: ratios("A", ALL, NOISE)),
    (
        "first gradient, no norm, weights of std 0.01, plain-20 and -56",
        "3e-19 and exactly 0; residual 1e-6",
        small_weights,
    ),
    ("first / last, no norm, He init, plain-20/56/110", "0.6 to 5", lambda: ratios("none", norm="none")),
    ("loss of ResNet-110, no norm, He init", "1e8 to 6e8", losses_without_norm),
    ("first layer of plain-110 after one SGD step, lr 0.1", "‖g‖ 4.6e6 → 1.5e-4, ‖w‖ 2.4 → 4.6e5", one_step),
    (
        "the same ratios of plain-20/56/110, in single against double precision: by which factor, with the seed",
        "–",
        lambda: single_against_double(0),
    ),
    ("the same, after one SGD step", "–", lambda: single_against_double(1)),
    ("zero-initialised last gamma, ResNet-56: block convs whose gradient is exactly 0", "all", zero_gamma),
    ("correlation of neighbouring input gradients, plain-20/56/110", ".16 / -.01 / .00", lambda: shattering("none")),
    ("the same, residual", ".82 / .54 / .38", lambda: shattering("A")),
)


def main() -> None:
    print("| what | measured before | `python -m tests.facts` |\n|---|---|---|")  # noqa: T201
    for claim, before, measure in FACTS:
        print(f"| {claim} | {before} | {measure()} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
