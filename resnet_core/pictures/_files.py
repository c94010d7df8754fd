"""Picture files: bytes, a path or an open file -> a picture, not decoded yet. Only this module knows formats."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from resnet_core.errors import ImageError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

Reader: TypeAlias = tuple["Callable[[IO[bytes], str], ImageFile]", Callable[[bytes], bool | str] | None]

MAX_BYTES = 200_000_000
MAX_PIXELS = 120_000_000
FORMATS = {  # Pillow's name: what people call it, and how many pixels it may have
    "JPEG": ("JPEG", MAX_PIXELS),
    "PNG": ("PNG", MAX_PIXELS),
    "WEBP": ("WebP", 52_000_000),  # these decoders hold up to four copies of the whole picture:
    "AVIF": ("AVIF", 52_000_000),  # so no format takes more than 900 MB for a moment
    "GIF": ("GIF", MAX_PIXELS),
    "TIFF": ("TIFF", 70_000_000),
    "BMP": ("BMP", MAX_PIXELS),
    "HEIF": ("HEIC", 52_000_000),
}
MAX_SCANS = 100  # of a JPEG; a progressive one has about ten, and 20 MB could hold 100,000, an hour's work
MAX_SEGMENTS = 2_000  # of a JPEG; cameras write about twenty, and Pillow joins those of one kind again and again
MAX_CHUNKS = 50_000  # of a PNG; 20 MB in chunks of 4 kB are 5,000
MAX_PARTS = 500_000  # of a picture; 120 million pixels in squares of 16 x 16 are as many
_MARKER = re.compile(rb"\xff+([^\x00\x01\xd0-\xd7\xff])")  # between parts of a JPEG, never within coded pixels
_END, _SCAN = b"\xd9", b"\xda"
_PACKED = (1, 2)  # a BMP's two ways of run lengths
_TITLES = [title for title, _ in FORMATS.values()]

EMPTY = "The file is empty. Please choose another one."
UNKNOWN = f"This file is not a picture that can be read. Please choose {', '.join(_TITLES[:-1])} or {_TITLES[-1]}."
RESIZE = "Please make the picture smaller."
TOO_LARGE_NOW = "This picture needs more memory than the machine has free just now. Try again, or a smaller picture."
DAMAGED = "This picture is damaged, or stored in a way that cannot be read. Please save it again as JPEG or PNG."


def read_file(source: Any) -> io.BytesIO:
    """The content of a file: `source` is that content, its path, or the open file, which is read from its start.

    Raises `ImageError` if it cannot be read, is of another type, or has more than `MAX_BYTES`.
    """
    try:
        if isinstance(source, str | os.PathLike):
            with open(source, "rb") as file:
                return _copy(file)
        if isinstance(source, bytes | bytearray | memoryview):
            return _copy(io.BytesIO(source))
        if hasattr(source, "read"):
            with suppress(AttributeError, OSError):  # a pipe cannot seek
                source.seek(0)
            return _copy(source)
    except ImageError:
        raise
    except Exception as error:  # a foreign file object may raise anything
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"The file cannot be read ({reason}). Please choose another one.") from error
    raise ImageError(
        f"The picture is given as {type(source).__name__}, but must be the bytes of a file, its path, the open file "
        "or a Pillow picture."
    )


def _copy(file: IO[bytes]) -> io.BytesIO:
    content = io.BytesIO()
    while chunk := file.read(1 << 20):  # in pieces, because a file may have no end
        content.write(chunk)
        if content.tell() > MAX_BYTES:
            raise ImageError(f"The file has more than {MAX_BYTES // 10**6} MB. {RESIZE}")
    content.seek(0)
    return content


def recognise(content: io.BytesIO) -> ImageFile:
    """The picture in a file, recognised by its content and not by its name, not decoded yet. Raises `ImageError`.

    Pillow's own `open` would warn above 89 million pixels, and a thread cannot silence a warning for itself alone; so
    the readers of `FORMATS`, and no others, are called directly.
    """
    from PIL.Image import DecompressionBombError

    prefix = content.read(16)
    if not prefix:
        raise ImageError(EMPTY)
    failure: Exception | None = None
    for read, accepts in _readers():
        if accepts is None or not accepts(prefix):
            continue
        content.seek(0)
        try:
            image = read(content, "")
            if len(image.tile) > MAX_PARTS:
                raise OSError("too many parts")
            return image
        except DecompressionBombError as error:
            raise ImageError(f"This picture has over {MAX_PIXELS // 10**6} million pixels. {RESIZE}") from error
        except Exception as error:  # readers may raise anything on hostile bytes; AVIF and HEIC can start the same way
            failure = error
    raise ImageError(DAMAGED if failure else UNKNOWN) from failure


def check_size(image: Image) -> None:
    """Raises `ImageError` if a picture has no pixels, or more than its format may have."""
    title, limit = FORMATS.get(image.format or "", ("", MAX_PIXELS))
    width, height = image.size
    if not 0 < width * height <= limit:
        kind = f"{title} picture" if title else "picture"
        raise ImageError(
            f"This {kind} has {width:,} x {height:,} pixels; it may have 1 to {limit // 10**6} million. {RESIZE}"
        )


def _readers() -> Iterable[Reader]:
    """For each of `FORMATS`: the reader, and whether a file with these first 16 bytes may be of that format."""
    from PIL import Image as pillow
    from PIL.BmpImagePlugin import BmpImageFile
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile
    from pillow_heif import HeifImageFile, is_supported

    class Bmp(BmpImageFile):
        """A BMP without run-length encoding: Pillow decodes that in Python, half a minute for 10 kB."""

        def _open(self) -> None:
            super()._open()
            if self.info.get("compression") in _PACKED:
                raise OSError("run lengths")

    class Jpeg(JpegImageFile):
        """A JPEG, or the first picture of an MPO."""

        def _open(self) -> None:
            assert self.fp is not None
            _check_segments(self.fp.read())
            self.fp.seek(0)
            super()._open()

        def _read_dpi_from_exif(self) -> None:
            """Do nothing: the resolution is not needed, and looking for it in a broken EXIF block warns."""

    class Png(PngImageFile):
        """A PNG with a plausible number of chunks."""

        def _open(self) -> None:
            assert self.fp is not None
            _check_chunks(self.fp.read())
            self.fp.seek(0)
            super()._open()

    pillow.init()
    readers: dict[str, Reader] = {name: pillow.OPEN[name] for name in FORMATS if name != "HEIF"}
    readers["JPEG"] = (Jpeg, readers["JPEG"][1])
    readers["PNG"] = (Png, readers["PNG"][1])
    readers["BMP"] = (Bmp, readers["BMP"][1])
    readers["HEIF"] = (HeifImageFile, is_supported)  # not registered, so that Pillow does not change for other code
    return readers.values()


def _check_segments(content: bytes) -> None:
    """Raises `OSError` for a JPEG with too many scans or segments."""
    position, scans, segments = 2, 0, 0
    while (found := _MARKER.search(content, position)) is not None and found[1] != _END:
        scans += found[1] == _SCAN
        segments += 1
        if scans > MAX_SCANS or segments > MAX_SEGMENTS:
            raise OSError("too many scans or segments")
        length = int.from_bytes(content[found.end() : found.end() + 2])
        position = found.end() + max(2, length)


def _check_chunks(content: bytes) -> None:
    """Raises `OSError` for a PNG of too many chunks: each is its length, a name, its bytes and a sum of four."""
    position, chunks = 8, 0
    while position < len(content):
        chunks += 1
        if chunks > MAX_CHUNKS:
            raise OSError("too many chunks")
        position += 12 + int.from_bytes(content[position : position + 4])
