"""Measure a network's top-1 accuracy through the public interface.

    python -m resnet_core.training.accuracy resnet18 imagenette --data imagenette224.tar
    python -m resnet_core.training.accuracy resnet20 OUT/weights.safetensors --data cifar10-jpeg.tar.xz --write

DATA is a folder or tar of `test/CLASS/*` or `val/CLASS/*`. With --write the accuracy goes into the file's header, where
`WEIGHTS` and the app find it; `resnet_core.training` writes that of its last weights itself. --cluster ADDRESS lets a
Ray cluster answer.
"""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from resnet_core.errors import WeightsError
from resnet_core.inside.answers import preprocess
from resnet_core.nets.loading import load
from resnet_core.nets.model import ResNet
from resnet_core.pictures.images import open_image
from resnet_core.pool.interface import Pool
from resnet_core.pool.local import LocalPool
from resnet_core.training._batches import logits_of
from resnet_core.training._cluster import add_cluster, device_of, pool_of
from resnet_core.training._datasets import TEST_SPLITS, labelled_files
from resnet_core.variants import VARIANTS
from resnet_core.weights.checkpoints import is_safetensors, open_checkpoint
from resnet_core.weights.files import Weights, read_weights, save_weights

AT_ONCE = 64  # pictures in one pass
BATCHES = 2  # of so many pictures in memory for each core


def confusion(model: ResNet, data: Path, pool: Pool | None = None) -> torch.Tensor:
    """The confusion matrix of the test pictures of `data`: (classes, classes) int64, true classes as rows.

    Raises `WeightsError` like `labelled_logits`.
    """
    logits, labels = labelled_logits(model, data, pool)
    classes = model.num_classes
    return torch.bincount(labels * classes + logits.argmax(1), minlength=classes**2).view(classes, classes)


def labelled_logits(model: ResNet, data: Path, pool: Pool | None = None) -> tuple[Tensor, Tensor]:
    """The logits (N, classes) of the test pictures of `data`, and their classes (N,).

    The class folders in alphabetical order belong to the logits in order, as in training. `pool` is where the network
    answers, None the cores of this machine, or a GPU. Raises `WeightsError` if the numbers of classes differ.
    """
    if pool is None:
        pool = LocalPool(None if model.fc.weight.device.type == "cpu" else 1)
    folders: list[str] = []
    logits: list[Tensor] = []
    waiting: list[list[Tensor]] = [[]]

    def answer() -> None:
        tasks = [(number, torch.cat(pictures)) for number, pictures in enumerate(waiting) if pictures]
        waiting[:] = [[]]
        with closing(pool.run(logits_of, tasks, shared=(model,))) as results:
            found = {task[0]: future.result() for task, future in results}
        logits.extend(found[number] for number, _ in tasks)

    for folder, content in labelled_files(data, TEST_SPLITS):
        folders.append(folder)
        waiting[-1].append(preprocess(open_image(content), model))
        if len(waiting[-1]) == AT_ONCE:
            if len(waiting) == BATCHES * pool.cores:
                answer()
            else:
                waiting.append([])
    answer()
    labels = labels_of(folders, model, data)
    return torch.cat(logits), labels


def labels_of(folders: list[str], model: ResNet, data: Path) -> Tensor:
    """The class (N,) of each picture of `data` from its folder. Raises `WeightsError` for another number of classes."""
    names = sorted(set(folders))
    if len(names) != model.num_classes:
        raise WeightsError(
            f"{data} holds test pictures of {len(names)} classes, but {model.title} has {model.num_classes}."
        )
    return torch.tensor([names.index(folder) for folder in folders])


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m resnet_core.training.accuracy", description="Measure top-1 accuracy."
    )
    parser.add_argument("net", choices=VARIANTS)
    parser.add_argument("weights", help="an id such as imagenette, or a file")
    parser.add_argument("--data", type=Path, required=True, help="folder or tar of test/CLASS/* or val/CLASS/*")
    parser.add_argument("--shortcut", choices=("A", "B", "C", "none"))
    parser.add_argument("--write", action="store_true", help="note the result in the header of our own file")
    add_cluster(parser)
    options = parser.parse_args(arguments)
    path = Path(options.weights)
    said = _ours(path) if options.write else None
    model = load(options.net, options.weights, shortcut=options.shortcut, device=device_of(options))
    with pool_of(options) as pool:
        counts = confusion(model, options.data, pool)
    print(told(model, counts))  # noqa: T201  (what the command is for)
    if said is not None:
        save_weights(path, model.state_dict(), replace(said, accuracy=int(counts.trace()) / int(counts.sum())))


def told(model: ResNet, counts: torch.Tensor) -> str:
    """The accuracy of `model` from the counts of `confusion`, in one line."""
    right, total = int(counts.trace()), int(counts.sum())
    return f"{model!r}: {right:,} of {total:,} right, top-1 {right / total:.4f}"


def _ours(path: Path) -> Weights:
    """The header of a file that `resnet_core.training` wrote. Raises `WeightsError`."""
    with open_checkpoint(path) as file:
        said = read_weights(file, "file") if is_safetensors(file) else None
    if said is None or not said.commit:
        raise WeightsError(f"{path} is not a file that resnet_core.training wrote.")
    return said


if __name__ == "__main__":
    main()
