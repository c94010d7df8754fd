"""Picture files for the tests, small ones through Pillow and strange ones byte by byte."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from pillow_heif import from_pillow

Pixels = npt.NDArray[Any]

LOSSLESS: dict[str, tuple[str, dict[str, Any]]] = {
    "png": ("PNG", {}),
    "webp": ("WEBP", {"lossless": True}),
    "gif": ("GIF", {}),
    "bmp": ("BMP", {}),
    "tiff": ("TIFF", {}),
    "tiff lzw": ("TIFF", {"compression": "tiff_lzw"}),
    "tiff deflate": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "tiff packbits": ("TIFF", {"compression": "packbits"}),
}
LOSSY: dict[str, tuple[str, dict[str, Any]]] = {
    "jpeg": ("JPEG", {"quality": 95}),
    "jpeg progressive": ("JPEG", {"quality": 95, "progressive": True}),
    "mpo": ("MPO", {"quality": 95, "save_all": True, "append_images": [Image.new("RGB", (32, 24))]}),
    "webp": ("WEBP", {"quality": 95}),
    "avif": ("AVIF", {"quality": 95}),
    "heic": ("HEIF", {"quality": 95}),
}


def quadrants() -> Image.Image:
    """48 x 32: red, green / blue, black, so that every turn and mirror image of it looks different."""
    pixels = np.zeros((32, 48, 3), np.uint8)
    pixels[:16, :24, 0] = pixels[:16, 24:, 1] = pixels[16:, :24, 2] = 255
    return Image.fromarray(pixels)


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The bytes of a file of Pillow's format `kind`."""
    file = io.BytesIO()
    if kind == "HEIF":
        from_pillow(image).save(file, **options)
    else:
        image.save(file, kind, **options)
    return file.getvalue()


SAMPLES = {  # one of each format and of each way to store it
    name: encode(quadrants(), kind, **options)
    for name, (kind, options) in {
        **{name: LOSSLESS[name] for name in ("png", "gif", "bmp", "tiff", "tiff lzw")},
        **{name: LOSSY[name] for name in ("jpeg", "jpeg progressive", "webp", "avif", "heic")},
    }.items()
}


def exif(orientation: int, order: str = "<") -> bytes:
    """An EXIF block, written by hand, whose second entry is the orientation."""
    values = ((0x0106, 2), (0x0112, orientation))
    entries = b"".join(struct.pack(f"{order}HHIHH", tag, 3, 1, value, 0) for tag, value in values)
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HIH", 42, 8, 2)
    return b"Exif\0\0" + head + entries + struct.pack(f"{order}I", 0)


def png(
    width: int, height: int, colour: int, depth: int, data: bytes, *chunks: bytes, interlaced: bool = False
) -> bytes:
    """A PNG around already compressed `data`, with `chunks` before it."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    parts = (png_chunk(b"IHDR", header), *chunks, png_chunk(b"IDAT", data), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk: length, kind, data, checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def deep_png(values: Pixels, *chunks: bytes) -> bytes:
    """16 bits a channel, (H, W, channels): grey, grey and alpha, RGB or RGBA by their number."""
    height, width, channels = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return png(width, height, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 16, zlib.compress(rows), *chunks)


def interlaced_png(pixels: Pixels) -> bytes:
    """RGB in the seven passes of Adam7."""
    starts = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    passes = [pixels[top::down, left::across] for top, left, down, across in starts]
    rows = b"".join(b"\0" + row.tobytes() for part in passes if part.size for row in part)
    return png(pixels.shape[1], pixels.shape[0], 2, 8, zlib.compress(rows), interlaced=True)


def flat_png(width: int, height: int, rgba: tuple[int, int, int, int]) -> bytes:
    """A huge picture of one colour in no time: deflate's full flush makes a row that can be repeated as it is."""
    row = b"\0" + bytes(rgba) * width
    packer = zlib.compressobj(1)
    start = packer.compress(row) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = packer.compress(row) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 1
    for _ in range(height):
        checksum = zlib.adler32(row, checksum)
    end = zlib.compressobj(1, zlib.DEFLATED, -15).flush() + struct.pack(">I", checksum)
    return png(width, height, 6, 8, start + packed * (height - 1) + end)
