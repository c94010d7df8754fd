"""A batch answered elsewhere: apart from the command, whose functions another process would look for in its own."""

from __future__ import annotations

import torch
from torch import Tensor

from resnet_core.inside.answers import predict
from resnet_core.nets.model import ResNet
from resnet_core.progress import Progress


def logits_of(task: tuple[int, Tensor], model: ResNet, report: Progress) -> Tensor:
    """The logits (n, classes) of numbered pictures (n, 3, H, W)."""
    table = predict(model, task[1], top=model.num_classes, progress=report).sort_values(["picture", "index"])
    return torch.tensor(table["logit"].to_numpy()).reshape(len(task[1]), model.num_classes)
