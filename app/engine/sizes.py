"""How much memory a result takes, in bytes: what bounds a cache."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import singledispatch
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from PIL import Image
from plotly.basedatatypes import BaseFigure

ENTRY = 2**10  # bytes of a key and of the cache's own bookkeeping
FIGURE = 200 * 2**10  # bytes of Plotly's objects around the values of a chart, about
TABLE = 5 * 2**10  # bytes of pandas' objects around the values of a table, about

Piece = tuple[int, int]  # the address of some memory, and its size in bytes


def size_of(result: object) -> int:
    """Bytes that a cached result takes, with its key; memory that several of its parts share counts once."""
    return ENTRY + sum(dict(_pieces(result)).values())


@singledispatch
def _pieces(value: object) -> Iterator[Piece]:
    """Every piece of memory that a value holds. Records count with their fields, unknown types by `sys.getsizeof`."""
    yield id(value), sys.getsizeof(value)
    if is_dataclass(value):
        yield from _all(getattr(value, field.name) for field in fields(value))


def _all(values: Iterable[object]) -> Iterator[Piece]:
    return chain.from_iterable(map(_pieces, values))


@_pieces.register(tuple)
@_pieces.register(list)
@_pieces.register(set)
@_pieces.register(frozenset)
def _of_several(values: Iterable[object]) -> Iterator[Piece]:
    yield id(values), sys.getsizeof(values)
    yield from _all(values)


@_pieces.register
def _of_dict(values: dict) -> Iterator[Piece]:  # type: ignore[type-arg]
    yield id(values), sys.getsizeof(values)
    yield from _all(chain.from_iterable(values.items()))


@_pieces.register
def _of_tensor(tensor: torch.Tensor) -> Iterator[Piece]:
    storage = tensor.untyped_storage()
    yield storage.data_ptr(), storage.nbytes()


@_pieces.register
def _of_network(network: torch.nn.Module) -> Iterator[Piece]:
    yield from _all(network.state_dict().values())


@_pieces.register(np.ndarray)
def _of_array(array: NDArray[Any]) -> Iterator[Piece]:
    if array.base is None:
        yield id(array), array.nbytes
    else:  # a view holds all of its base
        yield from _pieces(array.base)


@_pieces.register
def _of_figure(figure: BaseFigure) -> Iterator[Piece]:
    yield id(figure), FIGURE
    yield from _pieces(figure.to_plotly_json())


@_pieces.register
def _of_picture(picture: Image.Image) -> Iterator[Piece]:
    pixel = 1 if picture.mode in ("1", "L", "P") else 4  # bytes: Pillow keeps RGB in four
    yield id(picture), picture.width * picture.height * pixel


@_pieces.register
def _of_table(table: pd.DataFrame) -> Iterator[Piece]:
    yield id(table), TABLE + int(table.memory_usage(deep=True).sum())
    yield from _pieces(table.attrs)
