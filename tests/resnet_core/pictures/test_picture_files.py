"""Whatever is given as a picture: a picture comes out, or one sentence that a student understands, and nothing else."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from resnet_core.errors import ImageError
from resnet_core.pictures import _files
from resnet_core.pictures._files import FORMATS
from resnet_core.pictures.images import MAX_SIDE, open_image
from tests.pictures import SAMPLES, encode, flat_png, png, png_chunk, quadrants

DAMAGED = r"^This picture is damaged, or stored in a way that cannot be read\. Please save it again as JPEG or PNG\.$"
UNKNOWN = r"^This file is not a picture that can be read\. Please choose JPEG, PNG, .* or HEIC\.$"
MEASURE = """
import pathlib, re, sys
import resnet_core.pictures.images
assert not {"PIL", "pillow_heif", "torchvision"} & set(sys.modules), "loaded before a picture was opened"
import numpy, pillow_heif, PIL.Image
# not getrusage: it counts what the parent held before this process began
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1]) // 1000
resnet_core.pictures.images.open_image(PIL.Image.new("RGB", (9, 9)))
before = peak()
limit = PIL.Image.MAX_IMAGE_PIXELS
for path in sys.argv[1:]:
    image = resnet_core.pictures.images.open_image(path)
    print(*image.size, *image.getpixel((5, 5)), peak() - before)
