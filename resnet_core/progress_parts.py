"""One progress bar for work made of pieces that each report for themselves."""

from __future__ import annotations

from torch import nn

from resnet_core.model import ResNet
from resnet_core.progress import Progress

RESOLUTION = 10_000  # a piece of the work ends at a share of this total, whatever the piece itself counts


def part_of(progress: Progress | None, before: int, here: int, whole: int) -> Progress | None:
    """The reports of a piece that weighs `here` of `whole`, after pieces that weigh `before`."""
    if progress is None:
        return None

    def report(done: int, total: int) -> None:
        progress(RESOLUTION * (before * total + here * done) // (whole * total), RESOLUTION)

    return report


def without_the_end(progress: Progress | None) -> Progress | None:
    """The same reports but the last, (total, total), which whoever does the whole work makes himself, once."""
    if progress is None:
        return None

    def report(done: int, total: int) -> None:
        progress(min(done, total - 1), total)

    return report


def report_pictures(view: ResNet, progress: Progress | None, pictures: int) -> None:
    """Make a private view report every block that each of `pictures` passes forward, in passes of any size."""
    if progress is None:
        return
    blocks = [block for _, block in view.named_blocks()]
    total = len(blocks) * pictures
    done = 0

    def after_block(_module: nn.Module, _inputs: object, output: object) -> None:
        nonlocal done
        done += len(output)  # type: ignore[arg-type]
        progress(done, total)

    for block in blocks:
        block.register_forward_hook(after_block)
