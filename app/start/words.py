"""What the recorded runs say about depth, in a sentence each."""

from __future__ import annotations

import resnet_core as rc
from app.shared.drawing.bars import UNIT


def depth_finding(shallow: rc.Run, deep: rc.Run) -> str:
    """The training errors of two nets at their ends, and which of the two learned better."""
    errors = [run.curves["train_error"].iloc[-1] for run in (shallow, deep)]
    less, more = (f"{100 * error:.1f}{UNIT}" for error in errors)
    if less == more:
        return f"{deep.title} and {shallow.title} end with the same training error, {more} (one run each)."
    word = "worse" if errors[1] > errors[0] else "better"
    return f"{deep.title} learns {word} than {shallow.title}: {more} training error against {less} (one run each)."
