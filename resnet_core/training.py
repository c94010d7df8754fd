"""Train a network on a folder or tar of class folders: `python -m resnet_core.training resnet20 --data cifar10 ...`.

    python -m resnet_core.training resnet20 --recipe cifar10 --data cifar10-jpeg.tar.xz --out runs/resnet20
    python -m resnet_core.training resnet20 --recipe cifar10 --shortcut none --data ... --out runs/plain20

DATA holds `train/CLASS/*.jpg` and `test/CLASS/*.jpg` (or `val`). A tenth of the training pictures, drawn by the seed,
is held out: no step learns from it, and the curves are drawn on it, so whatever is decided by them (another recipe,
more cycles) is not decided by the test pictures. These are read once, when all epochs are done.

OUT receives after each epoch `checkpoint.pt`, from which the same command resumes, `curves.csv`, and `confusion.csv`:
one row an epoch and class, how many of its held-out pictures were called what (column). At the end come the
half-precision `weights.safetensors` that `load` reads, with the accuracy on the test pictures in the header, and
`test.csv`, what these were called; weights of the epochs that the recipe keeps are `epoch-01.safetensors` and so on.
`--no-test` leaves the test pictures unread, so that a recipe with more cycles can go on from there.

A GPU is used if there is one (`--device cpu` forbids it), in bfloat16 where it has matrix units for that; `--compile`
makes its steps faster. A run may go on on another device than it began on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import torch

from resnet_core.accuracy import confusion, told
from resnet_core.datasets import TEST_SPLITS, Pictures, class_folders, held_out, read_pictures
from resnet_core.errors import ResNetCoreError
from resnet_core.model import ResNet, build, resolve_device
from resnet_core.pretrained_files import Weights, save_weights
from resnet_core.recipes import RECIPES, Recipe
from resnet_core.run_folder import Resumable, RunFolder, confusion_table
from resnet_core.training_epoch import evaluate, make_average, make_optimizer, train_epoch
from resnet_core.variants import VARIANTS
from resnet_core.weights import load

TESTED = "test.csv"  # in a run's folder, once its test pictures were read


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

    Those of the training `pictures` that `held_out` draws are behind the curves and in no step. One row an epoch has
    the errors of the weights after it; `model` is left with the weights that the recipe stores. `write` is told to put
    the weights of an epoch that the recipe keeps into a file, with the epochs done. `compiled` steps take a minute to
    begin with each picture size and are faster then. Exits with a sentence if the checkpoint is that of another run or
    another recipe; the same with more cycles goes on.
    """
    device = model.fc.weight.device
    model.to(memory_format=torch.channels_last)
    optimizer = make_optimizer(model, recipe)
    decisive = asdict(replace(recipe, kept=(), class_words=()))  # these two change no number
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m resnet_core.training", description=__doc__.splitlines()[0])
    parser.add_argument("net", choices=VARIANTS)
    parser.add_argument("--recipe", choices=RECIPES, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder or tar of train|test/CLASS/*")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint, curves and weights")
    parser.add_argument("--shortcut", choices=("A", "B", "C", "none"), help="the family's own if left out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"), default="auto")
    parser.add_argument("--compile", action="store_true", help="a minute for each picture size, then faster steps")
    parser.add_argument("--no-test", action="store_true", help="leave the test pictures unread: more cycles may follow")
    return parser


def main(arguments: list[str] | None = None) -> None:
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        device = resolve_device(options.device)
    except ResNetCoreError as error:
        parser.error(str(error))
    torch.set_num_threads(options.threads)
    torch.backends.cudnn.benchmark = device.type == "cuda"  # it tries its kernels once for each shape
    recipe = RECIPES[options.recipe]
    pictures = _read(options.data, options.out, recipe.stored)
    classes = len(pictures.folders)
    model = build(options.net, shortcut=options.shortcut, num_classes=classes, seed=options.seed, device=device)
    weights = Weights(
        id=options.recipe,
        variant=options.net,
        shortcut=model.shortcut_option,
        version=model.version,
        classes=recipe.words_of(pictures.folders),
        transform=recipe.transform,
        source="file",
        data=recipe.data,
        recipe=json.dumps({**asdict(recipe), "seed": options.seed}),
        commit=_commit(),
        chosen_on="held out",
    )

    def write(path: Path, epochs: int) -> None:
        save_weights(path, model.state_dict(), replace(weights, epochs=epochs))

    train(model, pictures, recipe, options.seed, options.out, write, options.compile)
    final = options.out / "weights.safetensors"
    write(final, recipe.epochs)
    if not options.no_test:
        _test(final, options.data, replace(weights, epochs=recipe.epochs), device)


def _read(data: Path, out: Path, size: int) -> Pictures:
    """The training pictures. Exits if the run in `out` was tested already, or could not be tested on `data`."""
    if (out / TESTED).exists():
        raise SystemExit(
            f"The run in {out} has ended, and its test pictures were read: nothing is decided by them any more. "
            "Give another run its own folder."
        )
    tested = class_folders(data, TEST_SPLITS)  # by name alone: the pictures are for the end
    pictures = read_pictures(data, ("train",), size)
    if tested != pictures.folders:
        raise SystemExit(f"{data} has other classes under {' or '.join(TEST_SPLITS)} than under train.")
    return pictures


def _test(path: Path, data: Path, weights: Weights, device: torch.device) -> None:
    """Read the test pictures, once: note in the file at `path` how many are right, and beside it what they are called.

    It is the file that is tested, through the public interface, as a user would.
    """
    model = load(weights.variant, path, device=device)
    counts = confusion(model, data)
    print(told(model, counts))  # noqa: T201  (as in `train`)
    save_weights(path, model.state_dict(), replace(weights, accuracy=int(counts.trace()) / int(counts.sum())))
    table = confusion_table([counts.tolist()], weights.classes).assign(epoch=weights.epochs)
    table.to_csv(path.with_name(TESTED), index=False)


def _commit() -> str:
    try:
        return subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


if __name__ == "__main__":
    main()
