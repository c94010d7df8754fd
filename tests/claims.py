"""What papers say about why residual networks work, beside what our nets show.

    python -m tests.claims --data cifar10-jpeg.tar.xz

Prints the rows of resnet_core/README.md. What blocks that go or change places do is read from the recorded studies; the
rest is measured here, on the first test pictures of each class. "±" is half a 95 % interval over these pictures.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional

import resnet_core as rc
from app.lesions.charts.notes import errors_words
from resnet_core.lesions._margins import paired_margin
from resnet_core.lesions.recorded import recorded_study
from resnet_core.nets.model import ResNet
from resnet_core.training._datasets import TEST_SPLITS
from resnet_core.training.lesions import labelled_pictures

Z = 1.96
COUNT = 1000  # pictures, the first of each class in turn
PART = 100  # pictures at once
FEW = 200  # pictures for paths, which take the longest, and for distances
DEEP, SHALLOW = ("resnet56", "cifar10"), ("resnet20", "cifar10")
TIMES = (1, 2, 6, 21)  # uses of the last block; the paper adds 20
EPOCHS = ("01", "04", "08", "11", "14", "25")
Labelled = tuple[Tensor, Tensor]


@dataclass(frozen=True, eq=False)
class Photos:
    """Pictures (N, 3, 32, 32) and their classes (N,)."""

    test: Labelled
    training: Labelled


def with_margin(values: Tensor) -> str:
    """The mean and half the width of its 95 % interval."""
    return f"{float(values.mean()):.2f} ± {Z * float(values.std()) / len(values) ** 0.5:.2f}"


def span(errors: pd.Series) -> str:
    """From the least to the largest, as the page says it, without the sign."""
    return errors_words(errors).removesuffix("\N{NO-BREAK SPACE}%")


def along(model: ResNet, batch: Tensor, labels: Tensor) -> pd.DataFrame:
    """One row a block whose F(x) has the shape of x, and picture: block, cosine and ratio.

    The cosine is between F(x) and the direction in which x has to go for the cross-entropy to fall most steeply, the
    ratio |F(x)| / |x|.
    """
    tables = []
    for pictures, classes in zip(batch.split(PART), labels.split(PART), strict=True):
        x, steps = model.stem(pictures).detach().requires_grad_(), []
        for name, block in model.named_blocks():
            steps.append((name, x, block.residual(x)))
            x = block(x)
        loss = functional.cross_entropy(model.head(x).double(), classes, reduction="sum")
        slopes = torch.autograd.grad(loss, [x for _, x, _ in steps])
        for (name, x, residual), slope in zip(steps, slopes, strict=True):
            if x.shape == residual.shape:
                change, start, down = (each.detach().double().flatten(1) for each in (residual, x, -slope))
                cosine = functional.cosine_similarity(change, down, eps=0.0)
                ratio = change.norm(dim=1) / start.norm(dim=1)
                tables.append(pd.DataFrame({"block": name, "cosine": cosine.numpy(), "ratio": ratio.numpy()}))
    return pd.concat(tables, ignore_index=True)


def to_the_end(model: ResNet, batch: Tensor) -> dict[str, list[float]]:
    """By stage, how far the output of each block is from that of the last, over the norm of that: means."""
    found: dict[str, list[list[float]]] = {}
    for pictures in batch.split(PART):
        blocks = rc.capture(model, pictures).blocks
        for stage in dict.fromkeys(block.stage for block in blocks):
            outputs = [block.y.flatten(1) for block in blocks if block.stage == stage]
            end = outputs[-1]
            far = [float(((y - end).norm(dim=1) / end.norm(dim=1)).mean()) for y in outputs[:-1]]
            found.setdefault(stage, []).append(far)
    return {stage: torch.tensor(far).mean(0).tolist() for stage, far in found.items()}


def lengths(model: ResNet, batch: Tensor, labels: Tensor) -> tuple[int, Tensor]:
    """Through how many residual branches most of the gradient of the true logit comes, and the mean of each picture."""
    pairs = zip(batch[:FEW].split(PART // 5), labels[:FEW].split(PART // 5), strict=True)
    gradients = torch.cat([rc.path_spectrum(model, *pair).gradients for pair in pairs], 1)
    norms = gradients.double().flatten(2).norm(dim=2)  # (lengths, pictures)
    branches = torch.arange(len(norms), dtype=torch.float64)
    return int(norms.mean(1).argmax()), (norms / norms.sum(0) * branches[:, None]).sum(0)


def several(_photos: Photos | None = None) -> str:
    parts = []
    for net in (DEEP, SHALLOW, ("resnet56", "cifar10-plain")):
        table = recorded_study(rc.WEIGHTS[net], "draws")
        assert table is not None
        table = table[table["recalibrated"] == 0]
        draws = table.groupby("blocks")["errors"]
        steps = ", ".join(f"{100 * errors.median():.0f} ({span(errors)})" for _, errors in draws)
        parts.append(f"{name_of(net)} without {', '.join(str(blocks) for blocks, _ in draws)}: {steps} %")
    return "; ".join(parts)


def disorder(table: pd.DataFrame) -> str:
    """The rank correlation of the errors with tau: its 95 % interval (Fieller, Hartley and Pearson 1957)."""
    middle = math.atanh(table["tau"].corr(table["errors"], method="spearman"))
    half = Z * math.sqrt(1.06 / (len(table) - 3))
    return " to ".join(f"{math.tanh(end) + 0.0:.1f}" for end in (middle - half, middle + half))


def shuffled(_photos: Photos | None = None) -> str:
    told = []
    for again, how in ((False, "as trained"), (True, "with batch norm measured again")):
        parts = []
        for net in (DEEP, SHALLOW, ("resnet56", "cifar10-plain")):
            table = recorded_study(rc.WEIGHTS[net], "shuffles")
            assert table is not None
            table = table[(table["recalibrated"] > 0) == again]
            ends = [table.loc[table["swaps"] == swaps, "errors"] for swaps in (1, table["swaps"].max())]
            parts.append(f"{name_of(net)} {' → '.join(map(span, ends))} % ({disorder(table)})")
        told.append(f"{how} {', '.join(parts)}")
    return "; ".join(told)


def short_paths(photos: Photos) -> str:
    peak, means = lengths(rc.load(*DEEP), *photos.test)
    return f"most through {peak}, on average {with_margin(means)} of 27; all paths: 13.5"


def while_it_learns(photos: Photos) -> str:
    weights = [(epoch, f"cifar10-epoch-{epoch}") for epoch in EPOCHS] + [("40", "cifar10")]
    found = [(epoch, lengths(rc.load("resnet20", name), *photos.test)[1]) for epoch, name in weights]
    return "; ".join(f"epoch {int(epoch)}: {with_margin(means)}" for epoch, means in found)


def refined(photos: Photos) -> str:
    parts = []
    for net in (DEEP, ("resnet56", "cifar10-plain")):
        far = to_the_end(rc.load(*net), photos.test[0][:FEW])
        steps = "; ".join(", ".join(f"{each:.2f}" for each in stage) for stage in far.values())
        falls = sum(one > other for stage in far.values() for one, other in zip(stage, stage[1:], strict=False))
        count = sum(len(stage) - 1 for stage in far.values())
        parts.append(f"{name_of(net)}: {steps} ({falls} of {count} steps towards the end)")
    return "; ".join(parts)


def downhill(photos: Photos) -> str:
    return by_stage(photos, "cosine")


def sizes(photos: Photos) -> str:
    return by_stage(photos, "ratio")


def by_stage(photos: Photos, column: str) -> str:
    """The means of the blocks, a stage after the other, and the largest of their margins."""
    parts = []
    for net in (DEEP, SHALLOW):
        table = along(rc.load(*net), *photos.test)
        found = table.groupby("block")[column].agg(["mean", "std", "count"])
        margin = float((Z * found["std"] / found["count"] ** 0.5).max())
        stages = found["mean"].groupby(found.index.str.partition(".").get_level_values(0))
        steps = "; ".join(", ".join(f"{mean:.2f}" for mean in means) for _, means in stages)
        parts.append(f"{name_of(net)}: {steps} (± {margin:.2f} at most)")
    return "; ".join(parts)


def read_early(photos: Photos) -> str:
    parts = []
    for net in (DEEP, SHALLOW):
        model = rc.load(*net)
        pairs = zip(*(each.split(PART) for each in photos.test), strict=True)
        table = pd.concat([rc.readouts(model, *pair) for pair in pairs])
        wrong = (table["index"] != table["target"]).groupby(table["block"]).mean()
        parts.append(f"{name_of(net)}: {', '.join(f'{100 * each:.0f}' for each in wrong)} %")
    return "; ".join(parts)


def unrolled(photos: Photos) -> str:
    parts, model = [], rc.load(*DEEP)
    for what, (batch, labels) in (("test", photos.test), ("training", photos.training)):
        for scaled in (True, False):
            found, wrong = [], []
            for times in TIMES:
                logits = torch.cat([rc.lesion(model, part, unroll=(times, scaled)) for part in batch.split(PART)])
                wrong.append((logits.argmax(1) != labels).numpy())
                loss = float(functional.cross_entropy(logits, labels))
                found.append(f"{100 * wrong[-1].mean():.1f} % ({loss:.2g})")
            margin = 100 * paired_margin(wrong[-1], wrong[0])
            parts.append(f"{what}{', scaled' if scaled else ''}: {', '.join(found)}, the change ± {margin:.1f}")
    return f"{' / '.join(map(str, TIMES))} uses, error (loss): {'; '.join(parts)}"


def name_of(net: tuple[str, str]) -> str:
    return rc.VARIANTS[net[0]].titled(rc.WEIGHTS[net].shortcut)


CLAIMS: tuple[tuple[str, Callable[[Photos], str]], ...] = (
    ("Veit 2016, 4.2", several),
    ("Veit 2016, 4.3", shuffled),
    ("Veit 2016, 5", short_paths),
    ("Littwin and Wolf 2016", while_it_learns),
    ("Greff 2017", refined),
    ("Jastrzebski 2018, 4.1", downhill),
    ("Jastrzebski 2018, 4.2, size", sizes),
    ("Jastrzebski 2018, 4.2, read-out", read_early),
    ("Jastrzebski 2018, 4.4", unrolled),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.claims", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder or tar of test/CLASS/* and train/CLASS/*")
    model, data = rc.load(*DEEP), parser.parse_args().data
    test, training = (labelled_pictures(model, data, splits, COUNT) for splits in (TEST_SPLITS, ("train",)))
    for claim, measure in CLAIMS:
        print(f"{claim}: {measure(Photos(test, training))}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
