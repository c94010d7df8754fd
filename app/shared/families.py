"""The two families of networks as every page names them."""

from __future__ import annotations

from dataclasses import dataclass

from resnet_core.variants import Family


@dataclass(frozen=True)
class FamilyWords:
    """One family: in a list, of one network, over its table, and where its published errors stand and what they are."""

    nets: str
    network: str
    table: str
    errors: tuple[str, str]


FAMILIES: dict[Family, FamilyWords] = {
    "cifar": FamilyWords(
        nets="CIFAR nets",
        network="CIFAR network (section 4.2)",
        table="The CIFAR family (section 4.2), beside the live networks",
        errors=("He et al. 2016, Table 1", "test error on CIFAR-10"),
    ),
    "imagenet": FamilyWords(
        nets="ImageNet nets",
        network="ImageNet network (Table 1)",
        table="Table 1 of the paper, beside the live networks",
        errors=("He et al. 2015", "top-1 error on ImageNet, ten crops"),
    ),
}
