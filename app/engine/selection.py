"""What the visitor has chosen, as frozen values: the keys of every cache, so pictures and files count by digest."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Literal

from PIL import Image

import resnet_core as rc
from resnet_core.variants import Shortcut, Version

Part = Literal["x", "shortcut", "residual", "sum", "y"]  # the tensors of a block, as `rc.BlockRecord` calls them
SAMPLE = "sample:"  # begins the digest of a sample photo, before its name
RANDOM = "random"  # the weights of a freshly built network
OWN_FILE = "own file"  # the visitor's checkpoint


@dataclass(frozen=True)
class Photo:
    """A picture that networks are asked about. `digest` stands for the picture in comparisons."""

    digest: str
    title: str = field(compare=False)
    credit: str = field(compare=False)
    image: Image.Image = field(compare=False, repr=False)

    @property
    def is_sample(self) -> bool:
        """True for a picture that travels with the app."""
        return self.digest.startswith(SAMPLE)


@dataclass(frozen=True)
class Anatomy:
    """A network, built as `how` says, and the side in pixels of the square pictures that it reads."""

    variant: str
    input_size: int
    how: rc.Build

    @classmethod
    def of_paper(cls, name: str, version: Version = "v1.5") -> Anatomy:
        """A variant with its family's own input size, shortcuts and classes."""
        return cls(name, rc.VARIANTS[name].input_size, rc.Build(version=version).of(name))


@dataclass(frozen=True)
class Net:
    """A variant with weights: an id of `rc.WEIGHTS`, `RANDOM` or `OWN_FILE` with the file's digest and bytes.

    A network with random weights is built as `built` says; None means the variant's own options.
    """

    variant: str
    weights: str
    digest: str = ""
    file_name: str = field(default="", compare=False)
    content: bytes = field(default=b"", compare=False, repr=False)
    built: rc.Build | None = None

    @property
    def known(self) -> rc.Weights | None:
        """What is known of the weights without loading them."""
        return rc.WEIGHTS.get((self.variant, self.weights))

    @property
    def is_plain(self) -> bool:
        """True for the plain twin."""
        source = self.built or self.known
        return source is not None and source.shortcut == "none"

    @property
    def title(self) -> str:
        """The network's name, such as `ResNet-50` or `plain-20`."""
        variant = rc.VARIANTS[self.variant]
        return variant.titled("none" if self.is_plain else variant.shortcut)

    @property
    def label(self) -> str:
        """Network and weights in words, with the number of classes if it is not the variant's own."""
        classes = rc.VARIANTS[self.variant].num_classes if self.built is None else self.built.num_classes
        others = "" if classes == rc.VARIANTS[self.variant].num_classes else f" ({classes} classes)"
        return f"{self.title} · {self.file_name or weights_title(self.weights)}{others}"


@dataclass(frozen=True)
class Flow:
    """One network whose gradients are measured, before or after some SGD steps, and the batch it is measured on.

    `source` says which batch: crops of the "sample photos" or of "your photo", or "noise"; `photo` is the visitor's.
    `weights` is an id of `rc.WEIGHTS`, or `RANDOM`: only then do the seed and more of `how` than its
    shortcut matter. `double` asks for double precision.
    """

    variant: str
    how: rc.Build
    seed: int
    steps: int
    source: str
    photo: Photo | None = None
    weights: str = RANDOM
    double: bool = True

    @property
    def shortcut(self) -> Shortcut:
        """The paper's option A, B or C, or "none"."""
        found = self.how.of(self.variant).shortcut
        assert found is not None
        return found

    @property
    def title(self) -> str:
        """The network's name, such as `plain-56`, `ResNet-20, trained` or `ResNet-56, zero-init`."""
        name = rc.VARIANTS[self.variant].titled(self.shortcut)
        if self.weights != RANDOM:
            return f"{name}, trained"
        return f"{name}, zero-init" if self.how.zero_init_residual else name


@dataclass(frozen=True)
class Subject:
    """The class that attribution maps explain: its number and name, for one photo in one network."""

    net: Net
    photo: Photo
    target: int
    name: str


@dataclass(frozen=True)
class Selection:
    """One state of the controls that every page shares."""

    net: Net
    photo: Photo


def weights_title(weights: str) -> str:
    """The words for an id of weights."""
    after = re.search(r"-epoch-(\d+)", weights)
    if after:
        return f"{weights_title(weights.replace(after[0], ''))}, after epoch {int(after[1])}"
    return {
        "imagenette": "Imagenette",
        "cifar10": "CIFAR-10",
        "cifar10-plain": "CIFAR-10, plain twin",
        "imagenet": "ImageNet",
        "imagenet-v2": "ImageNet V2",
        RANDOM: "random weights",
        OWN_FILE: "your own file",
    }.get(weights, weights)


def digest(content: bytes) -> str:
    """A short name for bytes that no two files share."""
    return hashlib.sha256(content).hexdigest()[:16]
