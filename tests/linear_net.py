"""A network that is linear in its pixels, so that every answer about it is known beforehand."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from resnet_core.nets.model import ResNet, build


def linear_net() -> ResNet:
    """Each pixel adds its own share to each logit: no stages, no ReLU, a 1 x 1 conv and the mean over the picture."""
    model = build("resnet20", seed=3)
    model.bn1 = model.relu = nn.Identity()  # type: ignore[assignment]
    generator = torch.Generator().manual_seed(0)
    model.conv1 = nn.Conv2d(3, 16, 1, bias=False)
    for name in model.stages:
        setattr(model, name, nn.Sequential())
    model.fc = nn.Linear(16, 10)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return model.double().eval()


def photo() -> Tensor:
    return torch.randn(1, 3, 12, 10, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
