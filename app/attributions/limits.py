"""Which numbers pass a check, in a few words beside its verdict."""

from __future__ import annotations

import resnet_core as rc
from resnet_core.checks.judges import number, plus_minus, points
from resnet_core.checks.limits import ABOVE_CHANCE, ALIKE, BEATEN, COARSE, COMPLETE, MOVED, SAME_FOR_ANOTHER_CLASS


def limit_of(name: str, record: rc.TrustRecord) -> str:
    """The limit of a check that was measured; "" for one without a limit, and for an untrained network."""
    if not record.trained or getattr(record, name) is None:
        return ""
    if name == "completeness":
        return f"limit {100 * COMPLETE:.0f}%"
    if name == "randomisation" and record.randomisation is not None:
        return f"limit {_of_randomisation(record.randomisation)}"
    if name == "random_logit":
        return f"limit {number(SAME_FOR_ANOTHER_CLASS)}"
    if name == "deletion":
        return f"limit {round(3 * BEATEN)} of 3"
    if name == "infidelity" and record.infidelity is not None:
        return f"{points(record.infidelity.gain_range)} above area alone"
    return f"limit {number(MOVED)}" if name == "sensitivity" else ""


def _of_randomisation(found: rc.Randomisation) -> str:
    """What a map that ignores the weights keeps: chance and a little more; less for a coarse map, which tells less."""
    much = found.chance + ABOVE_CHANCE
    if found.neighbours >= COARSE and much - found.chance_margin > ALIKE:
        return number(ALIKE)
    return plus_minus(much, found.chance_margin)
