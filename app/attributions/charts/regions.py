"""Parts of a picture that a visitor removes: superpixels as drawn outlines, and masks of the chosen ones."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resnet_core.attribution.comparison import without_order
from resnet_core.errors import ResNetCoreError
from resnet_core.pictures import masks

Numbers = NDArray[np.integer]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Outlines:
    """The superpixels of one picture, prepared for a drawing with pointer and keys.

    `paths` are SVG paths along the borders of pixels, filled by the nonzero rule; `sizes` count pixels; `neighbours`
    holds for each superpixel those to its left, right, above and below: itself at the border. `digest` identifies the
    cut.
    """

    height: int
    width: int
    paths: tuple[str, ...]
    sizes: tuple[int, ...]
    neighbours: tuple[tuple[int, int, int, int], ...]
    digest: str


def outlines(cut: Numbers) -> Outlines:
    """The drawing of a cut (H, W), numbered from 0 without gaps, as `rc.superpixels` gives one picture's."""
    height, width = cut.shape
    sizes = np.bincount(cut.ravel())
    digest = hashlib.sha256(np.ascontiguousarray(cut, dtype="<i8").tobytes() + str(cut.shape).encode()).hexdigest()
    return Outlines(
        height=height,
        width=width,
        paths=tuple(_outline(cut, number) for number in range(len(sizes))),
        sizes=tuple(sizes.tolist()),
        neighbours=_neighbours(cut, sizes),
        digest=digest[:16],
    )


def selected(cut: Numbers, ids: Collection[int]) -> Mask:
    """A mask (H, W) of the superpixels `ids` of a cut (H, W)."""
    return np.isin(cut, list(ids))


def first_pixels(values: NDArray[np.floating], share: float) -> Mask:
    """`masks.first_pixels` of a map. Raises `ResNetCoreError` for one without an order."""
    _check_order(values)
    return masks.first_pixels(values, share)


def first_superpixels(cut: Numbers, values: NDArray[np.floating], share: float) -> list[int]:
    """The superpixels of a cut (H, W) with the largest mean of a map, sorted by number.

    So many that their part of the picture is as near as possible to `share`, at least one. Raises `ResNetCoreError` for
    a map without an order.
    """
    _check_order(values)
    sizes = np.bincount(cut.ravel())
    order = np.argsort(-np.bincount(cut.ravel(), values.ravel().astype(float)) / sizes, kind="stable")
    reached = np.cumsum(sizes[order]) / cut.size
    return sorted(order[: int(np.abs(reached - share).argmin()) + 1].tolist())


def _check_order(values: NDArray[np.floating]) -> None:
    why = without_order(values.astype(float))
    if why:
        raise ResNetCoreError(f"{why} So nothing is ranked first.")


def _outline(cut: Numbers, number: int) -> str:
    """The border of one superpixel as closed loops: clockwise around it, anticlockwise around its holes."""
    rows, columns = np.nonzero(cut == number)
    top, left = int(rows.min()), int(columns.min())
    inside = np.zeros((int(rows.max()) - top + 3, int(columns.max()) - left + 3), dtype=bool)  # a pixel of margin
    inside[rows - top + 1, columns - left + 1] = True
    ways: dict[tuple[int, int], list[tuple[int, int]]] = {}  # from a corner of a pixel, steps along the border
    for (down, right), start, step in _SIDES:
        neighbour = np.roll(inside, (-down, -right), (0, 1))
        for row, column in np.argwhere(inside & ~neighbour).tolist():
            ways.setdefault((row + start[0], column + start[1]), []).append(step)
    loops = []
    while ways:
        corner = next(iter(ways))
        loops.append(f"M{corner[1] + left - 1} {corner[0] + top - 1}{_loop(ways, corner)}z")
    return "".join(loops)


# for each side of a pixel: where the pixel beyond it lies, the corner where the side starts, and the step along it
_SIDES = (
    ((-1, 0), (0, 0), (0, 1)),
    ((0, 1), (0, 1), (1, 0)),
    ((1, 0), (1, 1), (0, -1)),
    ((0, -1), (1, 0), (-1, 0)),
)


def _loop(ways: dict[tuple[int, int], list[tuple[int, int]]], start: tuple[int, int]) -> str:
    """Walk from `start` back to it, remove the steps from `ways`, and write each straight part as one command."""
    written: list[tuple[str, int]] = []
    corner = start
    while corner in ways:
        down, right = ways[corner].pop()
        if not ways[corner]:
            del ways[corner]
        command, length = ("h", right) if right else ("v", down)
        if written and written[-1][0] == command and written[-1][1] * length > 0:
            length += written.pop()[1]
        written.append((command, length))
        corner = (corner[0] + down, corner[1] + right)
    return "".join(f"{command}{length}" for command, length in written)


def _neighbours(cut: Numbers, sizes: Numbers) -> tuple[tuple[int, int, int, int], ...]:
    """In each direction the adjacent superpixel whose centre lies nearest to that direction, seen from the centre."""
    count = len(sizes)
    adjacent = np.zeros((count, count), dtype=bool)
    for first, second in ((cut[:, :-1], cut[:, 1:]), (cut[:-1], cut[1:])):
        adjacent[first, second] = adjacent[second, first] = True
    np.fill_diagonal(adjacent, False)
    centres = [np.bincount(cut.ravel(), places.ravel()) / sizes for places in np.indices(cut.shape)]
    down, right = (centre[None, :] - centre[:, None] for centre in centres)  # [i, j]: from i to j
    distance = np.hypot(down, right)
    ways = [_nearest(adjacent, towards, distance) for towards in (-right, right, -down, down)]
    return tuple((left, right, up, below) for left, right, up, below in zip(*ways, strict=True))


def _nearest(adjacent: Mask, towards: NDArray[np.floating], distance: NDArray[np.floating]) -> list[int]:
    """The adjacent superpixel closest to a direction, within 60 degrees; itself if there is none."""
    cosine = np.divide(towards, distance, out=np.zeros_like(towards), where=adjacent & (distance > 0))
    best: list[int] = np.where(cosine.max(axis=1) > 0.5, cosine.argmax(axis=1), np.arange(len(cosine))).tolist()
    return best
