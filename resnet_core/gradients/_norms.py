"""Norm and standard deviation of a tensor, exact where single precision underflows, and cheap.

PyTorch's own double-precision norm and its `std` take three to five times as long on a CPU: one of each per layer would
slow down the forward and backward pass noticeably.
"""

from __future__ import annotations

import torch
from torch import Tensor

from resnet_core.exact import NO_DOUBLE

SAFE = (1e-12, 1e12)  # between these, squares that underflow (below 1e-38) or overflow in float32 do not matter
MOSTLY_MEAN = 0.01  # a smaller share of the mean square would be lost in the rounding of their difference


def l2_norm(tensor: Tensor) -> Tensor:
    """The L2 norm of a 4-d tensor as a double: 0 only if every entry is, though in float32 1e-23 squared is 0."""
    tensor = tensor.detach()
    if tensor.device.type in NO_DOUBLE:
        tensor = tensor.cpu()
    if tensor.device.type == "cpu":
        quick: Tensor = torch.linalg.vector_norm(torch.linalg.vector_norm(tensor, dim=(1, 2, 3)).double())
        if SAFE[0] < quick < SAFE[1]:
            return quick
    exact: Tensor = torch.linalg.vector_norm(tensor.double())
    return exact


def deviation(tensor: Tensor) -> Tensor:
    """The standard deviation over all values of a 4-d tensor as a double (divided by their number, not one less)."""
    tensor = tensor.detach()
    if tensor.device.type in ("cpu", *NO_DOUBLE):
        mean_square = l2_norm(tensor).square() / tensor.numel()
        variance = mean_square - tensor.mean().cpu().double().square()
        if variance > MOSTLY_MEAN * mean_square:
            return variance.sqrt()
        tensor = tensor.cpu()
    return tensor.double().std(correction=0)
