"""Read the gradient at every conv of the main path from one forward and backward pass."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_core.gradients._norms import deviation, l2_norm
from resnet_core.nets.chain import Step, cut, follow
from resnet_core.nets.model import ResNet


@dataclass(frozen=True)
class Reading:
    """What `gradient_flow` measures at one conv; NaN by default, as in a network that has diverged."""

    grad_norm: float = math.nan
    weight_norm: float = math.nan
    relative_update: float = math.nan
    grad_norm_at_unit_weight: float = math.nan
    activation_std: float = math.nan
    input_grad_norm: float = math.nan
    zeros: float = math.nan


@dataclass(frozen=True, eq=False)
class MainConv:
    """One conv of the main path and its position."""

    name: str
    block: str
    stage: str
    kind: str
    layer: nn.Conv2d


def main_path(model: ResNet) -> list[MainConv]:
    """The stem's conv and those of F(x) of every block, in forward order."""
    found = [MainConv("conv1", "stem", "stem", "stem", model.conv1)]
    for name, block in model.named_blocks():
        kinds = ["first", *["middle"] * (len(block.convs) - 2), "last"]
        found += [
            MainConv(f"{name}.{child}", name, name.split(".")[0], kind, layer)
            for (child, layer), kind in zip(block.convs.items(), kinds, strict=True)
        ]
    return found


def read_gradients(
    model: ResNet, batch: Tensor, labels: Tensor, lr: float, advance: Callable[[], None]
) -> tuple[float, list[Reading]]:
    """The mean cross-entropy and, if that is finite, the measurements at each conv of `main_path`."""
    convs = main_path(model)
    deviations: dict[str, Tensor] = {}
    at_inputs: dict[str, Tensor] = {}
    for conv in convs:
        conv.layer.register_forward_hook(_keep_deviation(conv.name, deviations))
    before, (*blocks, head) = cut(model, "stem")
    names = [name for name, _ in model.named_blocks()]
    blocks = [_keep_input_gradient(block, name, at_inputs) for name, block in zip(names, blocks, strict=True)]
    loss = functional.cross_entropy(follow([*before, *blocks, head], batch, advance), labels)
    if not math.isfinite(loss.item()):
        return loss.item(), [Reading()] * len(convs)
    gradients = torch.autograd.grad(loss, [conv.layer.weight for conv in convs])
    advance()
    readings = []
    for conv, gradient in zip(convs, gradients, strict=True):
        norm, weight_norm = l2_norm(gradient).item(), l2_norm(conv.layer.weight).item()
        reading = Reading(
            grad_norm=norm,
            weight_norm=weight_norm,
            relative_update=lr * norm / weight_norm if weight_norm else math.nan,
            grad_norm_at_unit_weight=norm * weight_norm,
            activation_std=deviations[conv.name].item(),
            input_grad_norm=at_inputs[conv.block].item() if conv.block in at_inputs else math.nan,
            zeros=1 - int(gradient.count_nonzero()) / gradient.numel(),
        )
        readings.append(reading)
    return loss.item(), readings


def _keep_deviation(name: str, into: dict[str, Tensor]) -> Callable[..., None]:
    def hook(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        into[name] = deviation(output)

    return hook


def _keep_input_gradient(step: Step, name: str, into: dict[str, Tensor]) -> Step:
    """`step`, which also stores the norm of the gradient that arrives at its input."""

    def listening(x: Tensor) -> Tensor:
        x.register_hook(lambda gradient: into.update({name: l2_norm(gradient)}))  # type: ignore[no-untyped-call]
        return step(x)

    return listening
