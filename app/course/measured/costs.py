"""What the lessons on blocks count in the networks of the paper: blocks, shortcuts, parameters and MACs."""

from __future__ import annotations

import copy
import math

import pandas as pd

import resnet_core as rc
from app.course.lesson import Measured
from app.course.measured.settings import Settings, built, net_of, pair, photo_of
from app.engine import compute
from app.engine.selection import Anatomy
from app.shared.magnitudes import figures, power_of_ten


def copies(_settings: Settings, of: str) -> Measured:
    """In how many blocks of a network the shortcut is a plain copy of x."""
    kinds = _described(of).blocks["shortcut_kind"]
    found = int((kinds == "identity").sum())
    return Measured(found, found, {"copies": str(found), "blocks": str(len(kinds)), "others": str(len(kinds) - found)})


def more_blocks(_settings: Settings, of: str) -> Measured:
    """How many blocks the second network has more than the first."""
    first, second = (len(_described(net).blocks) for net in pair(of))
    return Measured(second - first, second - first, {"first": str(first), "second": str(second)})


def times_the_macs(_settings: Settings, of: str) -> Measured:
    """The MACs of the second network over those of the first, for pictures of the family's own size."""
    first, second = (_described(net).macs for net in pair(of))
    words = {"first": figures(first / 1e9, 3), "second": figures(second / 1e9, 3), "times": figures(second / first, 2)}
    return Measured(second / first, second / first, words)


def times_the_parameters(_settings: Settings, of: str) -> Measured:
    """The parameters of the second block over those of the first; of two blocks, such as ResNet-50 layer1.1."""
    first, second = (int(_block(name)["params"]) for name in pair(of))
    words = {"first": f"{first:,}", "second": f"{second:,}", "times": figures(second / first, 2)}
    return Measured(second / first, second / first, words)


def fewer_errors(_settings: Settings, of: str) -> Measured:
    """How many more of 100 validation pictures of ImageNet the second network gets right (torchvision's weights)."""
    accuracies = []
    for net in pair(of):
        known = rc.WEIGHTS.get((built(net)[0], "imagenet"))
        if known is None or known.accuracy is None:
            raise rc.ResNetCoreError(f"Nobody measured ImageNet weights of {net}.")
        accuracies.append(100 * known.accuracy)
    first, second = accuracies
    return Measured(second - first, second - first, {"first": f"{first:.1f} %", "second": f"{second:.1f} %"})


def apart_from_one_conv(settings: Settings, of: str) -> Measured:
    """How far x + conv(x) is from what one conv alone can do, over its size; of a 3×3 conv that keeps the shape of x.

    That conv is the same with 1 added where a channel meets itself in the middle.
    """
    net = net_of(settings)
    block, name = of.rsplit(".", 1)
    x = compute.record(net, photo_of(settings))[block].x
    conv = copy.deepcopy(compute.model(net).get_submodule(f"{block}.{name}")).requires_grad_(False).cpu()  # as records
    alone = copy.deepcopy(conv)
    for channel, kernel in enumerate(alone.weight):  # type: ignore[arg-type]
        kernel[channel, 1, 1] += 1
    both = x + conv(x)
    apart = float((alone(x) - both).norm() / both.norm())
    said = f"less than {power_of_ten(math.ceil(math.log10(apart)))}" if apart else "0"  # its digit is noise of rounding
    return Measured(apart, apart, {"apart": said})


def _described(net: str) -> rc.Description:
    variant, shortcut = built(net)
    own = Anatomy.of_paper(variant)
    return compute.description(Anatomy(variant, own.input_size, rc.Build(shortcut=shortcut).of(variant)))


def _block(name: str) -> pd.Series:
    net, block = name.rsplit(" ", 1)
    found = _described(net).blocks
    rows = found[found["name"] == block]
    if rows.empty:
        raise rc.ResNetCoreError(f"{net} has no block {block}.")
    return rows.iloc[0]
