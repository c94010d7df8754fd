"""Files that torch.save wrote, as zip files and as before them -> the named tensors in them.

Why not by torch.load with `weights_only=True`, an upload in a child process of bounded memory and time? That was tried
with every bad file of the tests (torch 2.14). Nothing left the child, and the code would have been half as long. But:

- The bounds do not keep a file from running code. torch.load's documentation says "Never load data from an untrusted
  source"; twice a file could do more than give tensors (CVE-2025-32434, CVE-2026-24747), and a child may do whatever
  the server may. Besides, macOS bounds no process's memory, and Windows has no such bounds in Python.
- A file of 343 bytes (tuples that hold one another, as a key) holds a core until its time is up. Here it is refused.
- A new process needs 2 s of a core and 0.7 GB of memory for a ResNet-18 of 47 MB, here it is 0.07 s and 0.06 GB; a fork
  of the server is not safe beside its threads, and multiprocessing's fork server runs the page's script once more.
- torch.load takes pickles of protocols 4 and 5 for damaged.

Most of the 2 s: `time python -c "import sys, torch; torch.load(sys.argv[1], weights_only=True)" resnet18.pth`.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Collection
from typing import IO, Any

from torch import Tensor

from resnet_core.errors import WeightsError
from resnet_core.weights._pickled_tensors import Storage, View
from resnet_core.weights._pickles import read_pickles

WRAPPERS = ("state_dict", "model_state_dict", "model", "net")  # what training scripts call the dict inside their dict
MAGIC = 0x1950A86A20F9469CFC6C  # begins what torch.save wrote before it wrote zip files
MOST_PICKLED = 16 * 2**20  # bytes of the pickles in a file; ResNet-1202 with its optimizer's state takes 5
MOST_TENSORS = 20_000  # ResNet-1202 has 7,200
MOST_ENTRIES = 50_000  # of a zip file; ResNet-1202 with its optimizer's state and an average has 18,000
DAMAGED = "The file is neither a .safetensors file nor a checkpoint that torch.save wrote, or it is damaged."
REMEDY = "Save only the tensors: torch.save(model.state_dict(), path), or a .safetensors file."


def read_archive(file: IO[bytes]) -> dict[str, Tensor]:
    """The named tensors of a zip file: NAME/data.pkl tells of them, NAME/data/KEY holds the bytes of a storage.

    Raises `WeightsError`, `ForbiddenError`, and for damaged files any other `Exception`.
    """
    _check_directory(file)
    with zipfile.ZipFile(file) as archive:
        _check_entries(archive.infolist(), file.seek(0, io.SEEK_END))
        names = archive.namelist()
        root = next(name for name in names if name.endswith("/data.pkl")).removesuffix("data.pkl")
        if f"{root}byteorder" in names and archive.read(f"{root}byteorder") == b"big":
            raise WeightsError(
                "The byte order of the file is big-endian, and only little-endian is read. Save it as .safetensors."
            )
        if archive.getinfo(f"{root}data.pkl").file_size > MOST_PICKLED:
            raise WeightsError(DAMAGED)
        (content,), _ = read_pickles(io.BytesIO(archive.read(f"{root}data.pkl")), 1)
        return _tensors(content, lambda storage: archive.read(f"{root}data/{storage.key}"))


def read_stream(file: IO[bytes]) -> dict[str, Tensor]:
    """The named tensors of a file of PyTorch before 1.6: pickles in a row, then the bytes of each storage.

    Raises what `read_archive` does.
    """
    end = file.seek(0, io.SEEK_END)
    file.seek(0)
    head = io.BytesIO(file.read(MOST_PICKLED))
    (magic, _version, _system, content, keys), storages = read_pickles(head, 5)
    if magic != MAGIC:
        raise WeightsError(DAMAGED)
    file.seek(head.tell())
    places: dict[str, tuple[int, int]] = {}  # where the bytes of each storage begin and end
    for key in keys:
        (count,) = struct.unpack("<q", file.read(8))
        start = file.tell()
        places[key] = start, start + count * storages[key].dtype.itemsize
        if not start <= places[key][1] <= end:
            raise WeightsError(DAMAGED)
        file.seek(places[key][1])

    def load(storage: Storage) -> bytes:
        start, stop = places[storage.key]
        file.seek(start)
        return file.read(stop - start)

    return _tensors(content, load)


def _check_directory(file: IO[bytes]) -> None:
    """Refuse a zip file of very many entries: zipfile makes an object of each before anybody can ask how many."""
    file.seek(0)
    if sum(piece.count(b"PK\1\2") for piece in iter(lambda: file.read(1 << 20), b"")) > MOST_ENTRIES:
        raise WeightsError(f"The file is an archive of more than {MOST_ENTRIES:,} parts. {REMEDY}")


def _check_entries(entries: Collection[zipfile.ZipInfo], size: int) -> None:
    """torch.save stores everything as it is: a zip file that unpacks to more than it holds is none of torch's."""
    if any(entry.filename.endswith("/constants.pkl") for entry in entries):
        raise WeightsError(f"The file is a TorchScript archive, which holds code beside the weights. {REMEDY}")
    stored = all(e.compress_type == zipfile.ZIP_STORED and e.compress_size == e.file_size for e in entries)
    if not stored or sum(entry.file_size for entry in entries) > size:
        raise WeightsError(f"The file is compressed, or would unpack to more than its size. {REMEDY}")


def _tensors(content: Any, load: Callable[[Storage], bytes]) -> dict[str, Tensor]:
    """The named tensors in the innermost of the dicts that training scripts put around a state dict."""
    for _ in range(len(WRAPPERS)):  # a hostile dict may hold itself
        if isinstance(content, dict):
            content = next((content[key] for key in WRAPPERS if isinstance(content.get(key), dict)), content)
    pairs = content.items() if isinstance(content, dict) else ()
    views = {key: value for key, value in pairs if isinstance(key, str) and isinstance(value, View)}
    if len(views) > MOST_TENSORS:
        raise WeightsError(f"The file holds {len(views):,} tensors; a network here has at most {MOST_TENSORS:,}.")
    loaded: dict[str, bytearray] = {}  # tensors may share a storage
    for view in views.values():
        if view.storage.key not in loaded:
            loaded[view.storage.key] = bytearray(load(view.storage))
    return {key: view.of(loaded[view.storage.key]) for key, view in views.items()}
