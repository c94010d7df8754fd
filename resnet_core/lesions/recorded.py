"""`VARIANT-ID-lesions.csv` beside our weights: what `python -m resnet_core.training.lesions` measured."""

from __future__ import annotations

import io

import pandas as pd

from resnet_core.weights.bundled import PRETRAINED
from resnet_core.weights.files import Weights

COLUMNS = ["deleted", "blocks", "errors", "change", "margin", "pictures"]


def recorded_study(weights: Weights) -> pd.DataFrame | None:
    """The table of `lesion_study` on all test pictures, the whole network (deleted "") first; None if there is none.

    For weights that come with this package.
    """
    path = PRETRAINED / f"{weights.variant}-{weights.id}-lesions.csv"
    if weights.source != "bundled" or not path.is_file():
        return None
    table = pd.read_csv(io.StringIO(path.read_text(encoding="utf-8")), keep_default_na=False)
    return table if list(table) == COLUMNS and len(table) and not table["blocks"].iloc[0] else None
