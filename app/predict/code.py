"""The code for this, on the Predict page."""

from __future__ import annotations

import resnet_core as rc
from app.shared.code import program, quoted


def reliability_code(weights: rc.Weights, *, scaled: bool) -> str:
    """How often answers of a probability were right: on all test pictures, or on a half with a temperature."""
    known = f"rc.WEIGHTS[{quoted(weights.variant)}, {quoted(weights.id)}]"
    if not scaled:
        return program([f"table = {known}.reliability"])
    table = "from resnet_core.weights.calibration import reliability_table"
    return program([table, f"table = reliability_table({known}.calibration.scaled)"])
