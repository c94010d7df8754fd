"""A checkpoint file -> tensors under our names. Nothing in the file is ever run."""

from __future__ import annotations

import io
import os
import re
import struct
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO

import torch
from torch import Tensor

from resnet_core.errors import WeightsError
from resnet_core.weights._pickled_tensors import MOST_DIMENSIONS
from resnet_core.weights._pickles import ForbiddenError
from resnet_core.weights._torch_files import DAMAGED, REMEDY, read_archive, read_stream

RENAMED = (
    (re.compile(r"(^|(?<=\.))_orig_mod\."), ""),  # torch.compile
    (re.compile(r"^(module\.|model\.)+"), ""),  # DataParallel, Lightning
    (re.compile(r"^linear\."), "fc."),  # the CIFAR ResNets of Y. Idelbayev and of K. Liu
    (re.compile(r"\.shortcut\."), ".downsample."),
)
DTYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2)
MOST_NUMBERS = 150_000_000  # of a network; ResNet-152 has 60 million
MOST_LETTERS = 100  # characters of a tensor's name
ALLOWED = "A checkpoint is a .safetensors, .pth or .pt file."
TOO_LARGE_NOW = "This file needs more memory than the machine has free just now. Try again, or a smaller file."


@contextmanager
def open_checkpoint(source: str | Path | IO[bytes] | bytes) -> Iterator[IO[bytes]]:
    """`source` as a file that can seek; a file object is read from its start and left open.

    Raises `WeightsError` if there is no such file or nothing in it.
    """
    if isinstance(source, str | Path):
        opened: AbstractContextManager[IO[bytes]] = _open_path(Path(os.path.expanduser(source)))
    elif isinstance(source, bytes | bytearray | memoryview):
        opened = io.BytesIO(source)
    elif isinstance(source.read(0), str):
        raise WeightsError("The file is open as text; open it with mode 'rb'.")
    else:
        opened = nullcontext(source) if source.seekable() else io.BytesIO(source.read())
    with opened as file:
        if file.seek(0, io.SEEK_END) == 0:
            raise WeightsError(f"The file is empty. {ALLOWED}")
        yield file


def _open_path(path: Path) -> IO[bytes]:
    try:
        if not path.is_file():  # a folder, or a pipe, which would wait forever
            raise WeightsError(f"There is no file {str(path)!r}. {ALLOWED}")
        return path.open("rb")
    except OSError as error:
        raise WeightsError(f"The file {str(path)!r} cannot be read: {error.strerror or error}.") from error


def read_checkpoint(source: str | Path | IO[bytes] | bytes) -> dict[str, Tensor]:
    """The tensors of a .safetensors, .pth or .pt file on the CPU by torchvision's names, floats as float32.

    The content decides the format. Dicts around the tensors, prefixes of wrappers and other names of the head and the
    shortcuts are removed. A pickle that needs anything but tensors is refused without being run. Raises `WeightsError`.
    """
    with open_checkpoint(source) as file:
        tensors = _read_safetensors(file) if is_safetensors(file) else _read_pickle(file)
        size = file.seek(0, io.SEEK_END)
    if not tensors:
        raise WeightsError(f"The file holds no weights: no tensors with names were found in it. {REMEDY}")
    _check_honest(tensors, size)
    state: dict[str, Tensor] = {}
    tensors.pop("n_averaged", None)  # the count of averaged networks in torch.optim.swa_utils.AveragedModel
    for key, value in tensors.items():
        name = _our_name(key)
        if name in state:
            raise WeightsError(f"The file holds {name} twice, once as {key!r}: it must hold one network.")
        state[name] = value.detach().float() if value.is_floating_point() else value.detach()
    return state


def is_safetensors(file: IO[bytes]) -> bool:
    """True for a file that begins like .safetensors: the length of a JSON table within the file, then the table."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    head = file.read(9)
    return len(head) == 9 and head[8:] == b"{" and struct.unpack("<Q", head[:8])[0] <= size - 8


def _read_safetensors(file: IO[bytes]) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load

    file.seek(0)
    try:
        return load(file.read())
    except MemoryError as error:
        raise WeightsError(TOO_LARGE_NOW) from error
    except (SafetensorError, ValueError, KeyError, RuntimeError, TypeError, OverflowError) as error:
        raise WeightsError("The .safetensors file is damaged: its header does not describe what follows.") from error


def _read_pickle(file: IO[bytes]) -> dict[str, Tensor]:
    file.seek(0)
    archived = file.read(4) == b"PK\3\4"
    try:
        return read_archive(file) if archived else read_stream(file)
    except WeightsError:
        raise
    except MemoryError as error:
        raise WeightsError(TOO_LARGE_NOW) from error
    except ForbiddenError as error:
        raise WeightsError(
            f"The file asks for {_short(str(error))} to be run or built. That could do harm and is refused: a "
            f"checkpoint may hold only tensors. {REMEDY}"
        ) from error
    except Exception as error:  # zipfile and pickletools may raise anything on hostile bytes
        raise WeightsError(DAMAGED) from error


def _check_honest(tensors: dict[str, Tensor], size: int) -> None:
    """Refuse unusual names and types, and views that need more memory than the file has bytes."""
    for key, value in tensors.items():
        if len(key) > MOST_LETTERS or not key.isprintable():
            raise WeightsError(
                f"The file names a tensor {_short(key)!r}; a name is one line of at most {MOST_LETTERS} letters."
            )
        if value.ndim > MOST_DIMENSIONS:
            raise WeightsError(f"{key} has {value.ndim:,} dimensions; a tensor of a network has at most four.")
        if value.dtype not in DTYPES and (value.is_floating_point() or value.is_complex()):
            dtype = str(value.dtype).removeprefix("torch.")
            raise WeightsError(f"{key} has numbers of type {dtype}. Save it as float32 or float16.")
    numbers = sum(value.numel() for value in tensors.values())
    if numbers > size:
        raise WeightsError(f"The file claims to hold {numbers:,} numbers in {size:,} bytes. It is damaged.")
    if numbers > MOST_NUMBERS:
        raise WeightsError(f"The file holds {numbers:,} numbers; a network here has at most {MOST_NUMBERS:,}.")


def _short(name: str) -> str:
    """The beginning of a foreign text, on one line, as much as a sentence can hold."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:MOST_LETTERS])


def _our_name(key: str) -> str:
    for pattern, name in RENAMED:
        key = pattern.sub(name, key)
    return key
