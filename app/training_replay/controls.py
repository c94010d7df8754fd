"""Which recorded runs are compared, and at which epoch."""

from __future__ import annotations

from collections import Counter

import resnet_core as rc
from app.engine.selection import weights_title
from app.shared.linked import Linked
from app.shared.row import row
from app.training_replay.words import named
from resnet_core.weights.files import PLAIN


def runs() -> tuple[dict[str, rc.Run], dict[str, rc.Run]]:
    """The chosen runs by name, none if the visitor wants none, and all on the same data, among which they are chosen.

    The default is the shallowest and the deepest plain and residual nets on the data of most runs. There must be a run.
    """
    counts = Counter(run.weights.data for run in rc.RUNS.values())
    widgets = row()
    labels = {data: _label(data) for data, _ in counts.most_common()}
    data = widgets.segmented_control(
        "Pictures",
        list(labels),
        format_func=lambda data: labels[data],
        key="run_data",
    )
    ours = named(run for run in rc.RUNS.values() if run.weights.data == data)
    chosen = widgets.pills(
        "Networks",
        list(ours),
        default=_ends(ours),
        key=f"runs_{labels[data]}",
    )
    return {name: ours[name] for name in ours if name in chosen}, ours


def _label(data: str) -> str:
    """A short word for the data of some runs: that of the weights."""
    return next(weights_title(run.id.removesuffix(PLAIN)) for run in rc.RUNS.values() if run.weights.data == data)


def _ends(ours: dict[str, rc.Run]) -> list[str]:
    """The shallowest and the deepest of the plain nets, and of the residual ones."""
    kinds = [[name for name, run in ours.items() if run.is_plain is plain] for plain in (True, False)]
    return [name for name in ours for kind in kinds if name in (*kind[:1], *kind[-1:])]


def epoch(last: int) -> int:
    """An epoch from 1 to `last`; arrow keys move it."""
    if last == 1:
        return 1
    return Linked().slider("Epoch", 1, last, last, key="epoch")
