"""The result of an attribution method: a frozen record, with everything needed to reproduce it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True, eq=False)
class AttributionRecord:
    """How much each pixel mattered to the logit of `target`.

    map: (N, H, W), the input's size; signed or non-negative as the method says. raw: what the method computed before
    it was brought to that shape: (N, 3, H, W) of pixels, (N, 1, h, w) of Grad-CAM, (N, C, h, w) of layer conductance.
    delta: (N,) error of completeness (sum of raw minus the logit's difference from the baseline), None where the
    method has no such law.
    """

    method: str
    target: Tensor  # (N,)
    map: Tensor
    raw: Tensor
    signed: bool
    delta: Tensor | None
    seconds: float
    options: dict[str, Any]
