"""Damaged and hostile files into `open_image` and `load`: a result comes out, or one sentence, and nothing else.

`python -m tests.fuzz --minutes 10` goes on where the tests stop; `--case checkpoints:1234` repeats one file. The same
number always makes the same file, as long as the libraries that write the first files are the same.
"""

from __future__ import annotations

import argparse
import faulthandler
import io
import json
import re
import resource
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save as safetensors_bytes

import resnet_core as rc
from resnet_core.pictures import _files
from resnet_core.pictures.images import MAX_SIDE
from resnet_core.weights import checkpoints
from tests.pictures import LOSSLESS, LOSSY, deep_png, encode, exif, interlaced_png, quadrants

ROOT = Path(__file__).parent.parent
CPU_SECONDS, PATIENCE = 5.0, 300  # for one file: of the processor, and on the clock of a very busy machine
MEGABYTES = 1200  # of address space that a file may take for a moment; picture_files promises less than 900
SHORT = 400  # letters of a sentence
LEAK = re.compile(  # what no visitor should read: paths, tracebacks, Python's own words
    r"Traceback|site-packages|\.py\b|/(?:usr|home|root|tmp|work|opt|var)/|<class|' object|NoneType|0x[0-9a-f]{6}|"
    r"\b[A-Za-z]+(?:Error|Exception)\b|\b(?:int|float|str|dict|list|tuple)\(\)"
)
EXTREMES = (
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x10000,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
    2**63 - 1,
    2**64 - 1,
)

PNG, ZIP = b"\x89PNG\r\n\x1a\n", b"PK\3\4"

Reader = Callable[[bytes], object]


@dataclass(frozen=True)
class Target:
    """What is given files: how to read one, the only error that may come, and the sound files that are damaged."""

    read: Reader
    error: type[rc.ResNetCoreError]
    too_large: str
    seeds: dict[str, bytes]


# --- sound files


def _pictures() -> dict[str, bytes]:
    """Every format, and every way to store pixels in it."""
    colours, grey = quadrants(), quadrants().convert("L")
    clear = colours.convert("RGBA")
    clear.putalpha(grey)
    deep = np.arange(12 * 16 * 4, dtype=np.uint16).reshape(12, 16, 4) * 85
    wide = np.linspace(-5, 5, 12 * 16, dtype=np.float32).reshape(12, 16)
    pages: dict[str, Any] = {"save_all": True, "append_images": [grey.convert("RGB"), colours.rotate(180)]}
    return {
        **{name: encode(colours, kind, **options) for name, (kind, options) in {**LOSSLESS, **LOSSY}.items()},
        "jpeg grey": encode(grey, "JPEG"),
        "jpeg cmyk": encode(colours.convert("CMYK"), "JPEG"),
        "jpeg exif": encode(colours, "JPEG", exif=exif(6)),
        "png grey": encode(grey, "PNG"),
        "png palette": encode(colours.convert("P"), "PNG", transparency=0),
        "png bits": encode(grey.convert("1"), "PNG"),
        "png alpha": encode(clear, "PNG"),
        "png interlaced": interlaced_png(np.asarray(colours)),
        **{f"png 16 bit, {count}": deep_png(deep[..., :count]) for count in (1, 2, 3, 4)},
        "png animated": encode(colours, "PNG", **pages),
        "gif animated": encode(colours, "GIF", **pages),
        "gif clear": encode(colours.convert("P"), "GIF", transparency=0),
        "webp alpha": encode(clear, "WEBP"),
        "webp animated": encode(colours, "WEBP", **pages),
        "avif alpha": encode(clear, "AVIF"),
        "avif animated": encode(colours, "AVIF", **pages),
        "heic alpha": encode(clear, "HEIF"),
        "bmp palette": encode(colours.convert("P"), "BMP"),
        "bmp bits": encode(grey.convert("1"), "BMP"),
        "tiff cmyk": encode(colours.convert("CMYK"), "TIFF"),
        "tiff pages": encode(colours, "TIFF", **pages),
        "tiff palette": encode(colours.convert("P"), "TIFF"),
        "tiff bits": encode(grey.convert("1"), "TIFF", compression="group4"),
        "tiff jpeg": encode(colours, "TIFF", compression="jpeg"),
        "tiff 16 bit": encode(Image.fromarray(deep[..., 0].copy()), "TIFF"),
        "tiff float": encode(Image.fromarray(wide), "TIFF"),
    }


class Canary:
    """A pickle of this sings when it is run."""

    sung: list[str] = []  # noqa: RUF012

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return sing, ("out of the pickle",)


def sing(where: str) -> None:
    """Remember that code out of a file ran."""
    Canary.sung.append(where)


