"""Record how often a network errs without each of its blocks, on all test pictures, through the public interface.

    python -m resnet_core.training.lesions resnet56 cifar10 --data cifar10-jpeg.tar.xz --out VARIANT-ID-lesions.csv

DATA is a folder or tar of `test/CLASS/*` or `val/CLASS/*`. OUT gets the table of `lesion_study`, the whole network in
its first row; beside our weights, with such a name, `resnet_core.lesions.recorded` finds it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from resnet_core.inside.answers import preprocess
from resnet_core.lesions.study import lesion_study
from resnet_core.nets.loading import load
from resnet_core.nets.model import ResNet
from resnet_core.pictures.images import open_image
from resnet_core.training._datasets import TEST_SPLITS, labelled_files
from resnet_core.training.accuracy import labels_of
from resnet_core.variants import VARIANTS


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m resnet_core.training.lesions", description="Errors without each block, on all test pictures."
    )
    parser.add_argument("net", choices=VARIANTS)
    parser.add_argument("weights", help="an id such as cifar10, or a file")
    parser.add_argument("--data", type=Path, required=True, help="folder or tar of test/CLASS/* or val/CLASS/*")
    parser.add_argument("--out", type=Path, required=True, help="the table, CSV")
    parser.add_argument("--shortcut", choices=("A", "B", "C", "none"))
    options = parser.parse_args(arguments)
    model = load(options.net, options.weights, shortcut=options.shortcut)
    table = study(model, *test_pictures(model, options.data))
    table.to_csv(options.out, index=False, float_format="%.6g")
    print(f"\n{table.to_string(index=False)}")  # noqa: T201  (what the command is for)


def test_pictures(model: ResNet, data: Path) -> tuple[Tensor, Tensor]:
    """All test pictures (N, 3, H, W) and their classes (N,). Raises `WeightsError` for another number of classes."""
    found = [(folder, preprocess(open_image(content), model)) for folder, content in labelled_files(data, TEST_SPLITS)]
    labels = labels_of([folder for folder, _ in found], model, data)
    return torch.cat([picture for _, picture in found]), labels


def study(model: ResNet, batch: Tensor, labels: Tensor) -> pd.DataFrame:
    """The table of `lesion_study` with the whole network first, deleted "" and blocks 0."""
    found = lesion_study(model, batch, labels, progress=_say)
    whole = pd.DataFrame({"deleted": [""], "blocks": [0], "errors": [found.attrs["errors"]]})
    return pd.concat([whole.assign(change=0.0, margin=0.0, pictures=len(batch)), found], ignore_index=True)


def _say(done: int, total: int) -> None:
    print(f"\r{100 * done // total} % of the blocks are done", end="", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
