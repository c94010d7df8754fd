"""The networks of the paper as data: ImageNet 18/34/50/101/152 (Table 1) and the CIFAR family (section 4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from resnet_core.errors import one_of

Family = Literal["imagenet", "cifar"]
BlockKind = Literal["basic", "bottleneck"]
Shortcut = Literal["A", "B", "C", "none"]
Version = Literal["v1", "v1.5"]
Norm = Literal["batch", "none"]
Init = Literal["kaiming", "normal"]

EXPANSION: dict[BlockKind, int] = {"basic": 1, "bottleneck": 4}
CONVS_PER_BLOCK: dict[BlockKind, int] = {"basic": 2, "bottleneck": 3}


@dataclass(frozen=True)
class Stem:
    """What comes before the first stage: one conv, and a 3x3/2 max pool for ImageNet pictures."""

    kernel: int
    stride: int
    filters: int
    max_pool: bool


IMAGENET_STEM = Stem(kernel=7, stride=2, filters=64, max_pool=True)
CIFAR_STEM = Stem(kernel=3, stride=1, filters=16, max_pool=False)


@dataclass(frozen=True)
class Variant:
    """One network of the paper.

    `blocks` counts the residual blocks of each stage and `widths` the filters of their 3x3 convs; a bottleneck puts out
    four times its width. `paper_flops` is Table 1's figure (multiply-adds); `paper_error` is the paper's top-1 error in
    percent: 10-crop on ImageNet validation (Table 3; Table 2 for ResNet-18), on the CIFAR-10 test set (Table 6).
    """

    name: str
    family: Family
    block: BlockKind
    blocks: tuple[int, ...]
    widths: tuple[int, ...]
    stem: Stem
    input_size: int
    num_classes: int
    shortcut: Shortcut
    paper_flops: float | None
    paper_error: float

    @property
    def depth(self) -> int:
        """Convs and fully connected layers on the main path: the number in the name."""
        return 1 + CONVS_PER_BLOCK[self.block] * sum(self.blocks) + 1

    @property
    def title(self) -> str:
        """The name as the paper writes it, such as `ResNet-50`."""
        return f"ResNet-{self.depth}"

    @property
    def plain_title(self) -> str:
        """The name of its twin without shortcuts, such as `plain-50`."""
        return f"plain-{self.depth}"

    def titled(self, shortcut: Shortcut) -> str:
        """The name with these shortcuts: `plain_title` without any, `title` otherwise."""
        return self.plain_title if shortcut == "none" else self.title

    @property
    def block_names(self) -> tuple[str, ...]:
        """`layer1.0`, `layer1.1`, ... in forward order, as state dicts call them."""
        return tuple(f"layer{stage}.{block}" for stage, count in enumerate(self.blocks, 1) for block in range(count))

    @property
    def expansion(self) -> int:
        """Output channels of a block over its width: 1 (basic) or 4 (bottleneck)."""
        return EXPANSION[self.block]

    def projections(self, shortcut: Shortcut) -> int:
        """How many shortcuts are 1x1 convs: none with A, those that change the shape with B, all with C."""
        if shortcut == "C":
            return sum(self.blocks)
        if shortcut == "B":
            ins = (self.stem.filters, *(width * self.expansion for width in self.widths))
            return sum(a != b for a, b in pairwise(ins))
        return 0


def _imagenet(depth: int, block: BlockKind, blocks: tuple[int, ...], flops: float, error: float) -> Variant:
    return Variant(
        name=f"resnet{depth}",
        family="imagenet",
        block=block,
        blocks=blocks,
        widths=(64, 128, 256, 512),
        stem=IMAGENET_STEM,
        input_size=224,
        num_classes=1000,
        shortcut="B",
        paper_flops=flops,
        paper_error=error,
    )


def _cifar(n: int, error: float) -> Variant:
    return Variant(
        name=f"resnet{6 * n + 2}",
        family="cifar",
        block="basic",
        blocks=(n, n, n),
        widths=(16, 32, 64),
        stem=CIFAR_STEM,
        input_size=32,
        num_classes=10,
        shortcut="A",
        paper_flops=None,
        paper_error=error,
    )


VARIANTS: dict[str, Variant] = {
    variant.name: variant
    for variant in (
        _imagenet(18, "basic", (2, 2, 2, 2), 1.8e9, 27.88),
        _imagenet(34, "basic", (3, 4, 6, 3), 3.6e9, 24.52),
        _imagenet(50, "bottleneck", (3, 4, 6, 3), 3.8e9, 22.85),
        _imagenet(101, "bottleneck", (3, 4, 23, 3), 7.6e9, 21.75),
        _imagenet(152, "bottleneck", (3, 8, 36, 3), 11.3e9, 21.43),
        _cifar(3, 8.75),
        _cifar(5, 7.51),
        _cifar(7, 7.17),
        _cifar(9, 6.97),
        _cifar(18, 6.43),
        _cifar(200, 7.93),
    )
}

# Top-1 error in percent by shortcut option, where the papers compare: 10-crop on ImageNet validation (He et al. 2015,
# Tables 2 and 3), on the CIFAR-10 test set (Table 6; a 1x1 conv on every shortcut of ResNet-110: He et al. 2016,
# Table 1).
PAPER_ERRORS: dict[tuple[str, Shortcut], float] = {
    ("resnet18", "none"): 27.94,
    ("resnet18", "A"): 27.88,
    ("resnet34", "none"): 28.54,
    ("resnet34", "A"): 25.03,
    ("resnet34", "B"): 24.52,
    ("resnet34", "C"): 24.19,
    ("resnet110", "A"): 6.61,
    ("resnet110", "C"): 12.22,
}


def variant_of(name: str | Variant) -> Variant:
    """The `Variant` called `name`; raises `ResNetCoreError` that lists the known names."""
    if isinstance(name, Variant):
        return name
    if name not in VARIANTS:
        raise one_of("The variant", name, VARIANTS)
    return VARIANTS[name]
