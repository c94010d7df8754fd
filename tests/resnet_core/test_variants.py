"""The table of networks against the paper."""

import pytest

from resnet_core.errors import ResNetCoreError
from resnet_core.nets.model import build
from resnet_core.variants import VARIANTS, variant_of


@pytest.mark.parametrize("name", VARIANTS)
def test_the_number_in_the_name_is_the_depth(name: str) -> None:
    variant = VARIANTS[name]
    assert name == f"resnet{variant.depth}"
    assert variant.title == f"ResNet-{variant.depth}"
    assert variant.plain_title == f"plain-{variant.depth}"
    assert variant.titled("none") == variant.plain_title
    assert variant.titled("A") == variant.titled("B") == variant.titled("C") == variant.title


@pytest.mark.parametrize(
    ("name", "blocks", "flops"),
    [
        ("resnet18", (2, 2, 2, 2), 1.8e9),
        ("resnet34", (3, 4, 6, 3), 3.6e9),
        ("resnet50", (3, 4, 6, 3), 3.8e9),
        ("resnet101", (3, 4, 23, 3), 7.6e9),
        ("resnet152", (3, 8, 36, 3), 11.3e9),
    ],
)
def test_imagenet_variants_are_table_1(name: str, blocks: tuple[int, ...], flops: float) -> None:
    assert VARIANTS[name].blocks == blocks
    assert VARIANTS[name].paper_flops == flops
    assert VARIANTS[name].block == ("basic" if name in ("resnet18", "resnet34") else "bottleneck")


@pytest.mark.parametrize("depth", [20, 32, 44, 56, 110, 1202])
def test_cifar_variants_have_depth_6n_plus_2(depth: int) -> None:
    n = (depth - 2) // 6
    assert VARIANTS[f"resnet{depth}"].blocks == (n, n, n)


@pytest.mark.parametrize(
    ("name", "b", "c"),
    [("resnet18", 3, 8), ("resnet34", 3, 16), ("resnet50", 4, 16), ("resnet101", 4, 33), ("resnet152", 4, 50)],
)
def test_projections(name: str, b: int, c: int) -> None:
    variant = VARIANTS[name]
    assert [variant.projections(option) for option in ("A", "B", "C", "none")] == [0, b, c, 0]


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ResNetCoreError, match=r"'resnet19'.*'resnet18', 'resnet34'"):
        variant_of("resnet19")


@pytest.mark.parametrize("name", ["resnet20", "resnet50"])
def test_blocks_are_called_as_in_the_network(name: str) -> None:
    assert VARIANTS[name].block_names == tuple(block for block, _ in build(name).named_blocks())
