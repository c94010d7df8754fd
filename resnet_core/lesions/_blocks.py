"""What a block is when it is left out, and where it could stand instead."""

from __future__ import annotations

import math

from torch import Tensor

from resnet_core.nets.blocks import Block


def shape_of(block: Block) -> tuple[int, int, int]:
    """Channels that a block reads, channels that it puts out, and its stride."""
    convs = list(block.convs.values())
    return convs[0].in_channels, convs[-1].out_channels, math.prod(conv.stride[0] for conv in convs)


def keeps_shape(block: Block) -> bool:
    """True if y has the shape of x."""
    channels_in, channels_out, stride = shape_of(block)
    return channels_in == channels_out and stride == 1


def removable(block: Block) -> bool:
    """True if something is left without F(x): a shortcut, or x itself in the shape of y."""
    return not block.plain or keeps_shape(block)


def joined(block: Block, x: Tensor, residual: Tensor) -> Tensor:
    """y = relu(residual + shortcut(x)), or relu(residual) of a plain block."""
    return block.relu(residual if block.plain else residual + block.shortcut(x))


def without(block: Block, x: Tensor) -> Tensor:
    """What a block passes on without F(x): relu(shortcut(x)); a plain block is passed over, y = x."""
    return x if block.plain else block.relu(block.shortcut(x))


def interchangeable(name: str, block: Block, other_name: str, other: Block) -> bool:
    """True if two blocks are of one stage and one shape."""
    return name.split(".")[0] == other_name.split(".")[0] and shape_of(block) == shape_of(other)


def said(block: Block) -> str:
    """Its shape in words."""
    channels_in, channels_out, stride = shape_of(block)
    return f"{channels_out} channels of {channels_in} at stride {stride}"