def torch_bytes(content: object, *, zipped: bool = True, protocol: int = 2) -> bytes:
    """A file as torch.save writes it; `protocol` is that of its pickles."""
    file = io.BytesIO()
    torch.save(content, file, pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


def _checkpoints() -> dict[str, bytes]:
    """Our own kind with its header, other people's, both of torch's formats, and pickles with a canary in them."""
    state = {key: value.half() for key, value in rc.build("resnet20", seed=0).state_dict().items() if value.ndim}
    few = {f"module.{key}": value for key, value in list(state.items())[:3]}
    training = {"epoch": 3, "state_dict": few, "optimizer": {"state": {0: {"momentum_buffer": torch.ones(2, 3)}}}}
    training |= {"best": 0.5, "betas": (0.9, 0.999), "size": torch.Size([2]), "name": "evil \u2028 \U0001f431"}
    said = replace(rc.WEIGHTS["resnet20", "cifar10"], id="x", url=None)
    seeds = {
        "safetensors of ours": safetensors_bytes(state, metadata={"resnet_core": json.dumps(asdict(said))}),
        "safetensors, few": safetensors_bytes(few),
        "safetensors, 8 bit": safetensors_bytes({"a": torch.ones(3, 4).to(torch.float8_e5m2), "b": torch.tensor(3)}),
    }
    canaries = {"state_dict": few, "extra": Canary()}
    for kind, content in {"state": few, "training": training, "canary": canaries, "tied": [few, few]}.items():
        seeds |= _in_every_form(kind, content)
    return seeds | _in_every_form("whole", state)


def _in_every_form(kind: str, content: object) -> dict[str, bytes]:
    """As torch.save writes it today, before PyTorch 1.6, and with younger pickles."""
    return {
        f"zip, {kind}": torch_bytes(content),
        f"stream, {kind}": torch_bytes(content, zipped=False),
        f"younger, {kind}": torch_bytes(content, protocol=4),
    }


def load(content: bytes) -> rc.ResNet:
    """A network from a checkpoint's bytes."""
    return rc.load("resnet20", content, device="cpu")


@cache
def target(name: str) -> Target:
    """`pictures` or `checkpoints`, with its sound files made once."""
    if name == "pictures":
        return Target(rc.open_image, rc.ImageError, _files.TOO_LARGE_NOW, _pictures())
    return Target(load, rc.WeightsError, checkpoints.TOO_LARGE_NOW, _checkpoints())


TARGETS = ("pictures", "checkpoints")


# --- what is done to them


def mutated(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """One to three changes; `other` is a second sound file to splice with.

    In most files the checksums are right again, so that a reader looks further than to them.
    """
    right = rng.random() < 0.7
    if right and content.startswith(ZIP):
        return _zip_mutated(content, other, rng)
    found = bytearray(content)
    reach = len(found) if rng.random() < 0.5 else 600  # headers stand in front, and say the most
    for _ in range(rng.integers(1, 4)):
        if found:
            found = MUTATORS[rng.integers(len(MUTATORS))](found, other, min(reach, len(found)), rng)
    return _png_repaired(bytes(found)) if right and found.startswith(PNG) else bytes(found)


Mutator = Callable[[bytearray, bytes, int, np.random.Generator], bytearray]


def _flip(content: bytearray, _other: bytes, reach: int, rng: np.random.Generator) -> bytearray:
    for place in rng.integers(0, reach, rng.integers(1, 9)):
        content[place] = rng.integers(256) if rng.random() < 0.5 else content[place] ^ (1 << rng.integers(8))
    return content


def _number(content: bytearray, _other: bytes, reach: int, rng: np.random.Generator) -> bytearray:
    """A number in a header becomes extreme: a size of 0 or of billions."""
    size = int(rng.choice([1, 2, 4, 8]))
    place = int(rng.integers(0, reach))
    value = EXTREMES[rng.integers(len(EXTREMES))] % 256**size
    content[place : place + size] = value.to_bytes(size, rng.choice(["little", "big"]))
    return content


def _cut(content: bytearray, _other: bytes, _reach: int, rng: np.random.Generator) -> bytearray:
    return content[: rng.integers(0, len(content))]


def _drop(content: bytearray, _other: bytes, reach: int, rng: np.random.Generator) -> bytearray:
    start, stop = sorted(rng.integers(0, reach, 2))
    return content[:start] + content[stop:]


def _repeat(content: bytearray, _other: bytes, reach: int, rng: np.random.Generator) -> bytearray:
    start, stop = sorted(rng.integers(0, reach, 2))
    times = int(rng.choice([1, 2, 100]))
    return content[:stop] + content[start:stop][: 20_000 // times] * times + content[stop:]


def _move(content: bytearray, _other: bytes, reach: int, rng: np.random.Generator) -> bytearray:
    start, stop, place = sorted(rng.integers(0, reach, 3))
    return content[:start] + content[stop:place] + content[start:stop] + content[place:]


def _splice(content: bytearray, other: bytes, reach: int, rng: np.random.Generator) -> bytearray:
    return content[: rng.integers(0, reach + 1)] + other[rng.integers(0, len(other)) :]


def _noise(content: bytearray, _other: bytes, reach: int, rng: np.random.Generator) -> bytearray:
    place = int(rng.integers(0, reach))
    return content[:place] + rng.bytes(int(rng.integers(1, 200))) + content[place:]


MUTATORS: tuple[Mutator, ...] = (_flip, _flip, _number, _number, _cut, _drop, _repeat, _move, _splice, _noise)


def _png_repaired(content: bytes) -> bytes:
    """With the right checksum in every chunk."""
    parts, place = [content[:8]], 8
    while place + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, place)
        body = content[place + 4 : place + 8 + length]
        parts += [content[place : place + 4], body, struct.pack(">I", zlib.crc32(body))]
        place += 12 + length
    return b"".join(parts)


def _zip_mutated(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """An archive of which one part is changed, most often the pickle."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        names = old.namelist()
        chosen = next(name for name in names if name.endswith(".pkl"))
        if rng.random() < 0.3:
            chosen = names[rng.integers(len(names))]
        for name in names:
            part = old.read(name)
            new.writestr(name, mutated(part, other, rng) if name == chosen else part)
    return file.getvalue()


def case(name: str, number: int) -> tuple[str, bytes]:
    """The seed of a file, and the file, which is the same in every run."""
    seeds = target(name).seeds
    rng = np.random.default_rng([zlib.crc32(name.encode()), number])
    first, second = (list(seeds)[rng.integers(len(seeds))] for _ in range(2))
    return first, mutated(seeds[first], seeds[second], rng)


# --- what may come out


def finding(name: str, content: bytes) -> str | None:
    """What is wrong with the way in which a file is read; None if a result comes, or one good sentence."""
    reader = target(name)
    Canary.sung.clear()
    started = time.process_time()
    try:
        wrong = _result_wrong(reader.read(content))
    except reader.error as error:
        wrong = _sentence_wrong(str(error), reader.too_large)
    except Exception as error:  # noqa: BLE001 (whatever else comes is what is looked for)
        wrong = f"{type(error).__name__} came out: {str(error)[:200]}"
    spent = time.process_time() - started
    if Canary.sung:
        return f"code ran {Canary.sung[0]}"
    return f"it took {spent:.1f} seconds" if wrong is None and spent > CPU_SECONDS else wrong


def _result_wrong(result: object) -> str | None:
    if isinstance(result, Image.Image):
        fits = result.mode == "RGB" and 1 <= min(result.size) <= max(result.size) <= MAX_SIDE
        return None if fits else f"the picture is {result.mode} of {result.size}"
    return None if isinstance(result, rc.ResNet) else f"{type(result).__name__} came out"


def _sentence_wrong(text: str, too_large: str) -> str | None:
    if text == too_large:
        return "it takes too much memory"
    good = len(text) < SHORT and text.isprintable() and text.endswith(".") and LEAK.search(text) is None
    return None if good else f"the sentence is: {text[:600]!r}"


def findings(name: str, first: int, count: int, until: float = float("inf")) -> Iterator[tuple[int, str]]:
    """The numbers of files that are read wrongly, with what is wrong."""
    for number in range(first, first + count):
        if time.monotonic() > until:
            return
        print(number, flush=True)  # noqa: T201 (the last one, if this process dies)
        faulthandler.dump_traceback_later(PATIENCE, exit=True)
        seed, content = case(name, number)
        wrong = finding(name, content)
        faulthandler.cancel_dump_traceback_later()
        if wrong is not None:
            yield number, f"{name}:{number} ({seed}, {len(content)} bytes): {wrong}"


def run(name: str, first: int, count: int, minutes: float = float("inf")) -> tuple[int, list[str]]:
    """Files in a process of their own with bounded memory, until one kills it: how many, and what was found."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.fuzz", "--worker", f"{name}:{first}:{count}:{minutes}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, errors="replace")
    lines = done.stdout.splitlines()
    numbers = [int(line) for line in lines if line.isdigit()]
    found = [line for line in lines if line.startswith(f"{name}:")]
    if done.returncode != 0:
        last = numbers[-1] if numbers else first
        found.append(f"{name}:{last}: it ended the process ({done.returncode}): {done.stderr[-2000:]}")
    return len(numbers), found


def _work(name: str, first: int, count: int, minutes: float) -> None:
    target(name)
    for content in list(target(name).seeds.values()):  # what is only loaded when first used counts for nobody
        finding(name, content)
    size = int(re.search(r"VmSize:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024  # type: ignore[index]
    resource.setrlimit(resource.RLIMIT_AS, (size + MEGABYTES * 2**20,) * 2)
    for _, words in findings(name, first, count, time.monotonic() + 60 * minutes):
        print(words, flush=True)  # noqa: T201


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="for each of the two kinds of file")
    parser.add_argument("--first", type=int, default=1_000_000, help="number of the first file; the tests begin at 0")
    parser.add_argument("--case", help="repeat one file, such as checkpoints:1234")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        name, first, count, minutes = asked.worker.split(":")
        _work(name, int(first), int(count), float(minutes))
    elif asked.case:
        name, number = asked.case.split(":")
        seed, content = case(name, int(number))
        print(seed, len(content), finding(name, content) or "is read as it should be")  # noqa: T201
    else:
        for name in TARGETS:
            count, found = run(name, asked.first, 10**9, asked.minutes)
            print(f"{name}: {count:,} files, {len(found)} findings", *found, sep="\n")  # noqa: T201


if __name__ == "__main__":
    main()
