"""One epoch of training: gradient steps with augmentation, and the evaluation after it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from resnet_core.nets.model import ResNet
from resnet_core.training._datasets import Pictures, augment, scaled
from resnet_core.training._recipes import Recipe


def network_input(pixels: Tensor, recipe: Recipe) -> Tensor:
    """uint8 pixels -> normalised float32 in channels-last memory order, which trains faster."""
    return recipe.transform.normalise(pixels).contiguous(memory_format=torch.channels_last)


def autocast(device: torch.device) -> AbstractContextManager[Any]:
    """bfloat16 where the device has matrix units for it (AMX, tensor cores), float32 elsewhere."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = device.type == "cpu" and bool(torch.cpu.get_capabilities().get("amx_bf16", False))
    return torch.autocast(device.type, dtype=torch.bfloat16) if fast else nullcontext()


def block_gradient_norms(model: ResNet) -> Tensor:
    """(blocks,): L2 norm of the loss gradient over all parameters of each block, after `backward`."""
    grads = [[each.grad for each in block.parameters() if each.grad is not None] for _, block in model.named_blocks()]
    norms = torch.stack(torch._foreach_norm(list(chain.from_iterable(grads))))  # one call: fewer waits for a GPU
    return torch.stack([of_block.norm() for of_block in torch.split(norms, [len(of_block) for of_block in grads])])


@torch.no_grad()
def evaluate(model: ResNet, pictures: Pictures, size: int, recipe: Recipe) -> tuple[float, Tensor]:
    """Mean cross-entropy over pictures resized to `size` as in use, and the confusion matrix.

    The matrix is (classes, classes) int64: rows are the true classes, columns the answers.
    """
    model.eval()
    transform = recipe.transform
    classes, device = len(pictures.folders), pictures.pixels.device
    loss, counts = torch.zeros((), device=device), torch.zeros(classes, classes, dtype=torch.int64, device=device)
    for pixels, labels in zip(torch.split(pictures.pixels, 256), torch.split(pictures.labels, 256), strict=True):
        if size != recipe.stored:
            wide = scaled(pixels, round(size * transform.resize / transform.crop))
            edge = (wide.shape[-1] - size) // 2
            pixels = wide[:, :, edge : edge + size, edge : edge + size]
        with autocast(device):
            logits = model(network_input(pixels, recipe)).float()
        loss += functional.cross_entropy(logits, labels, reduction="sum")
        counts += torch.bincount(labels * classes + logits.argmax(1), minlength=classes**2).view(classes, classes)
    return float(loss) / len(pictures.labels), counts.cpu()


def train_epoch(
    model: ResNet,
    optimizer: torch.optim.SGD,
    average: AveragedModel | None,
    train: Pictures,
    epoch: int,
    recipe: Recipe,
    generator: torch.Generator,
    forward: Callable[[Tensor], Tensor],
) -> dict[str, float]:
    """One pass over the training pictures; returns loss, error, last learning rate and mean gradient norms.

    `forward` computes the logits: `model`, or the same compiled. Pictures that do not fill the last batch are left
    out until the next epoch; fewer pictures than one batch are one batch.
    """
    model.train()
    device = train.pixels.device
    order = torch.randperm(len(train.labels), generator=generator).to(device)
    batches = [batch for batch in torch.split(order, recipe.batch) if len(batch) == min(recipe.batch, len(order))]
    names = [f"grad_norm/{name}" for name, _ in model.named_blocks()]
    norms, loss_sum = torch.zeros(len(names), device=device), torch.zeros((), device=device)
    wrong, lr = torch.zeros((), dtype=torch.int64, device=device), 0.0
    for step, batch in enumerate(batches):
        lr = recipe.lr_at(epoch + step / len(batches))
        for group in optimizer.param_groups:
            group["lr"] = lr
        pixels = augment(train.pixels[batch], recipe.size_at(epoch), recipe, generator)
        with autocast(device):
            logits = forward(network_input(pixels, recipe)).float()
            loss = functional.cross_entropy(logits, train.labels[batch], label_smoothing=recipe.label_smoothing)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if average is not None:
            average.update_parameters(model)
        norms += block_gradient_norms(model) / len(batches)  # (blocks,)
        loss_sum += loss.detach() / len(batches)
        wrong += (logits.argmax(1) != train.labels[batch]).sum()
    row = {"lr": lr, "train_loss": float(loss_sum), "train_error": int(wrong) / sum(map(len, batches))}
    return row | dict(zip(names, norms.cpu().tolist(), strict=True))


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


def make_average(model: ResNet, recipe: Recipe) -> AveragedModel | None:
    """The moving average that `recipe` stores, of weights and of batch norm's statistics. (Polyak and Juditsky 1992)"""
    if not recipe.averaging:
        return None
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(recipe.averaging), use_buffers=True)  # type: ignore[no-untyped-call]
