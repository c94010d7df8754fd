"""One run of training, from the state of its folder to the end of the recipe."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import torch

from resnet_core.nets.model import ResNet
from resnet_core.training._datasets import Pictures, held_out
from resnet_core.training._epoch import evaluate, make_average, make_optimizer, train_epoch
from resnet_core.training._folder import Resumable, RunFolder
from resnet_core.training._recipes import Recipe


def train(
    model: ResNet,
    pictures: Pictures,
    recipe: Recipe,
    seed: int,
    out: Path,
    write: Callable[[Path, int], None] = lambda _path, _epochs: None,
    compiled: bool = False,
) -> pd.DataFrame:
    """Train on the model's device to the end of the recipe, resuming from OUT/checkpoint.pt; returns the curves.

    The training `pictures` that `held_out` draws give the curves and are in no step. Each row has the errors of the
    weights after one epoch; at the end `model` has the weights that the recipe stores. `write` is called after each
    epoch whose weights the recipe keeps. `compiled` steps start a minute later with each picture size and are faster
    then. Exits with a sentence if the checkpoint belongs to another run or recipe; one with added cycles continues.
    """
    device = model.fc.weight.device
    model.to(memory_format=torch.channels_last)
    optimizer = make_optimizer(model, recipe)
    decisive = asdict(replace(recipe, kept=(), class_words=()))  # these two change no result
    run = {"net": model.variant.name, "shortcut": model.shortcut_option, "seed": seed, **decisive}
    folder = RunFolder(out, run, recipe.words_of(pictures.folders))
    average = make_average(model, recipe)
    parts: dict[str, Resumable] = {"model": model, "optimizer": optimizer}
    if average is not None:
        parts["average"] = average
    done = folder.resume(parts)
    learned, held = (part.to(device) for part in held_out(pictures, recipe.held_out, seed))
    forward = torch.compile(model, dynamic=False) if compiled else model
    for epoch in range(len(done.rows), recipe.epochs):
        started = time.perf_counter()
        size = recipe.size_at(epoch)
        generator = torch.Generator().manual_seed(seed * 10_000 + epoch)  # so that a resumed run draws the same
        row = train_epoch(model, optimizer, average, learned, epoch, recipe, generator, forward)
        loss, counts = evaluate(model, held, size if recipe.smallest_crop else recipe.transform.crop, recipe)
        error = 1 - int(counts.trace()) / int(counts.sum())
        seconds = time.perf_counter() - started
        measured = {"held_out_loss": loss, "held_out_error": error}
        done.add({"epoch": epoch + 1, "size": size, **measured, **row, "seconds": seconds}, counts)
        if epoch + 1 in recipe.kept:
            write(out / f"epoch-{epoch + 1:02d}.safetensors", epoch + 1)
        folder.save(parts, done)
        print(  # noqa: T201  (a command-line program reports its progress)
            f"epoch {epoch + 1}/{recipe.epochs} at {size} px: train loss {row['train_loss']:.3f}, "
            f"train error {row['train_error']:.3f}, held-out error {error:.3f}, {seconds:.0f} s",
            flush=True,
        )
    if average is not None:
        model.load_state_dict(average.module.state_dict())
    return pd.DataFrame(done.rows)
