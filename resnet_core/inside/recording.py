"""Record what every block does with a batch: x, shortcut(x), F(x), their sum and y."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from resnet_core.errors import one_of
from resnet_core.exact import exact
from resnet_core.inside.records import BlockRecord, ForwardRecord
from resnet_core.nets.blocks import Block
from resnet_core.nets.model import ResNet
from resnet_core.nets.passes import check_batch, report_blocks
from resnet_core.nets.private_view import private_view
from resnet_core.progress import Progress


@exact()
def capture(
    model: ResNet, batch: Tensor, *, remove: Iterable[str] = (), progress: Progress | None = None
) -> ForwardRecord:
    """Run `batch` (N, 3, H, W) through `model` in eval mode and record every block.

    In the blocks of `remove`, such as "layer3.0", F(x) is 0, as if their last gamma and beta were: their y is
    relu(shortcut(x)), which is x itself where the shortcut is the identity, and all that follows reads that y.

    Works on a private view: the hooks and mode of the model never change. Nothing in our blocks works in place, so the
    recorded tensors are the network's own, not copies; those on a GPU are copied to the CPU, each once.
    `progress` counts blocks. Raises `ResNetCoreError` for another batch, or a block that is not there.
    """
    batch = check_batch(model, batch)
    view = private_view(model).eval()
    _silence(dict(view.named_blocks()), remove)  # before the hooks that record, which then read the zeros
    parts: dict[str, dict[str, Tensor]] = {name: {} for name, _ in view.named_blocks()}
    for name, block in view.named_blocks():
        _record(block, parts[name])
    stem: list[Tensor] = []
    view.maxpool.register_forward_hook(lambda _module, _inputs, output: stem.append(output))
    report_blocks(view, progress)
    with torch.no_grad():
        logits = view(batch)
    here = _on_cpu([stem[0], logits, *(tensor for tensors in parts.values() for tensor in tensors.values())])
    blocks = tuple(
        BlockRecord(
            name=name,
            stage=name.split(".")[0],
            shortcut_kind=block.shortcut_kind,
            **{"shortcut": None, **{part: here[id(tensor)] for part, tensor in parts[name].items()}},
        )
        for name, block in view.named_blocks()
    )
    return ForwardRecord(model=repr(model), stem=here[id(stem[0])], blocks=blocks, logits=here[id(logits)])


def _silence(blocks: dict[str, Block], remove: Iterable[str]) -> None:
    """Make F(x) of the blocks called `remove` 0 in every forward pass."""
    for name in remove:
        if name not in blocks:
            raise one_of("A block to remove", name, blocks)
        blocks[name].last_norm.register_forward_hook(lambda _module, _inputs, output: torch.zeros_like(output))


def _on_cpu(tensors: list[Tensor]) -> dict[int, Any]:
    """Each tensor on the CPU, by the `id` of the original, so that y of a block stays x of the next."""
    return {key: tensor.cpu() for key, tensor in {id(tensor): tensor for tensor in tensors}.items()}


def _record(block: Block, into: dict[str, Tensor]) -> None:
    """Make a forward pass store each tensor of `block` in `into`, by its name; the record makes the sum itself."""
    for part, (module, at_input) in block.hook_points.items():
        if part == "sum":
            continue

        def save_input(_module: nn.Module, inputs: tuple[Tensor, ...], part: str = part) -> None:
            into[part] = inputs[0]

        def save_output(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor, part: str = part) -> None:
            into[part] = output

        if at_input:
            module.register_forward_pre_hook(save_input)
        else:
            module.register_forward_hook(save_output)
