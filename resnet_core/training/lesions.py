"""Record how often a network errs without each of its blocks, on all test pictures, through the public interface.

    python -m resnet_core.training.lesions resnet56 cifar10 --data cifar10-jpeg.tar.xz --out VARIANT-ID-lesions.csv

DATA is a folder or tar of `test/CLASS/*` or `val/CLASS/*`. OUT gets the table of `lesion_study`, the whole network in
its first row; beside our weights, with such a name, `resnet_core.lesions.recorded` finds it. Pictures are taken in
parts of --at-once; OUT.part holds what is counted so far, from which the same command goes on.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_core.errors import WeightsError
from resnet_core.inside.answers import preprocess
from resnet_core.lesions._blocks import removable
from resnet_core.lesions._errors import compared, wrong_sharing
from resnet_core.nets.loading import load
from resnet_core.nets.model import ResNet
from resnet_core.pictures.images import open_image
from resnet_core.training._datasets import TEST_SPLITS, labelled_files
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
    parser.add_argument("--at-once", type=int, default=500, help="pictures between two notes of what is counted")
    options = parser.parse_args(arguments)
    model = load(options.net, options.weights, shortcut=options.shortcut)
    batch, labels = test_pictures(model, options.data)
    table = study(model, batch, labels, options.out.with_suffix(".part"), options.at_once)
    table.to_csv(options.out, index=False, float_format="%.6g")
    print(table.to_string(index=False))  # noqa: T201  (what the command is for)


def test_pictures(model: ResNet, data: Path) -> tuple[Tensor, Tensor]:
    """All test pictures (N, 3, H, W) and their classes (N,). Raises `WeightsError` for another number of classes."""
    found = [(folder, preprocess(open_image(content), model)) for folder, content in labelled_files(data, TEST_SPLITS)]
    names = sorted({folder for folder, _ in found})
    if len(names) != model.num_classes:
        raise WeightsError(f"{data} holds pictures of {len(names)} classes, but {model.title} has {model.num_classes}.")
    return torch.cat([picture for _, picture in found]), torch.tensor([names.index(folder) for folder, _ in found])


def study(model: ResNet, batch: Tensor, labels: Tensor, part: Path, at_once: int) -> pd.DataFrame:
    """The table of `lesion_study` with the whole network first; `part` holds what is counted so far."""
    blocks = dict(model.named_blocks())
    gone = [""] + [name for name, block in blocks.items() if removable(block)]
    kept = np.array([[name != one for name in blocks] for one in gone], dtype=bool)
    wrong: list[NDArray[np.bool_]] = [np.array(done, dtype=bool) for done in _counted(part)]
    for start in range(at_once * len(wrong), len(batch), at_once):
        here = slice(start, start + at_once)
        wrong.append(wrong_sharing(model, batch[here], labels[here], kept, None))
        part.write_text(json.dumps([done.astype(int).tolist() for done in wrong]), encoding="utf-8")
        print(f"{min(start + at_once, len(batch)):,} of {len(batch):,} pictures", flush=True)  # noqa: T201
    whole = pd.DataFrame({"deleted": [""], "blocks": [0]})
    without = pd.DataFrame({"deleted": gone[1:], "blocks": 1})
    found = compared(without, np.concatenate(wrong, axis=1), model)
    part.unlink(missing_ok=True)
    whole = whole.assign(errors=found.attrs["errors"], change=0.0, margin=0.0, pictures=len(batch))
    return pd.concat([whole, found], ignore_index=True)


def _counted(part: Path) -> list[list[list[int]]]:
    found: list[list[list[int]]] = json.loads(part.read_text(encoding="utf-8")) if part.exists() else []
    return found


if __name__ == "__main__":
    main()
