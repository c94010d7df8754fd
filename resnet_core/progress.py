"""How long work reports: `progress(done, total)`, at least every 200 ms; an exception raised in it cancels the work."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from resnet_core.model import ResNet

Progress = Callable[[int, int], None]


def report_blocks(view: ResNet, progress: Progress | None, pictures: int | None = None) -> None:
    """Make a private view report every block of one forward pass; the last report is (total, total).

    With `pictures` every block is counted once for each picture that passes it, in passes of any size.
    """
    if progress is None:
        return
    blocks = [block for _, block in view.named_blocks()]
    total = len(blocks) * (pictures or 1)
    done = 0

    def after_block(_module: nn.Module, _inputs: object, output: object) -> None:
        nonlocal done
        done += 1 if pictures is None else len(output)  # type: ignore[arg-type]
        progress(done, total)

    for block in blocks:
        block.register_forward_hook(after_block)
