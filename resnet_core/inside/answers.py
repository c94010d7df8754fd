"""From a picture to probabilities."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import torch
from torch import Tensor

from resnet_core.errors import ResNetCoreError
from resnet_core.exact import exact
from resnet_core.nets.model import ResNet
from resnet_core.nets.passes import check_batch, report_blocks
from resnet_core.nets.private_view import private_view
from resnet_core.pictures.images import TRANSFORMS, Transform, to_tensor
from resnet_core.progress import Progress

if TYPE_CHECKING:
    from PIL.Image import Image


def transform_of(model: ResNet) -> Transform:
    """The preprocessing for `model`: the transform of its weights, or of its family."""
    if model.weights is not None:
        return model.weights.transform
    return TRANSFORMS[model.variant.family]


def preprocess(image: Image, model: ResNet) -> Tensor:
    """An RGB picture -> (1, 3, H, W) float32 on the model's device, by the transform of the model's weights."""
    transform = transform_of(model)
    pixels = to_tensor(transform.view(image))[None]  # (1, 3, crop, crop) uint8
    return transform.normalise(pixels).to(model.fc.weight.device)


def class_names(model: ResNet) -> tuple[str, ...]:
    """The class names in the order of the logits; `class 0`, `class 1`, ... if the weights have none."""
    if model.weights is not None and len(model.weights.classes) == model.num_classes:
        return model.weights.classes
    return tuple(f"class {index}" for index in range(model.num_classes))


def _probabilities(logits: Tensor, temperature: float | None) -> Tensor:
    """The softmax of `logits` (N, classes) / `temperature`, stable also for tiny temperatures.

    In double precision, since single would round the probability of a sure answer to exactly 1.
    """
    below = logits.double() - logits.max(1, keepdim=True).values  # (N, classes), at most 0
    return (below / (1.0 if temperature is None else temperature)).softmax(1)


@exact()
def predict(
    model: ResNet,
    batch: Tensor,
    top: int = 5,
    *,
    temperature: float | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """The `top` classes of each picture of `batch` (N, 3, H, W), in eval mode; cut to the number of classes.

    Columns: picture, rank (from 1), index, class, probability, logit. A `temperature` divides the logits before they
    become probabilities; the column holds them as they were. Raises `ResNetCoreError` for another shape, or a
    temperature that is not finite and above 0.
    """
    if top < 1:
        raise ResNetCoreError(f"top is {top}, but at least 1 class must be asked for.")
    if temperature is not None and not 0 < temperature < math.inf:
        raise ResNetCoreError(f"temperature is {temperature}, but must be a finite number above 0.")
    batch = check_batch(model, batch)
    view = private_view(model).eval()
    report_blocks(view, progress)
    with torch.no_grad():
        logits = view(batch).float().cpu()  # (N, classes)
    names = class_names(model)
    indices = logits.topk(min(top, logits.shape[1]), dim=1).indices  # (N, top); no temperature changes the order
    probabilities = _probabilities(logits, temperature).gather(1, indices)
    return pd.DataFrame(
        [
            (picture, rank + 1, index, names[index], probability, float(logits[picture, index]))
            for picture in range(len(logits))
            for rank, (index, probability) in enumerate(
                zip(indices[picture].tolist(), probabilities[picture].tolist(), strict=True)
            )
        ],
        columns=["picture", "rank", "index", "class", "probability", "logit"],
    )
