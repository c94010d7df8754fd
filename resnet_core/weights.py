"""Trained weights: which exist for each variant, and `load`, which puts them or your own file into a network."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import IO

import torch

from resnet_core.checkpoints import is_safetensors, open_checkpoint, read_checkpoint
from resnet_core.downloads import cached_path, fetch
from resnet_core.errors import WeightsError
from resnet_core.fitting import fit
from resnet_core.images import IMAGENET_TRANSFORM, TRANSFORMS
from resnet_core.model import ResNet, for_inference, resolve_device
from resnet_core.pretrained_files import PLAIN, Weights, read_weights
from resnet_core.progress import Progress
from resnet_core.shelf import PRETRAINED, blamed, bundled, file_name, left_out
from resnet_core.variants import VARIANTS, Shortcut, Variant, Version, variant_of

__all__ = ["LEFT_OUT", "PRETRAINED", "WEIGHTS", "Weights", "bundled", "is_cached", "load"]

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
LEFT_OUT = left_out(PRETRAINED)


def is_cached(weights: Weights) -> bool:
    """True if loading `weights` needs no network: they are bundled, or their file is in torch's cache."""
    return weights.url is None or os.path.isfile(cached_path(weights.url))


def load(
    name: str | Variant,
    weights: str | Path | IO[bytes] | bytes,
    *,
    shortcut: Shortcut | None = None,
    version: Version | None = None,
    device: str | torch.device = "auto",
    progress: Progress | None = None,
) -> ResNet:
    """A network with trained weights, in eval mode; `model.weights` says which.

    `weights` is an id that `WEIGHTS` lists for this variant, or a checkpoint (.safetensors, .pth or .pt) as a path, a
    binary file or its bytes. The plain twin is meant by `shortcut="none"`. For a checkpoint that does not say what it
    is, None means the shortcut option that its tensors show (A if they show none) and version v1.5. `progress` hears of
    a download's bytes. Raises `WeightsError` for weights that cannot be had, read or fitted.
    """
    variant = variant_of(name)
    target = resolve_device(device)
    known = _known(variant, weights, shortcut) if isinstance(weights, str) else None
    if known is not None:
        _check_agreement(known, variant, shortcut, version)  # before a long download
    source = weights if known is None else _file_of(known, progress)
    with blamed(known), open_checkpoint(source) as file:
        said = known or _said_by(file, variant, source)
        if said is not None:
            _check_agreement(said, variant, shortcut, version)
            shortcut, version = said.shortcut, said.version
        model = fit(read_checkpoint(file), variant, shortcut=shortcut, version=version or "v1.5")
        model.weights = said or _unknown(model, source, size=file.seek(0, 2))
    if model.weights.source == "download":
        model.weights = replace(model.weights, classes=_imagenet_classes())
    return for_inference(model, target)


def _known(variant: Variant, weights: str, shortcut: Shortcut | None) -> Weights | None:
    """The entry of `WEIGHTS` that is meant, None for a path. Raises `WeightsError` for a word that is neither."""
    known = WEIGHTS.get((variant.name, weights))
    if shortcut is not None and (known is None or known.shortcut != shortcut):
        twin = WEIGHTS.get((variant.name, weights + PLAIN))
        known = twin if twin is not None and twin.shortcut == shortcut else known
    if known is None or shortcut not in (None, known.shortcut):
        for weights_id in (weights, weights + PLAIN) if shortcut == "none" else (weights,):
            if (variant.name, weights_id) in LEFT_OUT:
                raise WeightsError(LEFT_OUT[variant.name, weights_id])
    if known is not None or Path(weights).suffix or {"/", "\\"} & set(weights) or os.path.isfile(weights):
        return known
    ids = ", ".join(repr(weights_id) for name, weights_id in WEIGHTS if name == variant.name)
    exist = f"there are {ids}" if ids else "none come with this package"
    raise WeightsError(
        f"{variant.title} has no weights called {weights!r}: {exist}; "
        "a path to a .safetensors, .pth or .pt file works too."
    )


def _file_of(known: Weights, progress: Progress | None) -> Path:
    if known.url is None:
        return PRETRAINED / file_name(known)
    here = ", ".join(
        f"{weights_id!r} of {VARIANTS[name].title}"
        for (name, weights_id), weights in WEIGHTS.items()
        if weights.source == "bundled"
    )
    advice = f"Without network the bundled weights work: {here}." if here else ""
    return fetch(known, cached_path(known.url), progress, advice)


def _said_by(file: IO[bytes], variant: Variant, source: object) -> Weights | None:
    """What a file of ours says of itself in its header; None for other people's files."""
    said = read_weights(file, "file") if is_safetensors(file) else None
    if said is None or said.variant != variant.name:
        return None
    return replace(said, id=_name(source))


def _unknown(model: ResNet, source: object, size: int) -> Weights:
    """What can be said of somebody's checkpoint of `size` bytes that was fitted to `model`."""
    return Weights(
        id=_name(source),
        variant=model.variant.name,
        shortcut=model.shortcut_option,
        version=model.version,
        classes=(),
        transform=TRANSFORMS[model.variant.family],
        source="file",
        data="",
        bytes=size,
    )


def _name(source: object) -> str:
    path = source if isinstance(source, str | Path) else getattr(source, "name", "")
    return Path(path).name if isinstance(path, str | Path) and path else "checkpoint"


def _check_agreement(said: Weights, variant: Variant, shortcut: Shortcut | None, version: Version | None) -> None:
    """Weights are right only in the network that they were trained in, also where the shapes would fit another."""
    asked: dict[str, tuple[str | None, str]] = {"shortcut": (shortcut, said.shortcut)}
    if variant.block == "bottleneck":  # to the others the version makes no difference
        asked["version"] = (version, said.version)
    for what, (wish, trained) in asked.items():
        if wish is not None and wish != trained:
            raise WeightsError(
                f"The weights {said.id!r} of {variant.title} were trained with {what}={trained!r} and give wrong "
                f"answers with {what}={wish!r}: leave {what} out, or build() that network with random weights."
            )


def _imagenet_classes() -> tuple[str, ...]:
    """The 1,000 words in the order of the logits; importing torchvision takes seconds, so only when they are needed."""
    from torchvision.models import ResNet18_Weights

    return tuple(ResNet18_Weights.IMAGENET1K_V1.meta["categories"])
