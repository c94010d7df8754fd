"""Frozen records of a forward pass, with what is needed to reproduce them.

Tensors are detached and on the CPU, wherever the network is.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from resnet_core.nets.blocks import ShortcutKind


@dataclass(frozen=True, eq=False)
class BlockRecord:
    """One residual block on one batch: y = relu(sum), sum = residual + shortcut, bit for bit.

    x: (N, C, H, W). shortcut, residual, sum and y: (N, C', H/s, W/s). A plain block has no shortcut: `shortcut` is None
    and sum is residual. Tensors share storage where the network passes one on: y of a block is x of the next. The
    sum is not kept but made again at each look, which spares a third of the memory.
    """

    name: str
    stage: str
    shortcut_kind: ShortcutKind
    x: Tensor
    shortcut: Tensor | None
    residual: Tensor
    y: Tensor

    @property
    def sum(self) -> Tensor:
        """F(x) + shortcut(x), what the last ReLU reads: (N, C', H/s, W/s)."""
        return self.residual if self.shortcut is None else self.residual + self.shortcut


@dataclass(frozen=True, eq=False)
class ForwardRecord:
    """A forward pass in eval mode: stem output (N, C, H, W), every block in order, and the logits (N, classes)."""

    model: str  # repr of the network
    stem: Tensor
    blocks: tuple[BlockRecord, ...]
    logits: Tensor

    def __getitem__(self, name: str) -> BlockRecord:
        """The block called `name`, such as "layer3.0"."""
        for block in self.blocks:
            if block.name == name:
                return block
        raise KeyError(f"no block {name!r}; there are {', '.join(block.name for block in self.blocks)}")
