"""How the large things that tasks share come to another machine: known weights by their id, all else as bytes, once."""

from __future__ import annotations

import hashlib
import pickle
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from resnet_core.errors import ResNetCoreError
from resnet_core.nets.loading import load
from resnet_core.nets.model import ResNet
from resnet_core.nets.private_view import private_view
from resnet_core.weights.catalogue import WEIGHTS, is_cached


class Missing(Exception):
    """Nobody has the thing of a digest yet."""


@dataclass(frozen=True)
class Label:
    """What names a thing on every machine: the digest of its content, and weights that may have the same there."""

    digest: str
    variant: str = ""
    weights: str = ""


def label_of(thing: Any) -> Label:
    """The label of a thing that can be pickled. Raises `ResNetCoreError` for a network on a GPU."""
    if not isinstance(thing, ResNet):
        return Label(hashlib.sha256(pickle.dumps(thing)).hexdigest())
    weights = thing.weights
    if weights is None or weights.source == "file":
        return Label(digest_of(thing))
    return Label(digest_of(thing), weights.variant, weights.id)


def digest_of(model: ResNet) -> str:
    """The same for two networks that are built alike and hold the same numbers in the same order of memory."""
    found = hashlib.sha256(repr((model.variant.name, model.how, model.training)).encode())
    for name, tensor in model.state_dict().items():
        if tensor.device.type != "cpu":
            raise ResNetCoreError(
                f"The network is on the device {str(tensor.device)!r}, but a cluster computes on CPUs: load it with "
                "device='cpu'."
            )
        found.update(repr((name, tensor.dtype, tuple(tensor.shape), tensor.stride())).encode())
        flat = tensor.detach().reshape(-1) if tensor.is_contiguous() else tensor.detach().contiguous().reshape(-1)
        found.update(flat.view(torch.uint8).numpy().data)
    return found.hexdigest()


def packed(thing: Any) -> bytes:
    """A thing as bytes; of a network without anybody's hooks."""
    return pickle.dumps(private_view(thing) if isinstance(thing, nn.Module) else thing)


def found_here(label: Label) -> ResNet | None:
    """The network that a label names, from the weights of this machine; None if they are not here or differ."""
    known = WEIGHTS.get((label.variant, label.weights))
    if known is None or not is_cached(known):
        return None
    model = load(label.variant, label.weights, shortcut=known.shortcut, device="cpu")
    return model if digest_of(model) == label.digest else None


class Shelf:
    """Things by digest, so many MiB of them: those used last. Shared by nobody, so without a lock."""

    def __init__(self, mebibytes: int) -> None:
        self._free = mebibytes * 2**20
        self._kept: OrderedDict[str, tuple[Any, int]] = OrderedDict()

    def get(self, digest: str) -> Any:
        """The thing, or None."""
        if digest not in self._kept:
            return None
        self._kept.move_to_end(digest)
        return self._kept[digest][0]

    def put(self, digest: str, thing: Any, size: int) -> None:
        """Keep a thing of so many bytes; the last one stays however large it is."""
        self._kept[digest] = thing, size
        self._free -= size
        while self._free < 0 and len(self._kept) > 1:
            _, (_, given_back) = self._kept.popitem(last=False)
            self._free += given_back


def unpacked(label: Label, shelf: Shelf, fetch: Callable[[], bytes | None]) -> Any:
    """The thing that a label names: from the shelf, from the weights here, or from its bytes.

    Raises `Missing` if nobody has it.
    """
    thing = shelf.get(label.digest)
    if thing is None and (thing := found_here(label)) is not None:
        shelf.put(label.digest, thing, sum(each.nbytes for each in thing.state_dict().values()))
    if thing is None:
        if (content := fetch()) is None:
            raise Missing(label.digest)
        thing = pickle.loads(content)
        shelf.put(label.digest, thing, len(content))
    return thing
