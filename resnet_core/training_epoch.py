"""One epoch of training and its test: gradient steps with augmentation, and what the test pictures are called then."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from resnet_core.datasets import Pictures, augment
from resnet_core.model import ResNet
from resnet_core.recipes import Recipe


def network_input(pixels: Tensor, recipe: Recipe) -> Tensor:
    """uint8 pixels -> normalised float32 in channels-last memory order, which trains faster."""
    return recipe.transform.normalise(pixels).contiguous(memory_format=torch.channels_last)


def autocast() -> AbstractContextManager[Any]:
    """bfloat16 where the processor has matrix units for it (AMX), float32 elsewhere."""
    fast = bool(torch.cpu.get_capabilities().get("amx_bf16", False))
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=fast)


def block_gradient_norms(model: ResNet) -> dict[str, float]:
    """L2 norm of the loss gradient over all parameters of each block, from the `.grad` that `backward` left."""
    norms = {}
    for name, block in model.named_blocks():
        grads = [parameter.grad for parameter in block.parameters() if parameter.grad is not None]
        norms[f"grad_norm/{name}"] = math.sqrt(sum(float(grad.square().sum()) for grad in grads))
    return norms


@torch.no_grad()
def evaluate(model: ResNet, pictures: Pictures, size: int, recipe: Recipe) -> tuple[float, Tensor]:
    """Mean cross-entropy over test pictures brought to `size` as at use, and how many of each class were called what.

    The counts are (classes, classes) int64: rows are the true classes, columns the answers.
    """
    model.eval()
    transform = recipe.transform
    classes = len(pictures.folders)
    loss, counts = 0.0, torch.zeros(classes, classes, dtype=torch.int64)
    for pixels, labels in zip(torch.split(pictures.pixels, 256), torch.split(pictures.labels, 256), strict=True):
        if size != recipe.stored:
            wide = functional.interpolate(
                pixels, size=[round(size * transform.resize / transform.crop)] * 2, mode="bilinear", antialias=True
            )
            edge = (wide.shape[-1] - size) // 2
            pixels = wide[:, :, edge : edge + size, edge : edge + size]
        with autocast():
            logits = model(network_input(pixels, recipe)).float()
        loss += float(functional.cross_entropy(logits, labels, reduction="sum"))
        counts += torch.bincount(labels * classes + logits.argmax(1), minlength=classes**2).view(classes, classes)
    return loss / len(pictures.labels), counts


def train_epoch(
    model: ResNet,
    optimizer: torch.optim.SGD,
    average: AveragedModel,
    train: Pictures,
    epoch: int,
    recipe: Recipe,
    generator: torch.Generator,
) -> dict[str, float]:
    """One pass over the training pictures; returns loss, error, last learning rate and mean gradient norms."""
    model.train()
    batches = torch.split(torch.randperm(len(train.labels), generator=generator), recipe.batch)
    batches = tuple(batch for batch in batches if len(batch) > 1)  # batch norm needs more than one picture
    loss_sum, wrong, lr = 0.0, 0, 0.0
    norms: dict[str, float] = {}
    for step, batch in enumerate(batches):
        lr = recipe.lr_at(epoch + step / len(batches))
        for group in optimizer.param_groups:
            group["lr"] = lr
        pixels = augment(train.pixels[batch], recipe.size_at(epoch), recipe, generator)
        with autocast():
            logits = model(network_input(pixels, recipe)).float()
            loss = functional.cross_entropy(logits, train.labels[batch], label_smoothing=recipe.label_smoothing)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        average.update_parameters(model)
        for name, value in block_gradient_norms(model).items():
            norms[name] = norms.get(name, 0.0) + value / len(batches)
        loss_sum += float(loss.detach()) * len(batch)
        wrong += int((logits.argmax(1) != train.labels[batch]).sum())
    pictures = sum(len(batch) for batch in batches)
    return {"lr": lr, "train_loss": loss_sum / pictures, "train_error": wrong / pictures, **norms}


def make_optimizer(model: ResNet, recipe: Recipe) -> torch.optim.SGD:
    """SGD with Nesterov momentum; weight decay on convs and head only."""
    decayed = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in model.parameters() if parameter.ndim <= 1]
    return torch.optim.SGD(
        [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}],
        lr=recipe.lr_at(0),
        momentum=recipe.momentum,
        nesterov=True,
    )


def make_average(model: ResNet, recipe: Recipe) -> AveragedModel:
    """The moving average that `recipe` stores, of weights and of batch norm's statistics. (Polyak and Juditsky 1992)"""
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(recipe.averaging), use_buffers=True)  # type: ignore[no-untyped-call]
