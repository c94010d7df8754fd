"""The settings of a step's page, as its address writes them, and what a question is `of`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Net, Photo, weights_title
from app.shared.network import DEFAULT_VARIANT, weights_choices
from resnet_core.pictures.samples import SAMPLES
from resnet_core.variants import Shortcut

Settings = Mapping[str, Sequence[str]]
K = TypeVar("K")


def one_of(settings: Settings, name: str, titles: Mapping[K, str], usual: K) -> K:
    """The choice with this title; `usual` if the settings say nothing, or nothing that is known."""
    words = settings.get(name, [""])[-1]
    return next((value for value, title in titles.items() if title == words), usual)


def number_of(settings: Settings, name: str, numbers: Iterable[int], usual: int) -> int:
    """One of these numbers."""
    return one_of(settings, name, {number: str(number) for number in numbers}, usual)


def is_on(settings: Settings, name: str) -> bool:
    """A switch, which is off at first."""
    return one_of(settings, name, {True: "true"}, False)


def net_of(settings: Settings) -> Net:
    """The network of the sidebar."""
    variant = one_of(settings, "net", {name: each.title for name, each in rc.VARIANTS.items()}, DEFAULT_VARIANT)
    weights = weights_choices(variant)
    return Net(variant, one_of(settings, "weights", {each: weights_title(each) for each in weights}, weights[0]))


def photo_of(settings: Settings) -> Photo:
    """The sample photo; the first if the settings name none."""
    titles = {name: sample.title for name, sample in SAMPLES.items()}
    return compute.sample_photo(one_of(settings, "sample", titles, next(iter(titles))))


def photos() -> list[Photo]:
    """All sample photos."""
    return [compute.sample_photo(name) for name in SAMPLES]


def built(title: str) -> tuple[str, Shortcut]:
    """The variant and the shortcut of a network such as plain-110. Raises `rc.ResNetCoreError`."""
    for name, variant in rc.VARIANTS.items():
        for shortcut in (variant.shortcut, "none"):
            if variant.titled(shortcut) == title:
                return name, shortcut
    raise rc.ResNetCoreError(f"There is no network {title}.")


def pair(of: str) -> tuple[str, str]:
    """Two names with a comma between them. Raises `rc.ResNetCoreError`."""
    names = [name.strip() for name in of.split(",")]
    if len(names) != 2:
        raise rc.ResNetCoreError(f"“{of}” should be two names with a comma between them.")
    return names[0], names[1]
