"""`VARIANT-ID-STUDY.csv` beside our weights: what `python -m resnet_core.training.lesions` measured."""

from __future__ import annotations

import io

import pandas as pd

from resnet_core.weights.bundled import PRETRAINED
from resnet_core.weights.files import Weights

ON = ["pictures", "recalibrated"]
ERRORS = ["errors", "change", "margin", *ON]
COLUMNS = {  # with which the tables end, by the study
    "lesions": ["deleted", "blocks", *ERRORS],
    "draws": ["deleted", "blocks", *ERRORS],
    "shuffles": ["order", "swaps", "tau", *ERRORS],
    "subnetworks": ["blocks", "probability", "error", *ON],
}


def file_of(weights: Weights, study: str) -> str:
    """The name of the file of a study."""
    return f"{weights.variant}-{weights.id}-{study}.csv"


def recorded_study(weights: Weights, study: str = "lesions") -> pd.DataFrame | None:
    """A study on test pictures; None if there is none. For weights that come with this package.

    - "lesions": the table of `lesion_study`, of each block, with the whole network (deleted "") first
    - "draws": the same of several blocks that were drawn at random, without the whole network
    - "shuffles": the table of `shuffle_study`
    - "subnetworks": that of `subnetworks`, all of them

    The column pictures says on how many, and recalibrated on how many training pictures batch norm was measured again,
    0 where it is as trained; a whole network comes before those that are compared with it.
    """
    path = PRETRAINED / file_of(weights, study)
    if weights.source != "bundled" or not path.is_file():
        return None
    table = pd.read_csv(io.StringIO(path.read_text(encoding="utf-8")), keep_default_na=False)
    return table if len(table) and list(table)[-len(COLUMNS[study]) :] == COLUMNS[study] else None
