"""Pictures: any file -> an upright RGB picture -> what a network reads -> back. The only place that knows formats."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import torch
from torch import Tensor

from resnet_core.errors import ImageError

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 120_000_000  # decoded as RGB: 360 MB for a moment
MAX_SIDE = 2048  # what is kept; networks read 32 to 512 pixels
FORMATS = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "WEBP": "WebP",
    "AVIF": "AVIF",
    "GIF": "GIF",
    "TIFF": "TIFF",
    "BMP": "BMP",
    "HEIF": "HEIC",
}
_ALLOWED = ", ".join(list(FORMATS.values())[:-1]) + " or HEIC"


@dataclass(frozen=True)
class Transform:
    """From a picture to a network's input: shorter side to `resize` (bilinear), centre crop of `crop` pixels, then
    (value - mean) / std for each of R, G and B, values in 0..1."""

    resize: int
    crop: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def view(self, image: Image) -> Image:
        """The part of the picture that the network sees, as a picture of `crop` x `crop` pixels.

        Equal to resizing first and cropping then, without ever holding what is cropped away.
        """
        from PIL import Image as pillow

        width, height = image.size
        if width <= height:
            wide, high = self.resize, int(self.resize * height / width)
        else:
            wide, high = int(self.resize * width / height), self.resize
        left, top = round((wide - self.crop) / 2), round((high - self.crop) / 2)
        scale_x, scale_y = width / wide, height / high
        box = (
            max(0.0, left * scale_x),
            max(0.0, top * scale_y),
            min(float(width), (left + self.crop) * scale_x),
            min(float(height), (top + self.crop) * scale_y),
        )
        return image.resize((self.crop, self.crop), pillow.Resampling.BILINEAR, box=box)

    def normalise(self, pixels: Tensor) -> Tensor:
        """uint8 (N, 3, H, W) -> float32 (N, 3, H, W)."""
        return (pixels.float() / 255 - self._constant(self.mean, pixels)) / self._constant(self.std, pixels)

    def restore(self, batch: Tensor) -> Tensor:
        """The inverse of `normalise`: (N, 3, H, W) float -> uint8, clipped to what a screen can show."""
        values = batch.float() * self._constant(self.std, batch) + self._constant(self.mean, batch)
        return (values * 255).round().clamp(0, 255).to(torch.uint8)

    @staticmethod
    def _constant(values: tuple[float, float, float], like: Tensor) -> Tensor:
        return torch.tensor(values, device=like.device).view(1, 3, 1, 1)


IMAGENET_TRANSFORM = Transform(256, 224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
CIFAR_TRANSFORM = Transform(32, 32, (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))


def to_tensor(image: Image) -> Tensor:
    """An RGB picture as uint8 (3, H, W)."""
    data = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
    return data.view(image.height, image.width, 3).permute(2, 0, 1)


def to_image(pixels: Tensor) -> Image:
    """uint8 (3, H, W) as an RGB picture: the inverse of `to_tensor`."""
    from PIL import Image as pillow

    return pillow.fromarray(pixels.permute(1, 2, 0).contiguous().cpu().numpy(), mode=None)


def open_image(source: bytes | str | Path | IO[bytes]) -> Image:
    """Read a picture of any common format: RGB, upright (EXIF), alpha on white, the first frame of an animation.

    The announced size is checked before anything is decoded (`MAX_PIXELS`), and the longer side of the result is at most
    `MAX_SIDE` pixels. Raises `ImageError` with one sentence for the user.
    """
    content = _read(source)
    if not content:
        raise ImageError("The file is empty. Please choose a picture.")
    from PIL import Image as pillow
    from PIL import UnidentifiedImageError

    _register_heic()
    try:
        image = pillow.open(io.BytesIO(content), formats=tuple(FORMATS))
    except UnidentifiedImageError as error:
        raise ImageError(f"This file is not a picture that can be read. Allowed are {_ALLOWED}.") from error
    except pillow.DecompressionBombError as error:
        raise ImageError(
            f"This picture announces far more than the {MAX_PIXELS / 1e6:.0f} million pixels allowed. Please shrink it."
        ) from error
    except Exception as error:  # decoders raise anything on hostile bytes
        raise ImageError("This file is damaged and cannot be opened as a picture.") from error
    width, height = image.size
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        raise ImageError(
            f"This picture has {width:,} x {height:,} pixels; at most {MAX_PIXELS / 1e6:.0f} million are allowed. "
            "Please shrink it."
        )
    try:
        return _upright_rgb(image)
    except Exception as error:
        raise ImageError("This picture is damaged: it starts well but cannot be decoded to the end.") from error


def _read(source: bytes | str | Path | IO[bytes]) -> bytes:
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    if isinstance(source, str | Path):
        try:
            return Path(source).read_bytes()
        except OSError as error:
            raise ImageError(f"The file {str(source)!r} cannot be read: {error.strerror or error}.") from error
    content: bytes = source.read()
    return content


def _register_heic() -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener()


def _upright_rgb(image: Image) -> Image:
    from PIL import Image as pillow
    from PIL import ImageOps

    image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # lets a JPEG decode at a half, quarter or eighth of its size
    image.load()
    image = ImageOps.exif_transpose(image)
    if max(image.size) > MAX_SIDE and image.mode not in ("P", "PA") and not image.mode.startswith("I;"):
        image.thumbnail((MAX_SIDE, MAX_SIDE), pillow.Resampling.BILINEAR)
    if image.mode.startswith("I") or image.mode == "F":
        image = _eight_bits(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = pillow.new("RGBA", image.size, "white")
        image = pillow.alpha_composite(white, image)
    image = image.convert("RGB")
    image.thumbnail((MAX_SIDE, MAX_SIDE), pillow.Resampling.BILINEAR)
    return image


def _eight_bits(image: Image) -> Image:
    """16-bit grey by its upper byte; 32-bit and float pictures, which have no fixed white, stretched to 0..255."""
    import numpy as np
    from PIL import Image as pillow

    values = np.asarray(image)
    if image.mode.startswith("I;16"):
        return pillow.fromarray((values // 257).astype(np.uint8))
    finite = np.nan_to_num(values.astype(np.float32))
    low, high = float(finite.min()), float(finite.max())
    return pillow.fromarray(((finite - low) / max(high - low, 1e-12) * 255).astype(np.uint8))
