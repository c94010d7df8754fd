"""Lesions, all networks in one, and paths, against bare passes: benches of `tests.bench`."""

from __future__ import annotations

from collections.abc import Iterator

import torch

import resnet_core as rc
from tests.side_by_side import Row, fastest, row


def lesions(repeats: int) -> Iterator[Row]:
    for name, weights, count, size in (
        ("resnet20", "cifar10", 1, 32),
        ("resnet20", "cifar10", 16, 32),
        ("resnet56", "cifar10", 1, 32),
        ("resnet56", "cifar10", 4, 32),
        ("resnet18", "imagenette", 1, 224),
    ):
        model = rc.load(name, weights, device="cpu").requires_grad_(False)
        batch = torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(0))
        labels, blocks = torch.zeros(count, dtype=torch.long), sum(model.variant.blocks)
        what = f"of {name}, {count} picture{'s' if count > 1 else ''}"

        def forward(model: rc.ResNet = model, batch: torch.Tensor = batch) -> torch.Tensor:
            with torch.no_grad():
                return model(batch)

        def lesion(model: rc.ResNet = model, batch: torch.Tensor = batch) -> torch.Tensor:
            return rc.lesion(model, batch, remove=["layer2.1"])

        yield row(f"one lesion {what}", "bare forward", "at most 1.2x", *fastest(lesion, forward, repeats))
        if blocks < 12:

            def all_of_them(
                model: rc.ResNet = model, batch: torch.Tensor = batch, labels: torch.Tensor = labels
            ) -> rc.Subnetworks:
                return rc.subnetworks(model, batch, labels)

            goal = "at most 75x" if blocks == 9 else "at most 45x"
            times = fastest(all_of_them, forward, max(2, repeats // 4))
            yield row(f"all {2**blocks} networks {what}", "bare forward", goal, *times)
        pixels = batch.clone().requires_grad_()
        logit = model(pixels)[:, 0].sum()

        def backward(logit: torch.Tensor = logit, pixels: torch.Tensor = pixels) -> object:
            return torch.autograd.grad(logit, pixels, retain_graph=True)

        def spectrum(model: rc.ResNet = model, batch: torch.Tensor = batch) -> rc.PathSpectrum:
            return rc.path_spectrum(model, batch, 0)

        goal = f"at most {(blocks + 1) / 2 + 1.5:g}x"
        times = fastest(spectrum, backward, max(2, repeats // 4))
        yield row(f"path spectrum {what}", "bare backward pass", goal, *times)
