"""Folders and tar files of class folders -> pictures and labels, and their random crops while training."""

from __future__ import annotations

import math
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from resnet_core.images import Transform, open_image, to_tensor
from resnet_core.recipes import Recipe

TEST_SPLITS = ("test", "val")


@dataclass(frozen=True, eq=False)
class Pictures:
    """One split: pictures (N, 3, S, S) uint8, labels (N,) and the names of the class folders in order."""

    pixels: Tensor
    labels: Tensor
    folders: tuple[str, ...]


def read_pictures(data: Path, splits: tuple[str, ...], size: int) -> Pictures:
    """Decode once every picture of `labelled_files`, brought to `size` pixels."""
    keep = Transform(size, size, (0, 0, 0), (1, 1, 1))
    found = [(folder, to_tensor(keep.view(open_image(content)))) for folder, content in labelled_files(data, splits)]
    if not found:
        raise SystemExit(f"{data} holds no pictures under {' or '.join(splits)}/CLASS/.")
    folders = tuple(sorted({folder for folder, _ in found}))
    labels = torch.tensor([folders.index(folder) for folder, _ in found])
    return Pictures(torch.stack([picture for _, picture in found]), labels, folders)


def labelled_files(data: Path, splits: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Class folder and content of every file `SPLIT/CLASS/*` of `data`, a folder or a tar file, for `splits`."""
    for path, content in _files(data):
        parts = Path(path).parts
        if len(parts) >= 3 and parts[-3] in splits:
            yield parts[-2], content


def _files(data: Path) -> Iterator[tuple[str, bytes]]:
    if data.is_dir():
        for path in sorted(data.rglob("*")):
            if path.is_file():
                yield str(path), path.read_bytes()
        return
    with tarfile.open(data) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                yield member.name, content.read()


def augment(pixels: Tensor, size: int, recipe: Recipe, generator: torch.Generator) -> Tensor:
    """A random crop of each picture, flipped or not: (N, 3, S, S) uint8 -> (N, 3, size, size) uint8."""
    draws = torch.rand(len(pixels), 4, generator=generator).tolist()
    if recipe.smallest_crop is None:
        pad = recipe.pad if size == pixels.shape[-1] else 0  # smaller crops need no border to move about
        pixels = functional.pad(pixels, (pad, pad, pad, pad))
    out = []
    for picture, (u_area, u_shape, u_top, u_left) in zip(pixels, draws, strict=True):
        full = picture.shape[-1]
        if recipe.smallest_crop is None:
            height = width = size
        else:
            area = full * full * (recipe.smallest_crop + (1 - recipe.smallest_crop) * u_area)
            ratio = math.exp((2 * u_shape - 1) * math.log(4 / 3))  # width over height, 3/4 to 4/3
            height, width = min(full, round(math.sqrt(area / ratio))), min(full, round(math.sqrt(area * ratio)))
        top, left = int(u_top * (full - height + 1)), int(u_left * (full - width + 1))
        crop = picture[:, top : top + height, left : left + width]
        out.append(crop if height == width == size else _resize(crop, size))
    batch = torch.stack(out)
    flip = torch.rand(len(batch), generator=generator) < 0.5
    batch[flip] = batch[flip].flip(-1)
    return batch


def _resize(picture: Tensor, size: int) -> Tensor:
    return functional.interpolate(picture[None], size=(size, size), mode="bilinear", antialias=True)[0]