assert limit == PIL.Image.MAX_IMAGE_PIXELS
assert "HEIF" not in PIL.Image.OPEN, "registered for other code, too"
"""


def jpeg_of(width: int, height: int) -> bytes:
    """A JPEG whose header announces another size than it has."""
    content = encode(quadrants(), "JPEG")
    return content.replace(struct.pack(">HH", 32, 48), struct.pack(">HH", height, width), 1)


def zeros(kind: bytes, head: bytes) -> bytes:
    """A PNG chunk of 100 kB that unpacks to 100 MB."""
    return png_chunk(kind, head + zlib.compress(bytes(100_000_000)))


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", r"^The file is empty\. Please choose another one\.$"),
    "one byte": (b"\xff", UNKNOWN),
    "text": (b"Dear teacher, here is my picture." * 9, UNKNOWN),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>', UNKNOWN),
    "pdf": (b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj", UNKNOWN),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n", UNKNOWN),
    "program": (b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff" * 99, UNKNOWN),
    "zip": (b"PK\3\4" + bytes(99), UNKNOWN),
    "windows metafile": (b"\xd7\xcd\xc6\x9a\0\0" + bytes(99), UNKNOWN),
    "jpeg 2000": (encode(quadrants(), "JPEG2000"), UNKNOWN),
    "ppm": (encode(quadrants(), "PPM"), UNKNOWN),
    "text like a bitmap": (b"BMW is a maker of cars", DAMAGED),
    "png of 100,000 x 100,000": (
        png(100_000, 100_000, 2, 8, zlib.compress(bytes(9))),
        r"^This PNG picture has 100,000 x 100,000 pixels; it may have 1 to 120 million\. Please make .* smaller\.$",
    ),
    "jpeg of 60,000 x 60,000": (jpeg_of(60_000, 60_000), "^This JPEG picture has 60,000 x 60,000 pixels;"),
    "webp of 16,000 x 16,000": (
        b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + 2 * (15_999).to_bytes(3, "little"),
        r"^This picture has over 120 million pixels\. Please make the picture smaller\.$",
    ),
    "large text in a png": (png(1, 1, 2, 8, zlib.compress(bytes(4)), zeros(b"zTXt", b"a\0\0")), DAMAGED),
    "large profile in a png": (png(1, 1, 2, 8, zlib.compress(bytes(4)), zeros(b"iCCP", b"a\0\0")), DAMAGED),
    "png without pixels": (png(9, 9, 2, 8, b""), DAMAGED),
    "png of no width": (png(0, 9, 2, 8, b""), DAMAGED),
    **{f"{name}, first half": (content[: len(content) // 2], DAMAGED) for name, content in SAMPLES.items()},
    **{f"{name}, first bytes": (content[:20], DAMAGED) for name, content in SAMPLES.items()},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_whole_picture_is_refused_in_one_sentence(name: str) -> None:
    content, sentence = REFUSED[name]
    with pytest.raises(ImageError, match=sentence):
        open_image(content)


def test_no_reader_beside_our_formats_is_ever_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bool:
        raise SystemExit("a reader that may start other programs was asked")

    Image.init()
    for name in set(Image.OPEN) - set(FORMATS):
        monkeypatch.setitem(Image.OPEN, name, (fail, fail))
    for content, _ in REFUSED.values():
        with pytest.raises(ImageError, match="Please"):
            open_image(content)


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_bytes_give_a_picture_or_one_sentence(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """60 files a format: bytes replaced, cut off, left out or doubled; the same ones in every run."""
    rng = np.random.default_rng(sum(name.encode()))
    for _ in range(60):
        content = bytearray(SAMPLES[name])
        for position in rng.integers(0, len(content), rng.integers(1, 8)):
            content[position] = rng.integers(256)
        start, stop = sorted(rng.integers(0, len(content), 2))
        match rng.integers(4):
            case 0:
                del content[start:]
            case 1:
                del content[start:stop]
            case 2:
                content[stop:stop] = content[start:stop]
        try:
            image = open_image(bytes(content))
        except ImageError as error:
            assert "Please" in str(error)  # noqa: PT017
        else:
            assert image.mode == "RGB"
            assert 1 <= min(image.size) <= max(image.size) <= MAX_SIDE
    if name != "tiff lzw":  # libtiff prints by itself; only taking stderr from the whole process would stop it
        assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux, or another way to ask for peak memory")
def test_pictures_of_108_million_pixels_open_in_bounded_memory(tmp_path: Path) -> None:
    """In a process of its own, warnings as errors: Pillow would warn of this size."""
    (tmp_path / "a.jpg").write_bytes(encode(Image.new("RGB", (12000, 9000), (200, 100, 50)), "JPEG"))
    (tmp_path / "b.png").write_bytes(flat_png(12000, 9000, (200, 100, 50, 255)))
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", MEASURE, tmp_path / "a.jpg", tmp_path / "b.png"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    (*jpeg, jpeg_mb), (*rgba, rgba_mb) = (map(int, line.split()) for line in run.stdout.splitlines())
    assert jpeg == rgba == [2048, 1536, 200, 100, 50]
    assert jpeg_mb < 200
    assert rgba_mb < 600  # 432 of them are the decoded picture


SOURCES: dict[str, Callable[[Path], object]] = {
    "bytes": Path.read_bytes,
    "bytearray": lambda path: bytearray(path.read_bytes()),
    "memoryview": lambda path: memoryview(path.read_bytes()),
    "str": str,
    "path": lambda path: path,
    "memory": lambda path: io.BytesIO(path.read_bytes()),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "picture.txt"  # the name says nothing
    path.write_bytes(SAMPLES["png"])
    return path


@pytest.mark.parametrize("kind", SOURCES)
def test_every_kind_of_source_gives_the_same_picture(kind: str, path: Path) -> None:
    assert open_image(SOURCES[kind](path)) == quadrants()


def test_an_open_file_is_read_from_its_start(path: Path) -> None:
    with path.open("rb") as file:
        file.seek(9)
        assert open_image(file) == quadrants()
        assert not file.closed


def test_a_pipe_is_read_from_where_it_is() -> None:
    reader, writer = os.pipe()
    with open(reader, "rb") as pipe:
        with open(writer, "wb") as end:
            end.write(SAMPLES["png"])
        assert open_image(pipe) == quadrants()


def test_a_picture_that_pillow_opened_is_read_and_keeps_its_size(path: Path) -> None:
    with Image.open(path) as image:
        assert open_image(image) == quadrants()
    large = Image.open(io.BytesIO(encode(Image.new("L", (5000, 10)), "JPEG")))
    assert open_image(large).size == (2048, 4)
    assert large.size == (5000, 10)


class Unreadable:
    """A file that breaks, or never ends."""

    def __init__(self, content: bytes | str | Exception) -> None:
        self.content = content

    def read(self, _size: int) -> bytes | str:
        if isinstance(self.content, Exception):
            raise self.content
        return self.content


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            None,
            "^The picture is given as NoneType, but must be the bytes of a file, its path, the open file or a Pillow",
        ),
        (7, "^The picture is given as int,"),
        (np.zeros((9, 9, 3), np.uint8), "^The picture is given as ndarray,"),
        (torch.zeros(3, 9, 9), "^The picture is given as Tensor,"),
        (
            "no/such/picture.png",
            r"^The file cannot be read \(No such file or directory\)\. Please choose another one\.$",
        ),
        (Path(__file__).parent, r"^The file cannot be read \(.*directory|Permission denied\)"),
        ("a\0b.png", r"^The file cannot be read \(embedded null"),
        ("x" * 9999, r"^The file cannot be read \("),
        (io.StringIO("text"), r"^The file cannot be read \(a bytes-like object is required, not 'str'\)"),
        (Unreadable(RuntimeError("gone")), r"^The file cannot be read \(gone\)"),
        (Image.new("RGB", (0, 5)), "^This picture has 0 x 5 pixels; it may have 1 to 120 million"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(source: object, sentence: str) -> None:
    with pytest.raises(ImageError, match=sentence):
        open_image(source)  # type: ignore[arg-type]


def test_closed_files_and_pictures_are_refused(path: Path) -> None:
    file = path.open("rb")
    file.close()
    with pytest.raises(ImageError, match=r"^The file cannot be read \(.*closed file"):
        open_image(file)
    with Image.open(path) as image:
        pass
    with pytest.raises(ImageError, match=DAMAGED):
        open_image(image)


def test_a_file_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_files, "MAX_BYTES", 3_000_000)
    with pytest.raises(ImageError, match=r"^The file has more than 3 MB\. Please make the picture smaller\.$"):
        open_image(Unreadable(bytes(1 << 20)))  # type: ignore[arg-type]


def test_nothing_changes_for_other_code() -> None:
    Image.init()
    before = (Image.MAX_IMAGE_PIXELS, list(Image.ID), dict(Image.OPEN), list(warnings.filters))
    for content in SAMPLES.values():
        open_image(content)
    assert (Image.MAX_IMAGE_PIXELS, list(Image.ID), dict(Image.OPEN), list(warnings.filters)) == before
