"""Record how often a network errs without its blocks, on test pictures, through the public interface.

    python -m resnet_core.training.lesions resnet56 cifar10 --data cifar10-jpeg.tar.xz --out FOLDER

DATA is a folder or tar of `test/CLASS/*` or `val/CLASS/*`, and `train/CLASS/*`. FOLDER gets a CSV for each study, under
the name by which `resnet_core.lesions.recorded` finds it beside our weights. What is there already is kept, so that a
recording that was stopped goes on. With --cluster ADDRESS a Ray cluster does the work, but that of shuffled blocks.
"""

from __future__ import annotations

import argparse
import os
from functools import partial
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from resnet_core.errors import WeightsError
from resnet_core.inside.answers import preprocess
from resnet_core.lesions.parts import Data, Part, in_turn, studies
from resnet_core.lesions.recorded import file_of
from resnet_core.nets.loading import load
from resnet_core.nets.model import ResNet
from resnet_core.pictures.images import open_image
from resnet_core.training._cluster import add_cluster, device_of, pool_of
from resnet_core.training._datasets import TEST_SPLITS, labelled_files
from resnet_core.training.accuracy import labels_of
from resnet_core.variants import VARIANTS

CALIBRATION = 1000  # training pictures on which batch norm is measured again


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m resnet_core.training.lesions", description="Errors without blocks, on test pictures."
    )
    parser.add_argument("net", choices=VARIANTS)
    parser.add_argument("weights", help="an id such as cifar10, or a file")
    parser.add_argument("--data", type=Path, required=True, help="folder or tar of test/, val/ and train/CLASS/*")
    parser.add_argument("--out", type=Path, required=True, help="folder for the tables, CSV")
    parser.add_argument("--shortcut", choices=("A", "B", "C", "none"))
    add_cluster(parser)
    options = parser.parse_args(arguments)
    model = load(options.net, options.weights, shortcut=options.shortcut, device=device_of(options))
    assert model.weights is not None
    data = read_data(model, options.data)
    options.out.mkdir(parents=True, exist_ok=True)
    with pool_of(options) as pool:
        for study, parts in studies(model, data, pool).items():
            record(options.out / file_of(model.weights, study), parts)


def read_data(model: ResNet, data: Path) -> Data:
    """All test pictures, and of the training pictures the first of each class. Raises `WeightsError`."""
    calibration, _ = labelled_pictures(model, data, ("train",), CALIBRATION)
    return Data(*labelled_pictures(model, data, TEST_SPLITS), calibration)


def labelled_pictures(
    model: ResNet, data: Path, splits: tuple[str, ...], count: int | None = None
) -> tuple[Tensor, Tensor]:
    """Pictures (N, 3, H, W) and their classes (N,), all or about `count`, then class after class in turn."""
    files = list(labelled_files(data, splits))
    labels = labels_of([folder for folder, _ in files], model, data)
    chosen = torch.arange(len(files)) if count is None else in_turn(labels, count)
    return torch.cat([preprocess(open_image(files[place][1]), model) for place in chosen.tolist()]), labels[chosen]


def record(path: Path, parts: list[Part]) -> None:
    """Measure what the table at `path` lacks, and write it after each part. Raises `WeightsError` for another table."""
    for number, part in enumerate(parts, 1):
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if before and _has(path, part):
            continue
        table = part.measure(partial(_say, f"{path.stem}, part {number} of {len(parts)}"))
        text = table.to_csv(index=False, header=not before, float_format="%.6g", lineterminator="\n")
        path.with_suffix(".part").write_text(before + text, encoding="utf-8", newline="")
        os.replace(path.with_suffix(".part"), path)
        print()  # noqa: T201


def _has(path: Path, part: Part) -> bool:
    try:
        return part.is_in(pd.read_csv(path, keep_default_na=False))
    except (KeyError, ValueError) as error:
        raise WeightsError(f"{path} holds another table: move it away, or name another folder.") from error


def _say(what: str, done: int, total: int) -> None:
    print(f"\r{what}: {100 * done // total} %", end="", flush=True)  # noqa: T201  (what the command is for)


if __name__ == "__main__":
    main()
