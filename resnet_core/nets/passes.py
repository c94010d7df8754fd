"""What every pass through a network begins with: the check of its batch, and hooks that report progress."""

from __future__ import annotations

from torch import Tensor, nn

from resnet_core.errors import ResNetCoreError
from resnet_core.nets.model import ResNet
from resnet_core.progress import Progress


def check_batch(model: ResNet, batch: Tensor) -> Tensor:
    """`batch` on the model's device; raises `ResNetCoreError` unless it is a float (N, 3, H, W) with N >= 1."""
    if not isinstance(batch, Tensor) or batch.ndim != 4 or batch.shape[1] != 3 or 0 in batch.shape:
        found = tuple(batch.shape) if isinstance(batch, Tensor) else type(batch).__name__
        raise ResNetCoreError(f"The batch is {found}, but a network reads float pictures of shape (N, 3, H, W).")
    if not batch.is_floating_point():
        raise ResNetCoreError(f"The batch is {batch.dtype}, but a network reads floats: use `preprocess` first.")
    weight = model.fc.weight
    if weight.device.type == "meta":
        raise ResNetCoreError(
            "The network is on the device 'meta', which holds no numbers: build or load it on another."
        )
    batch = batch.detach()
    if batch.device.type != weight.device.type:
        batch = batch.cpu()  # in this order, because an Apple GPU has no float64
    return batch.to(device=weight.device, dtype=weight.dtype)


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
