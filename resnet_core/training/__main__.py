"""Train a network on a folder or tar of class folders: `python -m resnet_core.training resnet20 --data cifar10 ...`.

    python -m resnet_core.training resnet20 --recipe cifar10 --data cifar10-jpeg.tar.xz --out runs/resnet20
    python -m resnet_core.training resnet20 --recipe cifar10 --shortcut none --data ... --out runs/plain20

DATA holds `train/CLASS/*.jpg` and `test/CLASS/*.jpg` (or `val`). A tenth of the training pictures, drawn by the seed,
is held out: no step learns from it, and the curves are measured on it, so that decisions (another recipe, more cycles)
do not depend on the test pictures. These are read once, after the last epoch.

OUT receives after each epoch `checkpoint.pt`, from which the same command resumes, `curves.csv`, and `confusion.csv`:
one row per epoch and class, how many of its held-out pictures got which answer (column). At the end come the
half-precision `weights.safetensors` that `load` reads, with the accuracy on the test pictures in the header, and
`test.csv`, the answers to these; weights of the epochs that the recipe keeps are `epoch-01.safetensors` and so on.
`--no-test` does not read the test pictures, so that a recipe with more cycles can continue from there.

A GPU is used if there is one (unless `--device cpu`), in bfloat16 if it has matrix units for that; `--compile` makes
its steps faster. A run may continue on another device than it began on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from dataclasses import asdict, replace
from pathlib import Path

import torch

from resnet_core.errors import ResNetCoreError
from resnet_core.nets.loading import load
from resnet_core.nets.model import build, resolve_device
from resnet_core.training._datasets import TEST_SPLITS, Pictures, class_folders, read_pictures
from resnet_core.training._folder import confusion_table
from resnet_core.training._recipes import RECIPES
from resnet_core.training._trainer import train
from resnet_core.training.accuracy import confusion, told
from resnet_core.variants import VARIANTS
from resnet_core.weights.files import Weights, save_weights

TESTED = "test.csv"  # in a run's folder, after its test pictures were read


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
    torch.backends.cudnn.benchmark = device.type == "cuda"  # it tries its kernels once per shape
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
    """The training pictures. Exits if the run in `out` has been tested already, or cannot be tested on `data`."""
    if (out / TESTED).exists():
        raise SystemExit(
            f"The run in {out} has ended, and its test pictures were read: nothing is decided by them any more. "
            "Give another run its own folder."
        )
    tested = class_folders(data, TEST_SPLITS)  # names only: the pictures are read at the end
    pictures = read_pictures(data, ("train",), size)
    if tested != pictures.folders:
        raise SystemExit(f"{data} has other classes under {' or '.join(TEST_SPLITS)} than under train.")
    return pictures


def _test(path: Path, data: Path, weights: Weights, device: torch.device) -> None:
    """Read the test pictures, once: write the accuracy into the file at `path`, and the answers into a table.

    The file itself is tested, through the public interface, as a user would.
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
