"""A network whose blocks are left out, scaled, replaced, repeated or used in another order than they were built."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from resnet_core.errors import ResNetCoreError, one_of
from resnet_core.lesions._blocks import interchangeable, joined, keeps_shape, removable, said, shape_of, without
from resnet_core.nets.blocks import Block
from resnet_core.nets.model import ResNet
from resnet_core.nets.private_view import private_view

Replacement = Literal["zero", "mean", "resample"]


@dataclass(frozen=True, eq=False)
class Use:
    """One use of a block: y = relu(factor F(x) + shortcut(x)); `instead` makes what stands for F(x) from it."""

    name: str
    block: Block
    removed: bool = False
    factor: float = 1.0
    instead: Callable[[Tensor], Tensor] | None = None

    def __call__(self, x: Tensor) -> Tensor:
        if self.removed:
            return without(self.block, x)
        residual = self.block.residual(x)
        if self.instead is not None:
            residual = self.instead(residual)
        return joined(self.block, x, residual if self.factor == 1 else self.factor * residual)

    def does_as(self, other: Use) -> bool:
        """True if `other`, of a network made of the same one, makes the same of every x."""
        return (self.name, self.removed, self.factor, self.instead) == (
            other.name,
            other.removed,
            other.factor,
            other.instead,
        )


@dataclass(frozen=True, eq=False)
class Wired:
    """A private view of a network, and the uses of its blocks from the stem to the head."""

    view: ResNet
    uses: tuple[Use, ...]


def wire(
    model: ResNet,
    pictures: int,
    *,
    remove: Iterable[str] = (),
    order: Sequence[str] | None = None,
    scale: float | Mapping[str, float] | None = None,
    instead: Replacement = "zero",
    unroll: tuple[int, bool] | None = None,
    seed: int = 0,
) -> Wired:
    """`model` in eval mode with its blocks used as `lesion` says, for a batch of so many `pictures`.

    Raises `ResNetCoreError` for what cannot be done.
    """
    view = private_view(model).eval()
    blocks = dict(view.named_blocks())
    gone = removed_names(blocks, remove)
    if instead not in get_args(Replacement):
        raise one_of("replace", instead, get_args(Replacement))
    if instead != "zero" and pictures < 2:
        raise ResNetCoreError(f"replace={instead!r} needs other pictures, but the batch holds only 1.")
    if instead == "zero":
        _check_removable(blocks, gone)
    factors = _factors(blocks, scale)
    places = list(blocks)

    def use(name: str) -> Use:
        whole = Use(name, blocks[name], factor=factors.get(name, 1.0))
        if name not in gone:
            return whole
        if instead == "zero":
            return replace(whole, removed=True)
        return replace(whole, instead=_mean if instead == "mean" else _resampled(seed, places.index(name)))

    uses = [use(name) for name in ordered(blocks, order)]
    return Wired(view, tuple(uses if unroll is None else _unrolled(uses, gone, unroll)))


def _mean(residual: Tensor) -> Tensor:
    return residual.mean(0, keepdim=True).expand_as(residual)


def _resampled(seed: int, place: int) -> Callable[[Tensor], Tensor]:
    """A function that gives each picture F of another one: the next in a random circle, which has no fixed point."""

    def resample(residual: Tensor) -> Tensor:
        circle = np.random.default_rng((seed, place)).permutation(len(residual))
        other = np.empty_like(circle)
        other[circle] = np.roll(circle, 1)
        return residual[torch.from_numpy(other).to(residual.device)]

    return resample


def removed_names(blocks: Mapping[str, Block], remove: Iterable[str]) -> frozenset[str]:
    """The names of blocks to be removed; a single name stands for itself. Raises `ResNetCoreError` for another."""
    gone = frozenset({remove} if isinstance(remove, str) else remove)
    unknown = sorted(gone - blocks.keys(), key=str)
    if unknown:
        raise one_of("A block to be removed", unknown[0], blocks)
    return gone


def _check_removable(blocks: Mapping[str, Block], gone: frozenset[str]) -> None:
    for name in sorted(gone):
        if not removable(blocks[name]):
            channels_in, channels_out, stride = shape_of(blocks[name])
            raise ResNetCoreError(
                f"{name} cannot be removed: it is a plain block that makes {channels_out} channels of {channels_in} at "
                f"stride {stride}, and without a shortcut nothing else brings x to that shape."
            )


def ordered(blocks: Mapping[str, Block], order: Sequence[str] | None) -> list[str]:
    """All names as `order` says: the blocks that it names share out their own places in that order.

    Raises `ResNetCoreError` for a block that is none or named twice, or that comes to another stage or shape.
    """
    names = list(blocks)
    if order is None:
        return names
    moved = list(order)
    for name in moved:
        if name not in blocks:
            raise one_of("A block of the order", name, names)
    if len(set(moved)) < len(moved):
        twice = next(name for name in moved if moved.count(name) > 1)
        raise ResNetCoreError(f"The order names {twice} twice, but every block works once.")
    free: Iterator[str] = iter(moved)
    found = [next(free) if name in moved else name for name in names]
    for place, name in zip(names, found, strict=True):
        if not interchangeable(place, blocks[place], name, blocks[name]):
            raise ResNetCoreError(
                f"The order puts {name} in the place of {place}, but only blocks of one stage and one shape can change "
                f"places: {name} makes {said(blocks[name])}, {place} makes {said(blocks[place])}."
            )
    return found


def _factors(blocks: Mapping[str, Block], scale: float | Mapping[str, float] | None) -> dict[str, float]:
    """The factor of F(x) by block."""
    if scale is None:
        return {}
    factors = dict(scale) if isinstance(scale, Mapping) else dict.fromkeys(blocks, scale)
    for name, factor in factors.items():
        if name not in blocks:
            raise one_of("A block to be scaled", name, blocks)
        if not isinstance(factor, int | float) or not math.isfinite(factor):
            raise ResNetCoreError(f"The scale is {factor!r}, but F(x) can only be multiplied by a finite number.")
    return factors


def _unrolled(uses: list[Use], gone: frozenset[str], unroll: tuple[int, bool]) -> list[Use]:
    """`uses` with the last one repeated, each with F(x) divided by their number if scaled."""
    try:
        times, scaled = unroll
    except (TypeError, ValueError) as error:
        raise ResNetCoreError(f"unroll is {unroll!r}, but must be (how often, scaled or not).") from error
    if not isinstance(times, int) or times < 1:
        raise ResNetCoreError(f"unroll repeats the last block {times!r} times, but must do so 1 time or more.")
    if not uses:
        raise ResNetCoreError("The network has no blocks, so none can be unrolled.")
    last = uses[-1]
    if last.name in gone:
        raise ResNetCoreError(f"The last block, {last.name}, is removed, so it cannot be unrolled.")
    if not keeps_shape(last.block):
        raise ResNetCoreError(
            f"The last block, {last.name}, makes {said(last.block)}, so it cannot read its own output to be unrolled."
        )
    factor = last.factor / times if scaled else last.factor
    return [*uses[:-1], *(replace(last, factor=factor) for _ in range(times))]
