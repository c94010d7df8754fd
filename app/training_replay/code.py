"""The code for this, on the Training replay page: programs that give the numbers of its charts as `table`."""

from __future__ import annotations

from collections.abc import Mapping

import resnet_core as rc
from app.engine.selection import Photo
from app.shared.code import photo_lines, program, quoted

Runs = Mapping[str, rc.Run]
RATES = ("net", "epoch", "size", "lr")
ANSWERS = """\
answers = {}
for name, run in runs.items():
    answers[name] = {}
    for epoch, weights in run.epoch_weights.items():
        model = rc.load(run.variant, weights)
        answers[name][epoch] = rc.predict(model, rc.preprocess(image, model), top=model.num_classes)
from resnet_core.training.tables import answers_table
table = answers_table(runs, answers)"""


def curves_code(runs: Runs) -> str:
    """Errors, losses and learning rate of each run, one row an epoch."""
    return program([_runs(runs), "from resnet_core.training.tables import curves_of", "table = curves_of(runs)"])


def rates_code(runs: Runs) -> str:
    """Learning rate and picture size of each run, one row an epoch."""
    return f"{curves_code(runs)}[[{', '.join(map(quoted, RATES))}]]"


def norms_code(runs: Runs, epoch: int) -> str:
    """The gradient norm of every block in one epoch, with its range over all epochs."""
    return program(
        [
            _runs(runs),
            "from resnet_core.training.tables import norms_at, norms_of",
            f"table = norms_at(norms_of(runs), epoch={epoch})",
        ]
    )


def confusion_code(run: rc.Run, epoch: int) -> str:
    """What the pictures of each class were taken for after one epoch."""
    return program(
        [
            f"run = rc.RUNS[{quoted(run.variant)}, {quoted(run.id)}]",
            "from resnet_core.training.tables import counts_at",
            f"table = counts_at(run.confusion, epoch={epoch}).reset_index()",
        ]
    )


def answers_code(runs: Runs, photo: Photo) -> str:
    """What each run's nets say of a photo, one row a net and epoch whose weights were kept."""
    return program([photo_lines(photo), _runs(runs), ANSWERS])


def paper_code() -> str:
    """The paper's errors and ours."""
    return program(
        ["from resnet_core.training.tables import against_paper", "table = against_paper(rc.WEIGHTS, rc.RUNS)"]
    )


def _runs(runs: Runs) -> str:
    """How to get `runs`, by name."""
    rows = "".join(
        f"    {quoted(name)}: rc.RUNS[{quoted(run.variant)}, {quoted(run.id)}],\n" for name, run in runs.items()
    )
    return f"runs = {{\n{rows}}}"
