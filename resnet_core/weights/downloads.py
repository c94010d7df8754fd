"""Weights from the network into torch's cache: hash checked, and either whole or not there at all.

torch.hub.download_url_to_file waits for a silent server without end, draws its progress on stderr, cannot be cancelled,
and calls a broken connection a wrong hash. pooch compares whole hashes (torchvision's names hold the first eight
digits), and while a server is silent it neither reports nor can be cancelled.
"""

from __future__ import annotations

import hashlib
import queue
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import torch

from resnet_core.errors import WeightsError
from resnet_core.progress import Progress
from resnet_core.variants import variant_of
from resnet_core.weights.files import Weights

NETWORK_SECONDS = 10.0  # to connect, and to wait for the next bytes
TICK_SECONDS = 0.05  # between two reports
PIECE = 1 << 18  # bytes

Pieces = Generator[tuple[bytes, int], None, None]  # some bytes, and how many there will be in all


def cached_path(url: str) -> Path:
    """The path of the file of `url` in torch's cache, whether it exists or not."""
    return Path(torch.hub.get_dir()) / "checkpoints" / url.rpartition("/")[2]


def fetch(weights: Weights, target: Path, progress: Progress | None = None, advice: str = "") -> Path:
    """Download `weights.url` to `target`, and return `target`; an existing file is only checked.

    The name must carry the start of the file's SHA-256 as torch's own do (`resnet18-f37072fd.pth`). `progress` counts
    bytes and is called on this thread, also while nothing arrives. After any error, also one in `progress`, no part of
    a file remains. Several threads or processes may fetch the same file. Raises `WeightsError`; one about the network
    ends with `advice`.
    """
    expected = target.stem.rpartition("-")[2]
    with _disk(weights, target):
        target.parent.mkdir(parents=True, exist_ok=True)
        there = target.is_file()
    if there:
        if _digest(_from_disk(weights, target), progress).startswith(expected):
            return target
        with _disk(weights, target):
            target.unlink(missing_ok=True)
    part = target.with_name(f"{target.name}.{uuid.uuid4().hex}.part")
    try:
        found = _store(weights, part, progress, advice)
        if not found.startswith(expected):
            raise WeightsError(
                f"{_title(weights)} could not be downloaded: another file came instead (its SHA-256 starts with "
                f"{found[:8]}, not {expected}). {advice}".rstrip()
            )
        with _disk(weights, target):
            part.replace(target)
    finally:
        with suppress(OSError):  # a disk that has become read-only keeps the part
            part.unlink(missing_ok=True)
    return target


def _store(weights: Weights, part: Path, progress: Progress | None, advice: str) -> str:
    """Write the body of `weights.url` to the new file `part`; returns its SHA-256."""
    with _disk(weights, part):
        file = part.open("xb", buffering=0)

    def write(piece: bytes) -> None:
        rest = memoryview(piece)
        with _disk(weights, part):
            while rest:  # a disk that is nearly full writes only some of the bytes
                rest = rest[file.write(rest) :]

    try:
        return _digest(_from_network(weights, advice), progress, write)
    finally:
        with _disk(weights, part):  # a full network disk may report only now
            file.close()


def _digest(pieces: Pieces, progress: Progress | None, write: Callable[[bytes], None] | None = None) -> str:
    """Pass each piece to `write`; returns the SHA-256 of all. The last report is (total, total)."""
    digest, done, reported = hashlib.sha256(), 0, 0.0
    with closing(pieces):
        for piece, total in pieces:
            if write is not None:
                write(piece)
            digest.update(piece)
            done += len(piece)
            if progress is not None and time.monotonic() - reported >= TICK_SECONDS:
                progress(done, total)
                reported = time.monotonic()
    if progress is not None:
        progress(done, done)
    return digest.hexdigest()


def _from_disk(weights: Weights, path: Path) -> Pieces:
    with _disk(weights, path), path.open("rb") as file:
        total = path.stat().st_size
        while piece := file.read(PIECE):
            yield piece, total


def _from_network(weights: Weights, advice: str) -> Pieces:
    """The body of `weights.url` in pieces; an empty piece after each tick in which nothing arrived."""
    arrived: queue.Queue[tuple[bytes, int] | str | None] = queue.Queue(maxsize=64)
    stop = threading.Event()
    # A thread, because a read that waits for the network cannot be interrupted, and the caller must be able to cancel.
    threading.Thread(target=_receive, args=(weights.url, arrived, stop), daemon=True).start()
    total = weights.bytes
    try:
        while True:
            try:
                item = arrived.get(timeout=TICK_SECONDS)
            except queue.Empty:
                yield b"", total
                continue
            if item is None:
                return
            if isinstance(item, str):
                raise WeightsError(f"{_title(weights)} could not be downloaded: {item}. {advice}".rstrip())
            total = item[1]
            yield item
    finally:
        stop.set()
        while not arrived.empty():  # frees a thread that waits for room in the queue
            arrived.get_nowait()


def _receive(url: str, arrived: queue.Queue[tuple[bytes, int] | str | None], stop: threading.Event) -> None:
    """Put every piece of the body into the queue, then None, or the reason why the body is incomplete."""
    try:
        with urlopen(Request(url, headers={"User-Agent": "resnet-explorer"}), timeout=NETWORK_SECONDS) as response:
            total = int(response.headers.get("Content-Length") or 0)
            done = 0
            while not stop.is_set() and (piece := response.read1(PIECE)):
                done += len(piece)
                arrived.put((piece, max(total, done)))
        arrived.put(None if done >= total else f"the connection ended after {done:,} of {total:,} bytes")
    except (OSError, HTTPException, ValueError) as error:
        arrived.put(_reason(error))


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        error.close()
        return f"the server answered {error.code} {error.reason}"
    cause = error.reason if isinstance(error, URLError) else error
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__


@contextmanager
def _disk(weights: Weights, path: Path) -> Iterator[None]:
    """Turn errors of the disk, such as a full one, into a `WeightsError`."""
    try:
        yield
    except OSError as error:
        raise WeightsError(
            f"{_title(weights)} cannot be kept in {path.parent}: {error.strerror or error}. "
            "Make room there, or name another folder in the environment variable TORCH_HOME."
        ) from error


def _title(weights: Weights) -> str:
    """`The ImageNet weights of ResNet-50 (98 MB)`, megabytes as torchvision counts them."""
    return f"The {weights.data} weights of {variant_of(weights.variant).title} ({weights.bytes / 2**20:.0f} MB)"
