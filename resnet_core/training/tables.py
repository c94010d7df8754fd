"""Recorded runs as tables: curves and norms of several, counts and answers, errors against the paper's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from resnet_core.training.runs import COLUMNS as CURVES
from resnet_core.training.runs import NORM_COLUMNS, Run
from resnet_core.variants import VARIANTS
from resnet_core.weights.files import Weights

NET, PAPER, TEST, TRAIN = COLUMNS = ("net", "test, paper (%)", "test, ours (%)", "training, ours (%)")
IDS, COMMAND = "our weights", "trained by"


def curves_of(runs: Mapping[str, Run]) -> pd.DataFrame:
    """One row an epoch of each run: net, shortcut, layers (the net's depth) and the columns of `rc.Run.curves`.

    Then `measured_on`: the pictures of the loss and error after the epoch.
    """
    tables = [(name, run, run.curves.assign(measured_on=run.measured_on)) for name, run in runs.items()]
    return _joined(tables, (*CURVES, "measured_on"))


def norms_of(runs: Mapping[str, Run]) -> pd.DataFrame:
    """One row a block of each epoch of each run: net, shortcut, layers and the columns of `rc.Run.grad_norms`."""
    return _joined([(name, run, run.grad_norms) for name, run in runs.items()], NORM_COLUMNS)


def _joined(tables: Sequence[tuple[str, Run, pd.DataFrame]], columns: Sequence[str]) -> pd.DataFrame:
    """All tables, each with its net in front; without any table an empty one with `columns`."""
    net = ("net", "shortcut", "layers")
    parts = [
        table.assign(net=name, shortcut=run.weights.shortcut, layers=VARIANTS[run.variant].depth)[[*net, *table]]
        for name, run, table in tables
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*net, *columns])


def norms_at(norms: pd.DataFrame, epoch: int) -> pd.DataFrame:
    """The rows of one epoch, with the smallest and largest norm of each block over all epochs: min, max."""
    if norms.empty:
        return norms.assign(min=[], max=[])
    spans = norms.groupby(["net", "block"], sort=False)["grad_norm"].agg(["min", "max"]).reset_index()
    return norms[norms["epoch"] == epoch].merge(spans, on=["net", "block"])


def counts_at(confusion: pd.DataFrame, epoch: int) -> pd.DataFrame:
    """Pictures after one epoch of a `rc.Run`'s confusion, (true classes, answers), both in the order of the logits."""
    rows = confusion[confusion["epoch"] == epoch].astype({"pictures": int})
    names = list(dict.fromkeys(rows["class"]))
    return rows.pivot(index="class", columns="answer", values="pictures").loc[names, names]


def answers_table(runs: Mapping[str, Run], answers: Mapping[str, Mapping[int, pd.DataFrame]]) -> pd.DataFrame:
    """One row a net and kept epoch: net, shortcut, epoch, answer, probability (of the answer), asked and of_asked.

    `answers` are tables of `rc.predict` by net and epoch. `asked` is the net's last answer, `of_asked` its probability.
    """
    rows = []
    for net, by_epoch in answers.items():
        asked = by_epoch[max(by_epoch)]["class"].iloc[0]
        for epoch, table in sorted(by_epoch.items()):
            known = table.set_index("class")["probability"]
            first = table.iloc[0]
            shortcut = runs[net].weights.shortcut
            rows.append((net, shortcut, epoch, first["class"], first["probability"], asked, known[asked]))
    names = ["net", "shortcut", "epoch", "answer", "probability", "asked", "of_asked"]
    return pd.DataFrame(rows, columns=names)


def against_paper(weights: Mapping[tuple[str, str], Weights], runs: Mapping[tuple[str, str], Run]) -> pd.DataFrame:
    """One row a CIFAR net of the paper or of ours, errors in percent; NaN where one of the two has none."""
    rows: list[tuple[str, float | None, float | None, float | None, str, str]] = []
    for name, variant in VARIANTS.items():
        if variant.family != "cifar":
            continue
        ours = [known for (net, _), known in weights.items() if net == name and on_cifar(known)]
        if all(known.is_plain for known in ours):
            rows.append((variant.title, variant.paper_error, None, None, "", ""))
        for known in ours:
            run, paper = runs.get((name, known.id)), None if known.is_plain else variant.paper_error
            test = None if known.accuracy is None else 100 * (1 - known.accuracy)
            train = None if run is None else 100 * run.curves["train_error"].iloc[-1]
            rows.append((variant.titled(known.shortcut), paper, test, train, known.id, known.command))
    return pd.DataFrame(rows, columns=[*COLUMNS, IDS, COMMAND]).astype(dict.fromkeys(COLUMNS[1:], float))


def on_cifar(weights: Weights) -> bool:
    """True for our own weights of a CIFAR net that learned from some copy of CIFAR-10, at the end of their run."""
    ours = weights.source == "bundled" and weights.is_final
    return ours and VARIANTS[weights.variant].family == "cifar" and "CIFAR-10" in weights.data
