"""How our own nets were trained, as data: pictures, augmentation, schedule and optimiser of each run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from resnet_core.pictures.images import CIFAR_TRANSFORM, IMAGENET_TRANSFORM, Transform


@dataclass(frozen=True)
class Phase:
    """`epochs` over pictures of `size` pixels: small ones first, because they teach most for less time."""

    epochs: int
    size: int


@dataclass(frozen=True)
class Cycle:
    """Phases under one rise and fall of the learning rate: up to `peak_lr` over `warm_up` of it, then a cosine to 0."""

    peak_lr: float
    phases: tuple[Phase, ...]
    warm_up: float = 0.25

    @property
    def epochs(self) -> int:
        return sum(phase.epochs for phase in self.phases)

    def lr_at(self, progress: float) -> float:
        """Learning rate when `progress` (0 to 1) of the cycle is done."""
        if progress < self.warm_up:
            return self.peak_lr * (0.04 + 0.96 * progress / self.warm_up)
        return self.peak_lr * 0.5 * (1 + math.cos(math.pi * (progress - self.warm_up) / (1 - self.warm_up)))


@dataclass(frozen=True)
class Recipe:
    """Everything that defines a run besides the network, the data and the seed.

    `cycles` follow each other as warm restarts (Loshchilov and Hutter 2017). `stored` is the size of pictures in
    memory, `transform` the preprocessing of a photo in use. `smallest_crop` is the smallest share of the picture that a
    random resized crop keeps; None means the paper's CIFAR augmentation, a random crop from the picture padded
    by `pad`. `held_out` is the share of the training pictures that no step learns from and that the curves are
    measured on; 0 in the recipes of older runs, whose curves are of test pictures. `kept` are the epochs, from 1 on,
    whose weights are also written. At the end a run stores a moving average of its weights over the steps, in which the
    share of a step falls by the factor `averaging` with every later step; 0 stores the last weights.
    """

    data: str
    cycles: tuple[Cycle, ...]
    stored: int
    transform: Transform
    batch: int
    smallest_crop: float | None = None
    pad: int = 4
    weight_decay: float = 5e-4
    momentum: float = 0.9
    label_smoothing: float = 0.0
    averaging: float = 0.0
    held_out: float = 0.1
    class_words: tuple[tuple[str, str], ...] = ()
    kept: tuple[int, ...] = ()

    @property
    def epochs(self) -> int:
        return sum(cycle.epochs for cycle in self.cycles)

    def words_of(self, folders: Sequence[str]) -> tuple[str, ...]:
        """The class names for class folders; a folder without one keeps its own name."""
        words = dict(self.class_words)
        return tuple(words.get(folder, folder) for folder in folders)

    def size_at(self, epoch: int) -> int:
        """Picture size of an epoch, counted from 0."""
        for phase in (phase for cycle in self.cycles for phase in cycle.phases):
            if epoch < phase.epochs:
                return phase.size
            epoch -= phase.epochs
        raise ValueError("past the last epoch")

    def lr_at(self, epochs_done: float) -> float:
        """Learning rate after `epochs_done`, which may be a fraction."""
        for cycle in self.cycles:
            if epochs_done < cycle.epochs:
                return cycle.lr_at(epochs_done / cycle.epochs)
            epochs_done -= cycle.epochs
        return 0.0


def recipe_of(told: dict[str, Any]) -> Recipe:
    """The recipe in the header of a weights file; fields that `Recipe` does not have are ignored.

    A header without `held_out` means that no pictures were held out.
    """
    values = _tuples({"held_out": 0.0, **told})
    known = {field.name: values[field.name] for field in fields(Recipe) if field.name in values}
    known["transform"] = Transform(**known["transform"])
    known["cycles"] = tuple(
        Cycle(**{**cycle, "phases": tuple(Phase(**phase) for phase in cycle["phases"])}) for cycle in known["cycles"]
    )
    return Recipe(**known)


def _tuples(value: Any) -> Any:
    """JSON with tuples for its lists, as records have them."""
    if isinstance(value, dict):
        return {key: _tuples(each) for key, each in value.items()}
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value


IMAGENETTE_WORDS = (
    ("n01440764", "tench"),
    ("n02102040", "English springer"),
    ("n02979186", "cassette player"),
    ("n03000684", "chain saw"),
    ("n03028079", "church"),
    ("n03394916", "French horn"),
    ("n03417042", "garbage truck"),
    ("n03425413", "gas pump"),
    ("n03445777", "golf ball"),
    ("n03888257", "parachute"),
)

RECIPES = {
    "imagenette": Recipe(
        data="Imagenette (ten classes of ImageNet, squeezed to 224x224)",
        cycles=(
            Cycle(0.15, (Phase(10, 64), Phase(5, 96), Phase(2, 128), Phase(2, 160))),
            Cycle(0.1, (Phase(4, 96), Phase(3, 128), Phase(2, 160)), warm_up=0.1),
            Cycle(0.08, (Phase(4, 128), Phase(2, 160), Phase(5, 192)), warm_up=0.1),
            Cycle(0.06, (Phase(5, 128), Phase(3, 160), Phase(5, 176)), warm_up=0.1),
        ),
        stored=224,
        transform=IMAGENET_TRANSFORM,
        batch=64,
        smallest_crop=0.3,
        label_smoothing=0.1,
        averaging=0.997,
        class_words=IMAGENETTE_WORDS,
    ),
    "cifar10": Recipe(
        data="a JPEG copy of CIFAR-10",
        cycles=(
            Cycle(0.4, (Phase(11, 24), Phase(6, 32))),
            Cycle(0.2, (Phase(8, 32),), warm_up=0.1),
            Cycle(0.2, (Phase(15, 32),), warm_up=0.1),
        ),
        stored=32,
        transform=CIFAR_TRANSFORM,
        batch=128,
        kept=(1, 2, 3, 4, 6, 8, 11, 14, 17, 21, 25),
    ),
}
