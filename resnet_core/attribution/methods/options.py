"""The options of methods: the allowed values, and the options that several methods share."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real

from resnet_core.errors import ResNetCoreError, one_of
from resnet_core.pictures.masks import FILLS
from resnet_core.variants import Variant


@dataclass(frozen=True)
class Option:
    """An option of a method: a number from `low` to `high`, or one of the words that `choices` gives for a variant.

    The number is whole if its default is; a default of None means the last choice.
    """

    name: str
    help: str
    default: float | str | None = None
    low: float = 0
    high: float = 0
    choices: Callable[[Variant], Sequence[str]] | None = None

    def resolve(self, values: Mapping[str, object], variant: Variant) -> float | str:
        """This option's value in `values`, or its default. Raises `ResNetCoreError` that says what is allowed."""
        if self.choices is not None:
            words = tuple(self.choices(variant))
            word = values.get(self.name, words[-1] if self.default is None else self.default)
            if word not in words:
                raise one_of(f"The option {self.name}", word, words)
            return str(word)
        value = values.get(self.name, self.default)
        whole = isinstance(self.default, int)
        is_number = isinstance(value, Integral if whole else Real) and not isinstance(value, bool)
        number = float(value) if is_number else math.nan  # type: ignore[arg-type]
        if not self.low <= number <= self.high:
            raise ResNetCoreError(
                f"The option {self.name} is {value!r}, but must be a {'whole ' if whole else ''}number "
                f"from {self.low} to {self.high}."
            )
        return int(number) if whole else number


def words(*allowed: str) -> Callable[[Variant], Sequence[str]]:
    """Choices that are the same for every variant."""
    return lambda _variant: allowed


def layers_of(variant: Variant) -> list[str]:
    """Every block and every stage (its last block), in depth order: `layer1.0`, `layer1.1`, `layer1`..."""
    names = []
    for stage, blocks in itertools.groupby(variant.block_names, lambda name: name.partition(".")[0]):
        names += [*blocks, stage]
    return names


BASELINE = Option(
    "baseline",
    "The picture that this one is compared with: the map shares out the difference of their two logits.",
    default="black",
    choices=words(*FILLS),
)
STEPS = Option(
    "steps",
    "Points on the way (Gauss-Legendre): more cost more, and twice as many usually bring the completeness error down.",
    default=32,
    low=8,
    high=256,
)
FILL = Option(
    "fill",
    "What replaces removed pixels. The network also answers to the fill: compare two of them.",
    default="mean",
    choices=words(*FILLS),
)
SUPERPIXELS = Option(
    "superpixels",
    "At most so many regions of like colour (SLIC), taken away as a whole; a picture may have fewer.",
    default=48,
    low=8,
    high=128,
)
NOISE = Option(
    "noise",
    "Standard deviation of the noise, as a share of the picture's range of values.",
    default=0.15,
    low=0.01,
    high=0.5,
)
BASELINES = Option(
    "baselines",
    "How many baselines to start from: the blurred picture, mean, black and white in turn, each with noise.",
    default=8,
    low=4,
    high=32,
)
SEED = Option(
    "seed",
    "The seed of the random numbers: the same seed gives the same map. Every picture gets the same numbers.",
    default=0,
    low=0,
    high=9999,
)
LAYER = Option(
    "layer",
    "The block or stage whose maps are used: late ones know the class but are coarse, early ones the reverse.",
    choices=layers_of,
)
