"""Anybody's checkpoint file -> tensors under our names. Nothing in a file is ever run."""

from __future__ import annotations

import io
import os
import re
import struct
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor

from resnet_core.errors import WeightsError

WRAPPERS = ("state_dict", "model_state_dict", "model", "net")  # what training scripts call the dict inside their dict
RENAMED = (
    (re.compile(r"(^|(?<=\.))_orig_mod\."), ""),  # torch.compile
    (re.compile(r"^(module\.|model\.)+"), ""),  # DataParallel, Lightning
    (re.compile(r"^linear\."), "fc."),  # the CIFAR ResNets of Y. Idelbayev and of K. Liu
    (re.compile(r"\.shortcut\."), ".downsample."),
)
DTYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2)
ALLOWED = "A checkpoint is a .safetensors, .pth or .pt file."
DAMAGED = "The file is neither a .safetensors file nor a checkpoint that torch.save wrote, or it is damaged."
REMEDY = "Save only the tensors: torch.save(model.state_dict(), path), or a .safetensors file."


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
        if not path.is_file():  # a folder, or a pipe that would wait forever
            raise WeightsError(f"There is no file {str(path)!r}. {ALLOWED}")
        return path.open("rb")
    except OSError as error:
        raise WeightsError(f"The file {str(path)!r} cannot be read: {error.strerror or error}.") from error


def read_checkpoint(source: str | Path | IO[bytes] | bytes) -> dict[str, Tensor]:
    """The tensors of a .safetensors, .pth or .pt file on the CPU by torchvision's names, floats as float32.

    The format is told by the content. Dicts around the tensors, prefixes that wrappers leave and other names of the
    head and the shortcuts are undone. A pickle that needs anything but tensors to be read is refused without being
    run. Raises `WeightsError`.
    """
    with open_checkpoint(source) as file:
        content = _read_safetensors(file) if is_safetensors(file) else _read_pickle(file)
        size = file.seek(0, io.SEEK_END)
    tensors = _unwrap(content)
    if not tensors:
        raise WeightsError(f"The file holds no weights: no tensors with names were found in it. {REMEDY}")
    _check_honest(tensors, size)
    state: dict[str, Tensor] = {}
    for key, value in tensors.items():
        name = _our_name(key)
        if name in state:
            raise WeightsError(f"The file holds {name} twice, once as {key!r}: it must hold one network.")
        state[name] = value.detach().float() if value.is_floating_point() else value.detach()
    return state


def is_safetensors(file: IO[bytes]) -> bool:
    """True for a file that begins as .safetensors do: the length of a JSON table within the file, then the table."""
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
    except (SafetensorError, ValueError, KeyError, RuntimeError, MemoryError) as error:
        raise WeightsError(f"The .safetensors file is damaged: {error}.") from error


def _read_pickle(file: IO[bytes]) -> Any:
    file.seek(0)
    try:
        if file.read(4) == b"PK\x03\x04":
            _check_archive(file)
        file.seek(0)
        return torch.load(file, map_location="cpu", weights_only=True)
    except WeightsError:
        raise
    except Exception as error:  # hostile bytes make the unpickler raise anything
        needed = re.search(r"GLOBAL ([\w.]{1,80})", str(error))
        if needed is None:
            raise WeightsError(DAMAGED) from error
        raise WeightsError(
            f"The file asks for {needed[1]} to be run or built, which is refused: a checkpoint may hold nothing but "
            f"tensors, since anything else could do harm. {REMEDY}"
        ) from error


def _check_archive(file: IO[bytes]) -> None:
    """torch.save stores tensors as they are: a zip file that unpacks to more than it holds is none of torch's."""
    entries = zipfile.ZipFile(file).infolist()
    if any(entry.filename.endswith("/constants.pkl") for entry in entries):
        raise WeightsError(f"The file is a TorchScript archive, which holds code beside the weights. {REMEDY}")
    if sum(entry.file_size for entry in entries) > file.seek(0, io.SEEK_END):
        raise WeightsError(f"The file is compressed and would unpack to more than its size. {REMEDY}")


def _unwrap(content: Any) -> dict[str, Tensor]:
    """The named tensors in the innermost of the dicts that training scripts put around a state dict."""
    for _ in range(len(WRAPPERS)):  # a hostile dict may hold itself
        if isinstance(content, dict):
            content = next((content[key] for key in WRAPPERS if isinstance(content.get(key), dict)), content)
    pairs = content.items() if isinstance(content, dict) else ()
    return {key: value for key, value in pairs if isinstance(key, str) and isinstance(value, Tensor)}


def _check_honest(tensors: dict[str, Tensor], size: int) -> None:
    """Refuse what would not copy as it is, and views that spread few bytes over more memory than the file has."""
    for key, value in tensors.items():
        usual = value.layout == torch.strided and value.device.type == "cpu" and not value.is_quantized
        if not usual or (value.dtype not in DTYPES and (value.is_floating_point() or value.is_complex())):
            kind = f"{value.layout} {value.dtype} on {value.device}".replace("torch.", "")
            raise WeightsError(f"{key} is a tensor of an unusual kind ({kind}). Save it as float32 or float16.")
    numbers = sum(value.numel() for value in tensors.values())
    if numbers > size:
        raise WeightsError(f"The file announces {numbers:,} numbers, but has only {size:,} bytes. It is damaged.")


def _our_name(key: str) -> str:
    for pattern, name in RENAMED:
        key = pattern.sub(name, key)
    return key
