"""What is replayed: some recorded runs, how each is drawn, and one epoch of them."""

from __future__ import annotations

from dataclasses import dataclass

import resnet_core as rc
from app.training_replay.charts.curves import LineStyle


@dataclass(frozen=True)
class Replay:
    """Named runs, the looks of all that they were chosen among, and the epoch, counted from 1."""

    named: tuple[tuple[str, rc.Run], ...]
    styled: tuple[tuple[str, LineStyle], ...]
    epoch: int

    @property
    def runs(self) -> dict[str, rc.Run]:
        """The runs by name."""
        return dict(self.named)

    @property
    def styles(self) -> dict[str, LineStyle]:
        """The look of each net by name."""
        return dict(self.styled)
