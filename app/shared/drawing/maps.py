"""How an attribution map is laid over the photo: styles and smoothing; the legend says how to read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from app.shared.drawing import heat
from app.shared.drawing.heat import BROKEN, SIDE, Scale

Floats = NDArray[np.floating]
STEP = 0.25  # from line to line, as a share of the scale
LEVELS = (0.25, 0.5, 0.75)
CORE, RIM, HALO = 1.3, 2.1, 3.7  # half widths of a line's colour, of its light rim and of its dark halo, in pixels
LIGHT, DARK = (255, 255, 255), (20, 20, 20)  # a line of both colours is visible on any photo
PAPER, PALE = 236, 0.9  # the grey that the photo fades to, and how far at most

# sigma of the Gaussian as a share of the map's side, by the name of the choice
SMOOTHING = {"none": 0.0, "Gaussian, 2 % of the side": 0.02, "Gaussian, 5 % of the side": 0.05}


@dataclass(frozen=True)
class Style:
    """A way to lay a map over the photo.

    `paint` reads the photo, the map at `SIDE` x `SIDE` and the opacity.
    """

    says: str
    paint: Callable[[Image.Image, Floats, Scale, float], Image.Image]


@dataclass(frozen=True, eq=False)
class Painted:
    """A map over the photo, `SIDE` x `SIDE` pixels, as PNG and as JPEG, and the scale of the values that are in it."""

    png: bytes
    jpeg: bytes
    scale: Scale
    style: str


def painted(photo: Image.Image, values: Floats, style: str, smoothing: str, opacity: float, *, signed: bool) -> Painted:
    """Lay the map (H, W) over the photo that the network saw, in one of `STYLES` after one of `SMOOTHING`.

    The scale is that of the smoothed map; values that are not finite are grey. `opacity` is from 0 to 1, where the map
    shows most.
    """
    smoothed = smooth(values, SMOOTHING[smoothing])
    scale = heat.scale_of(smoothed, signed=signed)
    picture = STYLES[style].paint(photo, enlarged_map(smoothed), scale, opacity)
    return Painted(heat.png(picture), heat.jpeg(picture), scale, style)


def smooth(values: Floats, share: float) -> Floats:
    """The map (H, W) after a Gaussian whose sigma is `share` of its longer side.

    Values that are not finite stay so and are left out of the means around them.
    """
    if share == 0:
        return values
    sigma = share * max(values.shape)
    return _without_gaps(values, lambda some: gaussian_filter(some, sigma, mode="nearest", truncate=3), lambda gap: gap)


def enlarged_map(values: Floats) -> Floats:
    """The map (H, W) at `SIDE` x `SIDE`, bilinear; gaps keep their own pixels."""

    def resized(some: Floats, how: Image.Resampling = Image.Resampling.BILINEAR) -> Floats:
        return np.asarray(Image.fromarray(some).resize((SIDE, SIDE), how))

    return _without_gaps(values, resized, lambda gap: resized(gap, Image.Resampling.NEAREST))


def _without_gaps(values: Floats, mean: Callable[[Floats], Floats], same: Callable[[Floats], Floats]) -> Floats:
    """`mean` over the finite values alone; NaN where `same` puts the others."""
    values = np.asarray(values, np.float32)
    finite = np.isfinite(values)
    if finite.all():
        return mean(values)
    weight = mean(finite.astype(np.float32))
    total = mean(np.where(finite, values, np.float32(0)))
    kept = (same(finite.astype(np.float32)) > 0.5) & (weight > 0)
    return np.where(kept, total / np.where(kept, weight, 1), np.float32(np.nan))


def _overlay(photo: Image.Image, values: Floats, scale: Scale, opacity: float) -> Image.Image:
    return heat.over(photo, heat.coloured(values, scale), opacity)


def _blend(photo: Image.Image, values: Floats, scale: Scale, opacity: float) -> Image.Image:
    """The photo in its own colours in proportion to |value|; the rest is grey and, with `opacity`, pale."""
    colour = _large(photo)
    grey = colour.convert("L").convert("RGB")
    pale = Image.blend(grey, Image.new("RGB", grey.size, (PAPER,) * 3), PALE * opacity)
    size = np.abs(values) if scale.signed else values
    return _with_gaps(Image.composite(colour, pale, _mask(Scale(scale.limit, signed=False).apply(size))), values)


def _contours(photo: Image.Image, values: Floats, scale: Scale, opacity: float) -> Image.Image:
    """Lines of equal value in the colour of the scale; a light rim in a dark halo makes them visible on every photo.

    A pixel's distance from the nearest line is its difference from that line's value, over the slope of the map.
    """
    picture = _large(photo)
    if scale.limit > 0:
        share = values / np.float32(scale.limit)
        size = np.abs(share) if scale.signed else share
        line = np.clip(np.rint(size / STEP), 1, len(LEVELS)) * np.float32(STEP)  # the nearest
        with np.errstate(divide="ignore", invalid="ignore"):  # flat areas are far from every line
            away = np.abs(size - line) / np.hypot(*np.gradient(share))
        rims: tuple[tuple[Image.Image, float], ...] = (
            (Image.new("RGB", picture.size, DARK), HALO),
            (Image.new("RGB", picture.size, LIGHT), RIM),
            (heat.coloured(values, scale), CORE),
        )
        for colour, reach in rims:
            picture.paste(colour, mask=_mask(np.clip(reach + 0.5 - away, 0, 1) * np.float32(opacity)))
    return _with_gaps(picture, values)


def _mask(cover: Floats) -> Image.Image:
    """How much of each pixel is covered, 0..1, for Pillow; 0 for NaN."""
    return Image.fromarray((np.where(cover > 0, cover, 0) * 255 + 0.5).astype(np.uint8))


def _alone(_photo: Image.Image, values: Floats, scale: Scale, _opacity: float) -> Image.Image:
    return heat.coloured(values, scale)


def _large(photo: Image.Image) -> Image.Image:
    return photo.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def _with_gaps(picture: Image.Image, values: Floats) -> Image.Image:
    """Grey where a value is not finite."""
    gaps = ~np.isfinite(values)
    if gaps.any():
        picture.paste((BROKEN,) * 3, mask=Image.fromarray(gaps))
    return picture


STYLES = {
    "Overlay": Style("The map in colour over the photo in grey.", _overlay),
    "Blend": Style(
        "The photo keeps its colours where the map is strong, and is grey and pale where it is near 0.", _blend
    ),
    "Contours": Style("Lines of equal value over the photo; a noisy map needs smoothing first.", _contours),
    "Map alone": Style("The map without the photo.", _alone),
}


def drawn_words(style: str, smoothing: str, values: Floats) -> str:
    """How a map (H, W) was drawn, and what smoothing did to its scale."""
    side = values.shape[0]
    sigma = SMOOTHING[smoothing] * side
    if not sigma:
        return f"{STYLES[style].says} Not smoothed."
    own = heat.scale_of(values, signed=False).limit
    return (
        f"{STYLES[style].says} Smoothed before: Gaussian, sigma {sigma:.2g} of {side} px. The scale is that of the "
        f"smoothed map; unsmoothed it ends at {own:.3g}, and so it does in the checks, the CSV and the NPY."
    )
