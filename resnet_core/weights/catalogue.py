"""Which trained weights exist for each variant: the bundled ones and torchvision's downloads."""

from __future__ import annotations

import os
from dataclasses import replace

from resnet_core.pictures.images import IMAGENET_TRANSFORM
from resnet_core.weights.bundled import PRETRAINED, bundled, damaged
from resnet_core.weights.downloads import cached_path
from resnet_core.weights.files import Weights

# torchvision's names for its two training recipes, and their preprocessing
TORCHVISION = {
    "imagenet": ("IMAGENET1K_V1", IMAGENET_TRANSFORM),
    "imagenet-v2": ("IMAGENET1K_V2", replace(IMAGENET_TRANSFORM, resize=232)),
}

# variant, id, top-1 accuracy, size in MB of 2**20 bytes, file at torchvision's server
DOWNLOADS = (
    ("resnet18", "imagenet", 0.69758, 44.661, "resnet18-f37072fd.pth"),
    ("resnet34", "imagenet", 0.73314, 83.275, "resnet34-b627a593.pth"),
    ("resnet50", "imagenet", 0.76130, 97.781, "resnet50-0676ba61.pth"),
    ("resnet50", "imagenet-v2", 0.80858, 97.790, "resnet50-11ad3fa6.pth"),
    ("resnet101", "imagenet", 0.77374, 170.511, "resnet101-63fe2227.pth"),
    ("resnet101", "imagenet-v2", 0.81886, 170.530, "resnet101-cd907fc2.pth"),
    ("resnet152", "imagenet", 0.78312, 230.434, "resnet152-394f9c45.pth"),
    ("resnet152", "imagenet-v2", 0.82284, 230.474, "resnet152-f82ba261.pth"),
)


def _downloads() -> dict[tuple[str, str], Weights]:
    return {
        (variant, weights_id): Weights(
            id=weights_id,
            variant=variant,
            shortcut="B",
            version="v1.5",
            classes=(),
            transform=TORCHVISION[weights_id][1],
            source="download",
            data="ImageNet",
            bytes=round(megabytes * 2**20),
            accuracy=accuracy,
            url=f"https://download.pytorch.org/models/{file}",
            recipe=f"torchvision {TORCHVISION[weights_id][0]}",
        )
        for variant, weights_id, accuracy, megabytes, file in DOWNLOADS
    }


WEIGHTS: dict[tuple[str, str], Weights] = {**bundled(PRETRAINED), **_downloads()}
DAMAGED_WEIGHTS = damaged(PRETRAINED)


def is_cached(weights: Weights) -> bool:
    """True if loading `weights` needs no network: they are bundled, or their file is in torch's cache."""
    return weights.url is None or os.path.isfile(cached_path(weights.url))
