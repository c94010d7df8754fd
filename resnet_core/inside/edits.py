"""What a network answers when parts of a picture are removed."""

from __future__ import annotations

import pandas as pd
from torch import Tensor

from resnet_core.errors import ResNetCoreError
from resnet_core.inside.answers import predict, transform_of
from resnet_core.nets.model import ResNet
from resnet_core.nets.passes import check_batch
from resnet_core.pictures.masks import Fill, masked
from resnet_core.progress import Progress, part_of


def edit_effect(
    model: ResNet,
    batch: Tensor,
    gone: Tensor,
    fill: Fill,
    *,
    before: pd.DataFrame | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Every class before and after the pixels where `gone` (1, H, W) is true are replaced in `batch` (1, 3, H, W).

    Columns: index, class, logit_before, logit_after, change (logit after less before), probability_before,
    probability_after; most probable before first. All of the picture may be gone: then the answer is that to the
    fill. `before`, the table of `predict` for all classes of the whole picture, saves one of two forward passes.
    `progress` is called after every block. Raises `ResNetCoreError` for more than one picture, another mask or
    fill, or a `before` of other classes.
    """
    batch = check_batch(model, batch)
    if len(batch) != 1:
        raise ResNetCoreError(f"The batch holds {len(batch)} pictures, but an edit is made on one: (1, 3, H, W).")
    edited = masked(batch, gone, fill, transform_of(model))
    everything = model.num_classes
    if before is None:
        before = predict(model, batch, top=everything, progress=part_of(progress, 0, 1, 2))
        report = part_of(progress, 1, 1, 2)
    else:
        _check_classes(before, everything)
        report = progress
    after = predict(model, edited, top=everything, progress=report).set_index("index").loc[before["index"]]
    return pd.DataFrame(
        {
            "index": before["index"].to_numpy(),
            "class": before["class"].to_numpy(),
            "logit_before": before["logit"].to_numpy(),
            "logit_after": after["logit"].to_numpy(),
            "change": after["logit"].to_numpy() - before["logit"].to_numpy(),
            "probability_before": before["probability"].to_numpy(),
            "probability_after": after["probability"].to_numpy(),
        }
    )


def _check_classes(before: pd.DataFrame, count: int) -> None:
    if sorted(before["index"]) != list(range(count)):
        raise ResNetCoreError(
            f"before has {len(before)} rows, but must have one for each of the {count} classes of one picture: "
            f"use `predict` with top={count}."
        )
