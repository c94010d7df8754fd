"""Tensors by torchvision's names -> the network that they fit, or one sentence on why they fit none."""

from __future__ import annotations

import re

import torch
from torch import Tensor

from resnet_core.errors import WeightsError
from resnet_core.nets.model import ResNet, build
from resnet_core.variants import VARIANTS, Shortcut, Variant, Version

MOST_CLASSES = 25_000  # all of ImageNet has 21,841; a page with millions would slow down everybody


def shortcut_option(state: dict[str, Tensor]) -> Shortcut:
    """The option that the projections in `state` show: C with one in every block, B only where stages begin, else A.

    A plain twin has the same tensors as option A and cannot be distinguished from it.
    """
    projected = [key.split(".")[1] for key in state if key.endswith(".downsample.0.weight")]
    if not projected:
        return "A"
    return "B" if set(projected) == {"0"} else "C"


def fit(
    state: dict[str, Tensor], variant: Variant, *, shortcut: Shortcut | None = None, version: Version = "v1.5"
) -> ResNet:
    """The network of `variant` that holds the tensors of `state`, on the CPU and in eval mode.

    The number of classes, batch norm or none and, where `shortcut` is None, its option follow from the tensors; missing
    batch counters become 0. Raises `WeightsError` that names the first tensor that does not fit.
    """
    model = _empty(state, variant, shortcut, version)
    state = _with_counts(state, model)
    misfit = _misfit(state, model)
    if misfit is not None:
        others = [other.title for other in VARIANTS.values() if other is not variant and _fits(state, other, version)]
        raise WeightsError(misfit + (f" The file fits {' and '.join(others)}." if others else ""))
    needed = model.state_dict()
    copies = {
        key: value.to(needed[key].dtype, copy=True, memory_format=torch.contiguous_format)
        for key, value in state.items()
    }
    model.load_state_dict(copies, assign=True)  # not to_empty(), whose first call imports sympy, which takes seconds
    return model.eval()


def _empty(state: dict[str, Tensor], variant: Variant, shortcut: Shortcut | None, version: Version) -> ResNet:
    """The network that `state` seems to belong to, as shapes without memory."""
    head = state.get("fc.weight")
    classes = len(head) if head is not None and head.ndim == 2 and len(head) > 0 else variant.num_classes
    if classes > MOST_CLASSES:
        raise WeightsError(
            f"The head in the file has {classes:,} classes; a network here has at most {MOST_CLASSES:,}."
        )
    return build(
        variant,
        shortcut=shortcut or shortcut_option(state),
        version=version,
        norm="batch" if "bn1.weight" in state else "none",
        num_classes=classes,
        device="meta",
    )


def _with_counts(state: dict[str, Tensor], model: ResNet) -> dict[str, Tensor]:
    """`state` with exactly the batch counters of `model`; 0 where malformed or, as before PyTorch 0.4.1, missing."""
    name, shape = "num_batches_tracked", torch.Size()
    counts = {
        key: state[key] if key in state and state[key].shape == shape else torch.tensor(0, device="cpu")
        for key in model.state_dict()
        if key.endswith(name)
    }
    return {key: value for key, value in state.items() if not key.endswith(name)} | counts


def _fits(state: dict[str, Tensor], variant: Variant, version: Version) -> bool:
    blocks = sum(re.fullmatch(r"layer\d+\.\d+\.conv1\.weight", key) is not None for key in state)
    if blocks != sum(variant.blocks):  # avoids building most of the networks
        return False
    model = _empty(state, variant, None, version)
    return _misfit(_with_counts(state, model), model) is None


def _misfit(state: dict[str, Tensor], model: ResNet) -> str | None:
    """One sentence on the first tensor that does not fit `model`; None if all fit and none is missing or left over."""
    needed = model.state_dict()
    for key, value in needed.items():
        if key in state and state[key].shape != value.shape:
            found, wanted = tuple(state[key].shape), tuple(value.shape)
            return f"{key} is {found} in the file, but {model.title} needs {wanted}."
    missing = [key for key in needed if key not in state]
    surplus = [key for key in state if key not in needed]
    if missing:
        instead = f"; instead it holds {_first(surplus)}" if surplus else ""
        return f"The file lacks {_first(missing)}, which {model.title} needs{instead}."
    if surplus:
        option = "no shortcuts" if model.shortcut_option == "none" else f"shortcut option {model.shortcut_option}"
        return f"The file holds {_first(surplus)}, which {model.title} with {option} does not have."
    return None


def _first(keys: list[str]) -> str:
    more = len(keys) - 1
    return f"{keys[0]} and {more} more tensor{'s' * (more > 1)}" if more else keys[0]
