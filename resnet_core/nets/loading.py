"""`load`: a network with trained weights, bundled, downloaded or from your own file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import IO

import torch

from resnet_core.errors import WeightsError
from resnet_core.nets._fitting import fit
from resnet_core.nets.model import ResNet, for_inference, resolve_device
from resnet_core.pictures.images import TRANSFORMS
from resnet_core.progress import Progress
from resnet_core.variants import VARIANTS, Shortcut, Variant, Version, variant_of
from resnet_core.weights.bundled import PRETRAINED, file_name, naming_bundled_file
from resnet_core.weights.catalogue import DAMAGED_WEIGHTS, WEIGHTS
from resnet_core.weights.checkpoints import is_safetensors, open_checkpoint, read_checkpoint
from resnet_core.weights.downloads import cached_path, fetch
from resnet_core.weights.files import PLAIN, Weights, read_weights


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
    binary file or its bytes. `shortcut="none"` means the plain twin. For a checkpoint that does not say what it is,
    None means the shortcut option that its tensors show (A if they show none) and version v1.5. `progress` counts the
    bytes of a download. Raises `WeightsError` for weights that cannot be found, downloaded, read or fitted.
    """
    variant = variant_of(name)
    target = resolve_device(device)
    known = _known(variant, weights, shortcut) if isinstance(weights, str) else None
    if known is not None:
        _check_agreement(known, variant, shortcut, version)  # before a long download
    source = weights if known is None else _file_of(known, progress)
    with naming_bundled_file(known), open_checkpoint(source) as file:
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
    """The entry of `WEIGHTS` for an id, None for a path. Raises `WeightsError` for anything else."""
    known = WEIGHTS.get((variant.name, weights))
    if shortcut is not None and (known is None or known.shortcut != shortcut):
        twin = WEIGHTS.get((variant.name, weights + PLAIN))
        known = twin if twin is not None and twin.shortcut == shortcut else known
    if known is None or shortcut not in (None, known.shortcut):
        for weights_id in (weights, weights + PLAIN) if shortcut == "none" else (weights,):
            if (variant.name, weights_id) in DAMAGED_WEIGHTS:
                raise WeightsError(DAMAGED_WEIGHTS[variant.name, weights_id])
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
    """The header of one of our own files; None for other files."""
    said = read_weights(file, "file") if is_safetensors(file) else None
    if said is None or said.variant != variant.name:
        return None
    return replace(said, id=_name(source))


def _unknown(model: ResNet, source: object, size: int) -> Weights:
    """The `Weights` of somebody's checkpoint of `size` bytes that was fitted to `model`."""
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
    """Refuse weights in another network than they were trained in, even if the shapes fit."""
    asked: dict[str, tuple[str | None, str]] = {"shortcut": (shortcut, said.shortcut)}
    if variant.block == "bottleneck":  # for other blocks the version makes no difference
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
