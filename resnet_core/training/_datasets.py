"""Folders and tar files of class folders -> pictures and labels, and their random crops while training."""

from __future__ import annotations

import math
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from resnet_core.pictures.images import Transform, open_image, to_tensor
from resnet_core.training._recipes import Recipe

TEST_SPLITS = ("test", "val")


@dataclass(frozen=True, eq=False)
class Pictures:
    """One split: pictures (N, 3, S, S) uint8, labels (N,) and the names of the class folders in order."""

    pixels: Tensor
    labels: Tensor
    folders: tuple[str, ...]

    def to(self, device: torch.device) -> Pictures:
        """The same pictures on `device`."""
        return Pictures(self.pixels.to(device), self.labels.to(device), self.folders)


def read_pictures(data: Path, splits: tuple[str, ...], size: int) -> Pictures:
    """Decode once every picture of `labelled_files`, brought to `size` pixels."""
    keep = Transform(size, size, (0, 0, 0), (1, 1, 1))
    found = [(folder, to_tensor(keep.view(open_image(content)))) for folder, content in labelled_files(data, splits)]
    folders = _some({folder for folder, _ in found}, data, splits)
    labels = torch.tensor([folders.index(folder) for folder, _ in found])
    return Pictures(torch.stack([picture for _, picture in found]), labels, folders)


def labelled_files(data: Path, splits: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Class folder and content of every file `SPLIT/CLASS/*` for `splits` in `data`, a folder or a tar file."""
    for folder, content in _files(data, splits):
        yield folder, content()


def class_folders(data: Path, splits: tuple[str, ...]) -> tuple[str, ...]:
    """The class folders under `splits` in order, without reading pictures. Exits if there are none."""
    return _some({folder for folder, _ in _files(data, splits)}, data, splits)


def _some(folders: set[str], data: Path, splits: tuple[str, ...]) -> tuple[str, ...]:
    """The folders in order. Exits if there are none."""
    if not folders:
        raise SystemExit(f"{data} holds no pictures under {' or '.join(splits)}/CLASS/.")
    return tuple(sorted(folders))


def _files(data: Path, splits: tuple[str, ...]) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Class folder of every file `SPLIT/CLASS/*`, and a function that reads the file."""
    if data.is_dir():
        for path in sorted(data.rglob("*")):
            if path.is_file() and _in_one_of(splits, path):
                yield path.parent.name, path.read_bytes
        return
    with tarfile.open(data) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None and _in_one_of(splits, Path(member.name)):
                yield Path(member.name).parent.name, content.read


def _in_one_of(splits: tuple[str, ...], path: Path) -> bool:
    return len(path.parts) >= 3 and path.parts[-3] in splits


def held_out(pictures: Pictures, share: float, seed: int) -> tuple[Pictures, Pictures]:
    """The pictures to learn from and, drawn by `seed`, a `share` of every class to hold out; none is in both.

    Exits for a class that has only one picture.
    """
    generator = torch.Generator().manual_seed(-1 - seed)  # other draws than those of the epochs
    held = torch.zeros(len(pictures.labels), dtype=torch.bool)
    for label, folder in enumerate(pictures.folders):
        indices = (pictures.labels == label).nonzero()[:, 0]
        if len(indices) < 2:
            raise SystemExit(f"The class {folder} needs at least two pictures: one to learn from, and one to hold out.")
        count = max(1, round(share * len(indices)))
        held[indices[torch.randperm(len(indices), generator=generator)[:count]]] = True
    learned, decides = (Pictures(pictures.pixels[of], pictures.labels[of], pictures.folders) for of in (~held, held))
    return learned, decides


def augment(pixels: Tensor, size: int, recipe: Recipe, generator: torch.Generator) -> Tensor:
    """A random crop of each picture, flipped or not: (N, 3, S, S) uint8 -> (N, 3, size, size) uint8.

    `generator` is on the CPU, so that every device gets the same crops.
    """
    draws = torch.rand(len(pixels), 4, generator=generator)
    flipped = torch.rand(len(pixels), generator=generator) < 0.5
    cropped = (
        _windows(pixels, size, recipe.pad, draws[:, 2:])
        if recipe.smallest_crop is None
        else torch.stack([_resized(*each, size, recipe.smallest_crop) for each in zip(pixels, draws, strict=True)])
    )
    return torch.where(flipped.to(pixels.device)[:, None, None, None], cropped.flip(-1), cropped)


def _windows(pixels: Tensor, size: int, pad: int, draws: Tensor) -> Tensor:
    """From each padded picture a window, (N, 3, S, S) -> (N, 3, size, size); `draws`, (N, 2) from 0 to 1, say where."""
    pad = pad if size == pixels.shape[-1] else 0  # smaller crops need no border
    padded = functional.pad(pixels, (pad, pad, pad, pad))  # (N, 3, S + 2 pad, S + 2 pad)
    corners = (draws * (padded.shape[-1] - size + 1)).long()
    lines = (corners[:, :, None] + torch.arange(size)).to(pixels.device)  # (N, 2, size)
    picture = torch.arange(len(pixels), device=pixels.device)
    windows = padded[picture[:, None, None], :, lines[:, 0, :, None], lines[:, 1, None, :]]  # (N, size, size, 3)
    return windows.permute(0, 3, 1, 2)


def _resized(picture: Tensor, draws: Tensor, size: int, smallest: float) -> Tensor:
    """A part of the picture of `smallest` to 1 of its area, 3:4 to 4:3: (3, S, S) and draws (4,) -> (3, size, size)."""
    full = picture.shape[-1]
    u_area, u_shape, u_top, u_left = draws.tolist()
    area = full * full * (smallest + (1 - smallest) * u_area)
    ratio = math.exp((2 * u_shape - 1) * math.log(4 / 3))  # width over height
    height, width = min(full, round(math.sqrt(area / ratio))), min(full, round(math.sqrt(area * ratio)))
    top, left = int(u_top * (full - height + 1)), int(u_left * (full - width + 1))
    crop = picture[None, :, top : top + height, left : left + width]
    return (crop if height == width == size else scaled(crop, size))[0]


def scaled(pixels: Tensor, size: int) -> Tensor:
    """uint8 (N, 3, H, W) -> uint8 (N, 3, size, size), bilinear; as float in between: GPUs scale nothing else."""
    wanted = functional.interpolate(pixels.float(), size=(size, size), mode="bilinear", antialias=True)
    return wanted.round().to(torch.uint8)
