"""Tensors as a pickle of torch.save names them: storages elsewhere in the file, and views of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

MOST_DIMENSIONS = 8  # of a tensor; those of networks have four
MOST_NUMBERS = 2**48  # of a tensor, whatever its file holds: beyond, 64 bits would not count them

STORAGES = {  # of the elements of each kind of storage
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
    "ComplexFloatStorage": torch.complex64,
    "ComplexDoubleStorage": torch.complex128,
    "UntypedStorage": torch.uint8,
}
NEWER = (torch.float8_e4m3fn, torch.float8_e5m2, torch.uint16, torch.uint32, torch.uint64)  # than typed storages
DTYPES = {str(dtype): dtype for dtype in (*STORAGES.values(), *NEWER)}


@dataclass(frozen=True)
class Storage:
    """Some bytes elsewhere in the file, by the name under which they lie there, and what they are made of."""

    key: str
    dtype: torch.dtype


@dataclass(frozen=True)
class View:
    """A tensor that is still in the file: `offset` and `stride` count elements of `dtype` in its storage."""

    storage: Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype

    def of(self, content: bytearray) -> Tensor:
        """The tensor, in the memory of `content`, its storage's bytes. Raises `ValueError` where they do not fit."""
        if 0 in self.size:
            return torch.empty(self.size, dtype=self.dtype)
        flat = torch.frombuffer(content, dtype=self.dtype)
        last = self.offset + sum((side - 1) * step for side, step in zip(self.size, self.stride, strict=True))
        if min((self.offset, *self.size, *self.stride)) < 0 or last >= len(flat):
            raise ValueError("a tensor reaches beyond its storage")
        return flat.as_strided(self.size, self.stride, self.offset)


@dataclass(frozen=True)
class Name:
    """Something that the pickle names to be called, `module.name`; it is never looked up."""

    path: str

    @property
    def dtype(self) -> torch.dtype | None:
        """The elements of a storage, or a dtype itself; None for other names."""
        module, _, name = self.path.rpartition(".")
        if name in STORAGES and module in ("torch", "torch.cuda", "torch.storage"):
            return STORAGES[name]
        return DTYPES.get(self.path)


def view(
    of: Storage,
    offset: int,
    size: tuple[int, ...],
    stride: tuple[int, ...],
    _requires_grad: bool = False,
    _hooks: object = None,
    kind: Any = None,
    *_metadata: object,
) -> View:
    """A tensor, from the arguments of torch's `_rebuild_tensor*`; only the third of these names its `kind` here."""
    dtype = kind.dtype if isinstance(kind, Name) else of.dtype
    dimensions = max(len(size), len(stride))
    if dimensions > MOST_DIMENSIONS or any(type(value) is not int for value in (offset, *size, *stride)):
        raise ValueError("a shape is a few whole numbers")
    if math.prod(size) > MOST_NUMBERS or dtype is None:
        raise ValueError("a tensor without a dtype, or of too many numbers")
    return View(of, offset, tuple(size), tuple(stride), dtype)


def storage(word: object, kind: Name, key: object, _location: object, _numel: object, part: object = None) -> Storage:
    """A storage, from what torch.save writes in place of one; `part` is of PyTorch before 0.4."""
    if word != "storage" or not isinstance(key, str | int) or part is not None or kind.dtype is None:
        raise ValueError("not a storage as torch.save writes it")
    return Storage(str(key), kind.dtype)
