"""The paper's CIFAR-10 errors (He et al. 2015, Table 6) and those of our own nets, and how the recipes differ."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

import resnet_core as rc
from app.training_replay.schedules import size_words
from resnet_core.training.tables import NET, PAPER, TEST, on_cifar

NOTE = (
    "The paper's errors are those of its Table 6; that of ResNet-110 is the best of five runs (mean 6.61 ± 0.16 %). It "
    "tabulates no plain nets on CIFAR-10 but draws them (Fig. 6): the deeper they are, the higher is their training "
    "error; plain-110, whose error is above 60 %, is not drawn. Ours: one run each; the test error of the weights that "
    "come with this package, on all test pictures, and the training error of their last epoch. Parts of each run were "
    "computed on a CPU in float32, others on a GPU in bfloat16: the command gives such a run, not these digits."
)
CHOSEN = (
    " The test pictures also decided how long ours were trained: on new pictures their errors may be a little higher. "
    "The command decides nothing by them: it holds a part of the training pictures out and learns from the others."
)
STEPS, BATCH, PICTURES = 64_000, 128, 50_000  # section 4.2; PICTURES is the size of CIFAR-10's training set
PAPER_RECIPE = {
    "data": "CIFAR-10",
    "epochs": f"about {STEPS * BATCH / PICTURES:.0f} ({STEPS:,} steps)",
    "batch": f"{BATCH}",
    "learning rate": "0.1, divided by 10 after 32,000 and 48,000 steps",
    "momentum": "0.9",
    "weight decay": "0.0001",
    "training crops": "32 px",
}


def note(weights: Mapping[tuple[str, str], rc.Weights]) -> str:
    """Where the numbers of `against_paper` come from, and what the test pictures decided."""
    return NOTE + CHOSEN * any(on_cifar(known) and known.chosen_on == "test" for known in weights.values())


def finding(table: pd.DataFrame) -> str:
    """How the test errors compare: those of one or two nets, of more only how many are higher."""
    both = table.dropna(subset=[PAPER, TEST])
    if both.empty:
        return "None of the nets in the paper's table was trained here yet"
    if len(both) > 2:
        higher = int((both[TEST] > both[PAPER]).sum())
        return f"Our test error is higher than the paper's in {higher} of the {len(both)} nets that have both"
    said = [f"{row[NET]} {row[TEST]:.2f} % here, {row[PAPER]:.2f} % in the paper" for _, row in both.iterrows()]
    return f"Test error: {'; '.join(said)}"


def recipes(runs: Mapping[str, rc.Run]) -> pd.DataFrame:
    """What decides a run, one row each: the paper's recipe in the first column, then each of ours on CIFAR-10."""
    nets: dict[tuple[str, ...], list[str]] = {}
    for name, run in runs.items():
        if on_cifar(run.weights):
            nets.setdefault(_column(run), []).append(name)
    columns = {"paper": tuple(PAPER_RECIPE.values()), **{", ".join(same): column for column, same in nets.items()}}
    return pd.DataFrame(columns, index=list(PAPER_RECIPE))


def _column(run: rc.Run) -> tuple[str, ...]:
    """What `PAPER_RECIPE` says of the paper's runs, of ours; the length and the picture sizes as they were recorded."""
    recipe = run.recipe
    cycles = ", then ".join(f"to {cycle.peak_lr:g} and back in {cycle.epochs}" for cycle in recipe.cycles)
    return (
        recipe.data,
        f"{len(run.curves)}",
        f"{recipe.batch}",
        f"up, and down along a cosine: {cycles} epochs",
        f"{recipe.momentum:g}, Nesterov",
        f"{recipe.weight_decay:g}, none on norms and biases",
        size_words(run.curves),
    )
