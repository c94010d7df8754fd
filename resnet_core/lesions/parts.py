"""Studies of lesions on many pictures, each in parts that a recording can stop after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from resnet_core.lesions._blocks import keeps_shape, removable
from resnet_core.lesions._subsets import Kept
from resnet_core.lesions.combining import MOST_BLOCKS, answers_of_sets, every_set
from resnet_core.lesions.shuffles import shuffle_study
from resnet_core.lesions.study import lesion_study
from resnet_core.nets.model import ResNet
from resnet_core.pool.interface import Pool
from resnet_core.progress import Progress

SOME = 2000  # test pictures for what is drawn at random, where the draws differ far more than other pictures would
DELETIONS = (1, 2, 3, 5, 8, 10, 15, 20)  # blocks that go together
AGAIN = (2, 5, 10, 20)  # of these, where batch norm is measured again, which takes longer
DRAWS = 20
SWAPS = (1, 2, 3, 5, 8, 12, 20)
ORDERS = 3  # draws of each number of swaps
CHUNK = 64  # subnetworks in a part


@dataclass(frozen=True, eq=False)
class Data:
    """Pictures (N, 3, H, W), their classes (N,), and pictures on which batch norm is measured again (M, 3, H, W)."""

    batch: Tensor
    labels: Tensor
    calibration: Tensor

    def to_measure(self, again: bool) -> tuple[Tensor | None, int]:
        """The pictures on which batch norm is measured `again`, and their number."""
        return (self.calibration, len(self.calibration)) if again else (None, 0)

    def some(self) -> Data:
        """The first pictures of each class, `SOME` in all."""
        chosen = in_turn(self.labels, SOME).sort().values
        return Data(self.batch[chosen], self.labels[chosen], self.calibration)


@dataclass(frozen=True, eq=False)
class Part:
    """Some rows of a study, known by the values of some columns, and how they are measured."""

    known_by: Mapping[str, int]
    measure: Callable[[Progress], pd.DataFrame]

    def is_in(self, table: pd.DataFrame) -> bool:
        """True if `table` holds these rows."""
        return bool((table[[*self.known_by]] == list(self.known_by.values())).all(axis=1).any())


def in_turn(labels: Tensor, count: int) -> Tensor:
    """Places in `labels` of the first of each class, then the second of each, and so on up to about `count`."""
    places = [(labels == label).nonzero()[:, 0] for label in sorted(set(labels.tolist()))]
    each = max(1, min(count // len(places), *map(len, places)))
    return torch.stack([place[:each] for place in places], 1).flatten()


def studies(model: ResNet, data: Data, pool: Pool | None = None) -> dict[str, list[Part]]:
    """The parts of each study of a network, by the study's name, computed on `pool`."""
    identity, some = sum(keeps_shape(block) for _, block in model.named_blocks()), data.some()
    found: dict[str, list[Part]] = {
        "lesions": [_part(model, data, again, pool, blocks=1) for again in (False, True)],
        "draws": [
            _part(model, some, again, pool, blocks=count, samples=DRAWS)
            for again, counts in ((False, DELETIONS), (True, AGAIN))
            for count in counts
            if count <= identity
        ],
        "shuffles": [_shuffled(model, some, again, pool, swaps) for again in (False, True) for swaps in SWAPS],
    }
    names = [name for name, block in model.named_blocks() if removable(block)]
    if len(names) <= MOST_BLOCKS:
        sets = every_set(len(names))
        chunks = [sets[first : first + CHUNK] for first in range(0, len(sets), CHUNK)]
        found["subnetworks"] = [
            _kept(model, data, again, names, chunk, pool) for again in (False, True) for chunk in chunks
        ]
    return found


def _part(
    model: ResNet, data: Data, again: bool, pool: Pool | None, *, blocks: int, samples: int | None = None
) -> Part:
    """So many blocks removed, each or a sample, as trained or with batch norm measured `again`."""
    pictures, recalibrated = data.to_measure(again)

    def measure(progress: Progress) -> pd.DataFrame:
        how: dict[str, Any] = {"deletions": blocks, "samples": samples, "recalibrate": pictures, "pool": pool}
        found = lesion_study(model, data.batch, data.labels, progress=progress, **how)
        if samples is None:  # the whole network comes first, deleted "" and blocks 0
            whole = pd.DataFrame({"deleted": [""], "blocks": [0], "errors": [found.attrs["errors"]]})
            found = pd.concat([whole.assign(change=0.0, margin=0.0, pictures=len(data.batch)), found])
        return found.assign(recalibrated=recalibrated)

    return Part({"blocks": blocks, "recalibrated": recalibrated}, measure)


def _shuffled(model: ResNet, data: Data, again: bool, pool: Pool | None, swaps: int) -> Part:
    """Rows of the table of `shuffle_study`."""
    pictures, recalibrated = data.to_measure(again)

    def measure(progress: Progress) -> pd.DataFrame:
        how: dict[str, Any] = {"swaps": swaps, "samples": ORDERS, "recalibrate": pictures, "pool": pool}
        found = shuffle_study(model, data.batch, data.labels, progress=progress, **how)
        return found.assign(recalibrated=recalibrated)

    return Part({"swaps": swaps, "recalibrated": recalibrated}, measure)


def _kept(model: ResNet, data: Data, again: bool, names: list[str], sets: Kept, pool: Pool | None) -> Part:
    """Rows of the table of `subnetworks`."""
    pictures, recalibrated = data.to_measure(again)

    def measure(progress: Progress) -> pd.DataFrame:
        table = pd.DataFrame(sets.astype(int), columns=names)
        answers = answers_of_sets(model, data.batch, data.labels, names, sets, pictures, progress, pool)
        table["blocks"], (table["probability"], table["error"]) = sets.sum(1), answers
        return table.assign(pictures=len(data.batch), recalibrated=recalibrated)

    return Part({**dict(zip(names, sets[0].tolist(), strict=True)), "recalibrated": recalibrated}, measure)
