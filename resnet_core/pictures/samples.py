"""Sample photos from inside scikit-image and scikit-learn, and one that this file draws. Each with its credit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """A picture that needs no upload. `load` gives it as RGB."""

    title: str
    credit: str
    load: Callable[[], Image.Image]


def _from_package(package: str, path: str) -> Callable[[], Image.Image]:
    """A file of a package that is not imported: that takes a second, and parses sources beside other threads."""

    def load() -> Image.Image:
        found = find_spec(package)
        assert found is not None
        assert found.origin is not None
        return Image.open(Path(found.origin).parent / path).convert("RGB")

    return load


def golf_ball(size: int = 448) -> Image.Image:
    """A dimpled ball in the sun on grass, drawn by us: something that the Imagenette weights know."""
    grass = (
        np.asarray(_from_package("skimage", "data/grass.png")().convert("L").resize((size, size)), dtype=np.float64)
        / 255
    )
    picture = grass[..., None] * np.array([0.45, 0.85, 0.25])
    y, x = np.mgrid[0:size, 0:size] / size * 2 - 1
    shadow = np.exp(-((((x - 0.22) / 0.62) ** 2 + ((y - 0.52) / 0.2) ** 2) ** 2))
    picture *= 1 - 0.7 * shadow[..., None]
    radius = 0.58
    u, v = x / radius, (y + 0.02) / radius
    depth = np.sqrt(np.clip(1 - u * u - v * v, 0, None))
    normal = _dimpled(np.stack([u, v, depth], axis=-1))
    light = np.array([-0.45, -0.7, 0.56])
    shade = np.clip(normal @ light + 0.12, 0, 1)
    gloss = np.clip(normal @ (light + [0, 0, 1]) / np.linalg.norm(light + [0, 0, 1]), 0, 1) ** 30
    ball = (0.22 + 0.68 * shade + 0.12 * gloss)[..., None] * np.array([1.0, 0.99, 0.96])
    edge = np.clip((1 - np.hypot(u, v)) * radius * size / 2, 0, 1)[..., None]  # one pixel of smooth border
    picture = picture * (1 - edge) + ball * edge
    return Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))


def _dimpled(normal: Array, dimples: int = 340, reach: float = 0.084, slope: float = 3.5) -> Array:
    """Tilt the surface normals (H, W, 3) of a ball towards the rims of evenly spread dimples."""
    from scipy.spatial import KDTree  # takes long to import

    index = np.arange(dimples) + 0.5
    polar, turn = np.arccos(1 - 2 * index / dimples), np.pi * (1 + 5**0.5) * index
    centres = np.stack([np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar), np.cos(polar)], axis=-1)
    distance, nearest = KDTree(centres).query(normal, distance_upper_bound=reach)  # (H, W) each; infinite beyond it
    towards = centres[nearest % dimples] - normal
    tilted = normal + slope * towards * (distance < reach)[..., None]
    unit: Array = tilted / np.linalg.norm(tilted, axis=-1, keepdims=True)
    return unit


SAMPLES: dict[str, Sample] = {  # the app opens with the first
    "palace": Sample(
        "The Summer Palace",
        "Photo by danielbuechele (CC BY 2.0, flickr.com/photos/danielbuechele/6061409035), from scikit-learn.",
        _from_package("sklearn", "datasets/images/china.jpg"),
    ),
    "golf-ball": Sample("A golf ball (drawn)", "Drawn by ResNet Explorer on scikit-image's grass (CC0).", golf_ball),
    "flower": Sample(  # whose account scikit-learn's README gives as the source, though it repeats the other's name
        "A dahlia",
        "Photo by vultilion (CC BY 2.0, flickr.com/photos/vultilion/6056698931), from scikit-learn.",
        _from_package("sklearn", "datasets/images/flower.jpg"),
    ),
    "cat": Sample(
        "Chelsea the cat",
        "Photo by Stefan van der Walt (CC0), from scikit-image.",
        _from_package("skimage", "data/chelsea.png"),
    ),
    "coffee": Sample(
        "A cup of coffee",
        "Photo by Rachel Michetti (CC0), from scikit-image.",
        _from_package("skimage", "data/coffee.png"),
    ),
    "rocket": Sample(
        "A rocket",
        "Launch of Falcon 9, photo by SpaceX (public domain), from scikit-image.",
        _from_package("skimage", "data/rocket.jpg"),
    ),
    "astronaut": Sample(
        "An astronaut",
        "Eileen Collins, photo by NASA (public domain), from scikit-image.",
        _from_package("skimage", "data/astronaut.png"),
    ),
}
