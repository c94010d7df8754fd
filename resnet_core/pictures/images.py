"""Pictures: any file -> an upright RGB picture -> what a network reads -> back. Only this module normalises."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import torch
from torch import Tensor

from resnet_core.errors import ImageError, ResNetCoreError
from resnet_core.pictures._files import DAMAGED, TOO_LARGE_NOW, check_size, read_file, recognise
from resnet_core.variants import Family

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_SIDE = 2048  # of a picture that was opened; networks read 32 to 512 pixels
_WHOLE = 4_000_000  # pixels that are resized in order to crop them
_TILE = 1024  # pixels a side that are converted at a time
_ORIENTATION = 0x0112  # EXIF's tag, and what Pillow calls the way back from each of its values
_UPRIGHT = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}


@dataclass(frozen=True)
class Transform:
    """From a picture to a network's input: shorter side to `resize` (bilinear), centre crop of `crop` pixels, then
    (value - mean) / std for each of R, G and B, values in 0..1. Raises `ResNetCoreError` unless 1 <= crop <= resize."""

    resize: int
    crop: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def __post_init__(self) -> None:
        if not 1 <= self.crop <= self.resize:
            raise ResNetCoreError(f"crop is {self.crop}, but must be from 1 to resize, which is {self.resize}.")

    def view(self, image: Image) -> Image:
        """The part of an RGB picture that the network sees, as a picture of `crop` x `crop` pixels.

        Pixel for pixel what torchvision's transforms give. For a very long picture (1:60 at 256) only the middle is
        resized, because the whole would fill the memory; rounding may differ there.
        """
        from PIL.Image import Resampling

        width, height = image.size
        short = min(width, height)
        wide, high = int(self.resize * width / short), int(self.resize * height / short)
        left, top = round((wide - self.crop) / 2), round((high - self.crop) / 2)
        right, bottom = left + self.crop, top + self.crop
        if wide * high <= _WHOLE:
            return image.resize((wide, high), Resampling.BILINEAR).crop((left, top, right, bottom))
        x, y = width / wide, height / high
        box = (left * x, top * y, min(width, right * x), min(height, bottom * y))
        return image.resize((self.crop, self.crop), Resampling.BILINEAR, box=box)

    def normalise(self, pixels: Tensor) -> Tensor:
        """uint8 (N, 3, H, W) -> float32 (N, 3, H, W)."""
        return (pixels.float() / 255 - _channels(self.mean, pixels)) / _channels(self.std, pixels)

    def restore(self, batch: Tensor) -> Tensor:
        """The inverse of `normalise`: float (N, 3, H, W) -> uint8 (N, 3, H, W), clipped to 0..255."""
        values = batch.float() * _channels(self.std, batch) + _channels(self.mean, batch)
        return (values * 255).round().clamp(0, 255).to(torch.uint8)


def _channels(values: tuple[float, float, float], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=torch.float32, device=like.device).view(1, 3, 1, 1)


IMAGENET_TRANSFORM = Transform(256, 224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
CIFAR_TRANSFORM = Transform(32, 32, (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))
TRANSFORMS: dict[Family, Transform] = {"imagenet": IMAGENET_TRANSFORM, "cifar": CIFAR_TRANSFORM}


def to_tensor(image: Image) -> Tensor:
    """An RGB picture as uint8 (3, H, W). Raises `ImageError` for another mode."""
    if image.mode != "RGB":
        raise ImageError(f"The picture's mode is {image.mode}, but a network reads RGB: use `open_image` first.")
    data = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
    return data.view(image.height, image.width, 3).permute(2, 0, 1)


def open_image(source: bytes | str | os.PathLike[str] | IO[bytes] | Image) -> Image:
    """Any picture as RGB, upright (EXIF), alpha on white, the first of several, the longer side at most `MAX_SIDE`.

    `source` is a file's content, its path, the open file (read from its start) or a Pillow picture. The announced size
    is checked before anything is decoded. Colour profiles are not applied. 32-bit and float pictures, which have no
    fixed white, are stretched from black to white. Raises `ImageError`, nothing else, with a sentence for the user.
    """
    from PIL import Image as pillow

    image = source if isinstance(source, pillow.Image) else recognise(read_file(source))
    check_size(image)
    try:
        # a JPEG can be decoded at a half, a quarter or an eighth; the last of its pixels are then partly empty
        draft = None if image is source else image.draft(None, _bounded(image.size))
        image.load()
        small = _small_rgb(image, image.size if draft is None else draft[1][2:])
        turn = _UPRIGHT.get(_orientation(image.info.get("exif")))
        return small.transpose(pillow.Transpose[turn]) if turn else small
    except MemoryError as error:
        raise ImageError(TOO_LARGE_NOW) from error
    except Exception as error:  # decoders may raise anything on hostile bytes
        raise ImageError(DAMAGED) from error


def _bounded(size: tuple[float, float]) -> tuple[int, int]:
    scale = min(1.0, MAX_SIDE / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _orientation(exif: object) -> int:
    """The orientation in an EXIF block, 1 where it is missing or broken; Pillow's reader would warn of a broken one."""
    if not isinstance(exif, bytes):
        return 1
    block = exif.removeprefix(b"Exif\0\0")
    order = "<" if block[:2] == b"II" else ">"
    try:
        (start,) = struct.unpack_from(f"{order}I", block, 4)
        (count,) = struct.unpack_from(f"{order}H", block, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", block, entry)
            if tag == _ORIENTATION:
                return int(value)
    except struct.error:
        pass
    return 1


def _small_rgb(image: Image, extent: tuple[float, float]) -> Image:
    """8-bit RGB, bounded, of the upper left `extent`. In tiles: a step on the whole would need another 400 MB."""
    from PIL import Image as pillow

    width, height = image.size
    factor = max(1, max(width, height) // MAX_SIDE)
    levels = _levels(image, _boxes(image.size, _TILE))
    small = pillow.new("RGB", (-(-width // factor), -(-height // factor)))
    for left, top, right, bottom in _boxes(image.size, factor * -(-_TILE // factor)):
        tile = _rgb(image.crop((left, top, right, bottom)), levels).reduce(factor)
        small.paste(tile, (left // factor, top // factor))
    box = (0, 0, extent[0] / factor, extent[1] / factor)  # without the pixels that `reduce` rounded up
    return small.resize(_bounded(extent), pillow.Resampling.BILINEAR, box=box)


def _boxes(size: tuple[int, int], step: int) -> Iterator[tuple[int, int, int, int]]:
    width, height = size
    for top in range(0, height, step):
        for left in range(0, width, step):
            yield left, top, min(left + step, width), min(top + step, height)


def _levels(image: Image, boxes: Iterator[tuple[int, int, int, int]]) -> tuple[float, float]:
    """Black and white of a picture of more than 8 bits a pixel; unused for others."""
    import numpy as np

    if image.mode not in ("I", "F"):
        return 0, 65535
    black, white = np.inf, -np.inf
    for box in boxes:
        values = np.asarray(image.crop(box), dtype=np.float64)
        values = values[np.isfinite(values)]
        black, white = values.min(initial=black), values.max(initial=white)
    return float(black), float(white)


def _rgb(tile: Image, levels: tuple[float, float]) -> Image:
    import numpy as np
    from PIL import Image as pillow

    if tile.mode[0] in "IF":  # I;16 and its byte orders, I, F
        black, white = levels
        with np.errstate(all="ignore"):  # a picture of one value, or of none that is finite, comes out black
            values = (np.asarray(tile, dtype=np.float64) - black) / (white - black) * 255
            tile = pillow.fromarray(np.nan_to_num(values.clip(0, 255)).round().astype(np.uint8))
    if tile.has_transparency_data:
        layer = tile.convert("RGBA")
        tile = pillow.new("RGB", tile.size, "white")
        tile.paste(layer, mask=layer)
    return tile.convert("RGB")
