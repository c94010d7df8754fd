"""Networks to be trained, measured and thrown away: a fresh one, or a copy of a trained one, in train mode.

Untrained batch norm does nothing in eval mode (running mean 0, variance 1), so gradients are read in train mode; and
train mode changes running statistics, so never on a model that somebody else uses.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace

import torch
from torch import Tensor, nn

from resnet_core.errors import ResNetCoreError, one_of
from resnet_core.exact import NO_DOUBLE
from resnet_core.nets.layers import walk
from resnet_core.nets.model import ResNet, build, resolve_device
from resnet_core.nets.options import DRAWN, Build
from resnet_core.nets.passes import check_batch
from resnet_core.nets.private_view import private_view
from resnet_core.progress import Progress
from resnet_core.variants import Variant, variant_of

CLASSES = 10  # if nobody says how many
DTYPES = (torch.float32, torch.float64)


def throwaway(
    variant: str | Variant,
    how: Build,
    *,
    seed: int = 0,
    weights: ResNet | None = None,
    dtype: torch.dtype | None = None,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
) -> ResNet:
    """A new network in train mode: random weights as `build` draws them, or the values of `weights`.

    `weights` is a network of the same variant, version and norm. It decides shortcut and classes where `how` leaves
    them open (else the family's own, and 10); `seed` and the options for random weights then have no effect.
    `dtype` None is double precision where the device supports it. `progress` is that of `build`. Raises
    `ResNetCoreError` for what `build` refuses, for weights of another network, and for an unusable `dtype` or `device`.
    """
    target = resolve_device(device)
    if target.type == "meta":
        raise ResNetCoreError("The device is 'meta', which holds no numbers; use 'auto', 'cpu', 'cuda' or 'mps'.")
    if dtype is None:
        dtype = torch.float32 if target.type in NO_DOUBLE else torch.float64
    if dtype not in DTYPES:
        raise one_of("dtype", dtype, DTYPES)
    if target.type in NO_DOUBLE and dtype == torch.float64:
        raise ResNetCoreError(
            f"The device {target.type!r} does not support torch.float64; use dtype=torch.float32 or device='cpu'."
        )
    if weights is None:
        classes = CLASSES if how.num_classes is None else how.num_classes
        model = build(variant, replace(how, num_classes=classes), seed=seed, progress=progress)
    else:
        _check_same(variant, how, weights)
        model = _copied(weights)
        if model.fc.weight.device.type != target.type:
            model = model.cpu()  # to the CPU first, because an Apple GPU has no float64
    return model.to(device=target, dtype=dtype).to(memory_format=_layout(target, dtype)).train()


def _check_same(variant: str | Variant, how: Build, weights: ResNet) -> None:
    """Raise `ResNetCoreError` if an option set in `how` differs from how `weights` were built."""
    asked = {"variant": variant_of(variant).name, **asdict(how)}
    own = {"variant": weights.variant.name, **asdict(weights.how)}
    for what, value in asked.items():
        if what not in DRAWN and value not in (None, own[what]):
            raise ResNetCoreError(f"{what} is {value!r}, but the given weights ({weights!r}) have {own[what]!r}.")


def _layout(device: torch.device, dtype: torch.dtype) -> torch.memory_format:
    """The memory order in which a device convolves fastest, forward and backward."""
    last = device.type == "cuda" or (device.type == "cpu" and dtype == torch.float32)
    return torch.channels_last if last else torch.contiguous_format


def _copied(model: ResNet) -> ResNet:
    """A network with the values of `model` only, without its hooks, mode or memory order."""
    copy = private_view(model)
    for module in copy.modules():
        for name, parameter in module._parameters.items():
            module._parameters[name] = None if parameter is None else nn.Parameter(_own(parameter))
        for name, buffer in module._buffers.items():
            module._buffers[name] = None if buffer is None else _own(buffer)
    return copy


def _own(tensor: Tensor) -> Tensor:
    return tensor.detach().clone()


def training_batch(model: ResNet, batch: Tensor) -> Tensor:
    """A copy of `batch` (N, 3, H, W) that `model` can read in train mode, on its device and in its precision.

    Raises `ResNetCoreError` for another shape, for numbers that are not finite, and if batch norm would have only one
    value per channel.
    """
    batch = check_batch(model, batch)
    batch = batch.clone(
        memory_format=_layout(batch.device, batch.dtype)
    )  # a clone: tensors made in inference mode carry no gradient
    if not bool(batch.isfinite().all()):
        raise ResNetCoreError("The batch holds NaN or infinity, but pictures must be finite numbers.")
    count, _, height, width = batch.shape
    if count == 1:
        for layer in walk(model, max(height, width)):
            if layer.kind == "batch norm" and layer.output[1:] == (1, 1):
                raise ResNetCoreError(
                    f"The batch is one picture of {height} x {width} pixels, of which {layer.name} sees 1 x 1: batch "
                    "norm cannot normalise a single value; give at least two pictures, or one with a side of more than "
                    f"{layer.jump} pixels."
                )
    return batch


@contextmanager
def enough_memory(variant: str | Variant, device: str | torch.device) -> Iterator[None]:
    """Turn a full GPU into a `ResNetCoreError`."""
    try:
        yield
    except RuntimeError as error:
        if not isinstance(error, torch.OutOfMemoryError) and "out of memory" not in str(error):  # Apple's only says so
            raise
        raise ResNetCoreError(
            f"The device {str(device)!r} has too little free memory for {variant_of(variant).name} on these pictures; "
            "give fewer or smaller ones, or use device='cpu'."
        ) from error
