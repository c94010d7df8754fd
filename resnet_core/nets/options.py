"""How a network is built: the options of every variant, in one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, get_args

from resnet_core.errors import ResNetCoreError, one_of
from resnet_core.variants import Init, Norm, Shortcut, Variant, Version, variant_of

WORDS = {"shortcut": Shortcut, "version": Version, "norm": Norm, "init": Init}  # options with a fixed list of values
DRAWN = ("init", "zero_init_residual")  # decide how random weights are drawn; without effect for trained weights


@dataclass(frozen=True)
class Build:
    """How a network is built.

    `shortcut` is the paper's option A, B or C, or "none" for the plain twin; None means the family's own (B for
    ImageNet, A for CIFAR). `version` says where a bottleneck has its stride, and matters to no other block. `norm`
    "none" leaves batch norm out. `init` and `zero_init_residual` (Goyal et al. 2017, section 5.1) say how random
    weights are drawn. `num_classes` None means the family's own (1,000 or 10). Raises `ResNetCoreError` for anything
    else.
    """

    shortcut: Shortcut | None = None
    version: Version = "v1.5"
    norm: Norm = "batch"
    init: Init = "kaiming"
    zero_init_residual: bool = False
    num_classes: int | None = None

    def __post_init__(self) -> None:
        for what, words in WORDS.items():
            value = getattr(self, what)
            if value not in get_args(words) and not (what == "shortcut" and value is None):
                raise one_of(what, value, get_args(words))
        if self.zero_init_residual and (self.norm == "none" or self.shortcut == "none"):
            raise ResNetCoreError(
                "zero_init_residual sets the last batch-norm gamma of each residual block to 0: "
                f"it needs norm='batch' and a shortcut, but norm is {self.norm!r} and shortcut is {self.shortcut!r}."
            )
        if self.num_classes is not None and self.num_classes < 1:
            raise ResNetCoreError(f"num_classes is {self.num_classes}, but a network needs at least 1 class.")

    def of(self, variant: str | Variant) -> Build:
        """The same with the variant's own values for everything that is None."""
        variant = variant_of(variant)
        shortcut = variant.shortcut if self.shortcut is None else self.shortcut
        classes = variant.num_classes if self.num_classes is None else self.num_classes
        return replace(self, shortcut=shortcut, num_classes=classes)

    def unlike(self, variant: str | Variant) -> dict[str, Any]:
        """The options that are not the variant's own, by name."""
        usual = asdict(Build().of(variant))
        return {what: value for what, value in asdict(self.of(variant)).items() if value != usual[what]}


def options_of(how: Build | None, options: dict[str, Any]) -> Build:
    """`how`, or the default, with single options replaced. `TypeError` for one that does not exist."""
    return replace(how or Build(), **options)
