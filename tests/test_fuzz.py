"""Some hundred damaged files end as a result or as one sentence, and so does what longer runs and readers found."""

from __future__ import annotations

import pickle
import re
import struct
import zlib

import pytest
from PIL import Image

import resnet_core as rc
from resnet_core.pictures.images import open_image
from tests import fuzz
from tests.fuzz import Canary, Target, case, finding, target
from tests.pictures import encode, quadrants

FILES = {"pictures": 300, "checkpoints": 200}  # `python -m tests.fuzz --first 0` takes them all, and goes on


@pytest.mark.parametrize("name", FILES)
def test_hundreds_of_damaged_files_end_as_a_result_or_one_sentence(name: str) -> None:
    count, found = fuzz.run(name, 0, FILES[name])
    assert found == []
    assert count == FILES[name]


def test_the_same_number_makes_the_same_file_and_others_make_others() -> None:
    for name in FILES:
        files = [case(name, number) for number in range(50)]
        assert files == [case(name, number) for number in range(50)]
        assert len({content for _, content in files}) > 45
        assert len({seed for seed, _ in files}) > 5


@pytest.mark.parametrize("name", FILES)
def test_sound_files_are_read(name: str) -> None:
    refused = {seed for seed, content in target(name).seeds.items() if _is_refused(target(name), content)}
    few = {"safetensors, few", "safetensors, 8 bit"}  # tensors that are no network
    kinds = ("state", "training", "canary", "tied")
    few |= {f"{container}, {kind}" for container in ("zip", "stream", "younger") for kind in kinds}
    assert refused == (set() if name == "pictures" else few)


def _is_refused(reader: Target, content: bytes) -> bool:
    try:
        reader.read(content)
    except reader.error:
        return True
    return False


def sings(content: bytes) -> object:
    """A reader that runs what it reads."""
    return pickle.loads(content)


def raises(error: Exception) -> fuzz.Reader:
    """A reader that fails."""

    def read(_content: bytes) -> object:
        raise error

    return read


@pytest.mark.parametrize(
    ("read", "wrong"),
    [
        (raises(ValueError("what")), "ValueError came out: what"),
        (raises(rc.ImageError("No " * 200 + "picture.")), "the sentence is: 'No No"),
        (raises(rc.ImageError("It lies in /usr/share/x.png.")), "the sentence is"),
        (raises(rc.ImageError("'NoneType' object is not subscriptable.")), "the sentence is"),
        (raises(rc.ImageError("Two\nlines.")), "the sentence is"),
        (raises(rc.ImageError("too large")), "it takes too much memory"),
        (lambda _content: Image.new("L", (9, 9)), r"the picture is L of \(9, 9\)"),
        (lambda _content: Image.new("RGB", (9, 9999)), r"the picture is RGB of \(9, 9999\)"),
        (lambda _content: None, "NoneType came out"),
        (sings, "code ran out of the pickle"),
    ],
)
def test_the_checks_above_can_fail(read: fuzz.Reader, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Target(read, rc.ImageError, "too large", {})
    monkeypatch.setattr(fuzz, "target", lambda _name: broken)
    assert re.match(wrong, finding("pictures", pickle.dumps(Canary())) or "nothing")


def test_a_file_that_takes_too_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "CPU_SECONDS", -1)
    assert re.match(r"it took \d+\.\d seconds", finding("pictures", encode(quadrants(), "PNG")) or "nothing")


SCANS = encode(quadrants(), "JPEG", progressive=True)
PNG = encode(quadrants(), "PNG")
EMPTY = struct.pack(">I4sI", 0, b"zzZz", zlib.crc32(b"zzZz"))  # a chunk that nobody has to understand
LAST = SCANS[SCANS.rindex(b"\xff\xda") : -2]


def packed_bmp(width: int, height: int, pixels: bytes) -> bytes:
    """256 colours in run lengths."""
    head = struct.pack("<IIIHHIIIIII", 40, width, height, 1, 8, 1, 0, 0, 0, 2, 0)
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 14 + len(head) + 8) + head + bytes(8) + pixels


def striped_tiff(rows: int) -> bytes:
    """One grey pixel a row, each row in a strip of its own, all at the same place in the file."""
    sides = {256: 1, 257: rows, 258: 8, 259: 1, 262: 1, 277: 1, 278: 1}
    begin = 8 + 2 + 12 * (len(sides) + 2) + 4
    tags = [struct.pack("<HHII", tag, 4, 1, value) for tag, value in sides.items()]
    tags.insert(5, struct.pack("<HHII", 273, 4, rows, begin))
    tags.append(struct.pack("<HHII", 279, 4, rows, begin + 4 * rows))
    places, lengths = (struct.pack("<I", value) * rows for value in (8, 1))
    return b"II" + struct.pack("<HIH", 42, 8, len(tags)) + b"".join(tags) + bytes(4) + places + lengths


FOUND: dict[str, tuple[bytes, str]] = {  # pictures that took from seconds to an hour of a core
    "a JPEG that goes over its pixels again and again": (SCANS[:-2] + LAST * 100 + SCANS[-2:], "damaged, or stored"),
    "run lengths that end each row at once": (packed_bmp(60_000, 2_000, b"\1\1\0\0" * 2_000), "damaged, or stored"),
    "a JPEG of very many notes": (SCANS[:2] + (b"\xff\xe1\0\x08Exif\0\0" * 2_001) + SCANS[2:], "damaged, or stored"),
    "a PNG of very many chunks": (PNG[:33] + EMPTY * 50_000 + PNG[33:], "damaged, or stored"),
    "a TIFF in very many strips": (striped_tiff(600_000), "damaged, or stored"),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_takes_too_long_is_refused(name: str) -> None:
    content, sentence = FOUND[name]
    with pytest.raises(rc.ImageError, match=sentence):
        open_image(content)


@pytest.mark.parametrize("more", [0, 20])
def test_a_progressive_jpeg_may_go_over_its_pixels_as_often_as_cameras_do(more: int) -> None:
    assert open_image(SCANS[:-2] + LAST * more + SCANS[-2:]).size == (48, 32)


def test_a_png_may_have_many_chunks() -> None:
    assert open_image(PNG[:33] + EMPTY * 1_000 + PNG[33:]).size == (48, 32)


def test_a_tiff_may_have_a_strip_for_each_row() -> None:
    assert open_image(striped_tiff(2_000)).size == (1, 2_000)
