"""The classes that a caller names by number: targets of a logit, labels of a loss."""

from __future__ import annotations

from collections.abc import Container

import torch
from torch import Tensor

from resnet_core.errors import ResNetCoreError


def targets_of(given: object, classes: int, count: int) -> Tensor:
    """The target of each of `count` pictures, (count,); `given` is one for all, or one each.

    Raises `ResNetCoreError` unless they are whole numbers from 0 to classes - 1.
    """
    allowed = (
        f"must be a class number from 0 to {classes - 1} (the network tells {classes} classes apart), or {count} of "
        "them, one for each picture."
    )
    return _class_numbers(given, classes, ((), (count,)), "The target", ("is", "holds"), allowed).expand(count)


def labels_of(given: object, classes: int, count: int) -> Tensor:
    """The label of each of `count` pictures, (count,).

    Raises `ResNetCoreError` unless `given` are so many whole numbers from 0 to classes - 1.
    """
    allowed = f"must be {count} whole class numbers from 0 to {classes - 1}, one for each picture."
    return _class_numbers(given, classes, ((count,),), "The labels", ("are", "hold"), allowed)


def _class_numbers(
    given: object,
    classes: int,
    shapes: Container[tuple[int, ...]],
    what: str,
    verbs: tuple[str, str],
    allowed: str,
) -> Tensor:
    """A copy of `given` as int64."""
    be, hold = verbs
    try:
        numbers = torch.as_tensor(given)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ResNetCoreError(f"{what} {be} {given!r}, but {allowed}") from error
    whole = not (numbers.is_floating_point() or numbers.is_complex() or numbers.dtype == torch.bool)
    if not whole or tuple(numbers.shape) not in shapes:
        said = f"{tuple(numbers.shape)} of {numbers.dtype}" if isinstance(given, Tensor) else repr(given)
        raise ResNetCoreError(f"{what} {be} {said}, but {allowed}")
    outside = numbers[(numbers < 0) | (numbers >= classes)]
    if len(outside):
        said = f"{hold} {int(outside[0])}" if numbers.ndim else f"{be} {int(numbers)}"
        raise ResNetCoreError(f"{what} {said}, but {allowed}")
    return numbers.detach().long().clone()
