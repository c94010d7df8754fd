"""Numbers from records, to compare along depth. Every formula is short enough to check by hand."""

from __future__ import annotations

import math

import pandas as pd
from torch import Tensor

from resnet_core.inside.records import BlockRecord, ForwardRecord


def measures(record: ForwardRecord) -> pd.DataFrame:
    """One row a block, in forward order, over all pictures of the batch.

    Columns: block, stage, shortcut_kind; residual_norm, shortcut_norm and their ratio (L2; NaN for a plain block);
    residual_std, the spread of F(x), the paper's "layer response" after batch norm and before the addition (Fig. 7);
    zeros, the share of y that is exactly 0; dead_channels, channels of y that are 0 everywhere; cosine between x and y
    (NaN where the shapes differ); finite, False if y holds NaN or infinity.
    """
    return pd.DataFrame([_block_row(block) for block in record.blocks])


def _block_row(block: BlockRecord) -> dict[str, object]:
    residual_norm = l2(block.residual)
    shortcut_norm = math.nan if block.shortcut is None else l2(block.shortcut)
    return {
        "block": block.name,
        "stage": block.stage,
        "shortcut_kind": block.shortcut_kind,
        "residual_norm": residual_norm,
        "shortcut_norm": shortcut_norm,
        "ratio": residual_norm / shortcut_norm if shortcut_norm > 0 else math.nan,
        "residual_std": float(block.residual.float().std(correction=0)),
        "zeros": float((block.y == 0).float().mean()),
        "dead_channels": dead_channels(block.y),
        "cosine": cosine(block.x, block.y),
        "finite": bool(block.y.isfinite().all()),
    }


def l2(values: Tensor) -> float:
    """The L2 norm over all values."""
    return float(values.double().norm())


def dead_channels(y: Tensor) -> int:
    """How many channels of y (N, C, H, W) are exactly 0 at every position of every picture."""
    return int((y == 0).all(dim=0).flatten(1).all(dim=1).sum())


def cosine(x: Tensor, y: Tensor) -> float:
    """Cosine of the angle between two tensors of one shape; NaN for different shapes or a zero tensor."""
    if x.shape != y.shape:
        return math.nan
    lengths = l2(x) * l2(y)
    return float((x.double() * y.double()).sum()) / lengths if lengths > 0 else math.nan
