"""An attribution map as a picture over the photo, with its legend. Record in, PNG bytes or HTML out."""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.shared.drawing.colours import DIVERGING, SEQUENTIAL, colour_map, css_gradient
from app.shared.magnitudes import reading
from resnet_core.attribution.comparison import scale_end

SIDE = 448  # pixels of the painted picture, so that a 32-pixel map is large enough
SHADES = 511  # colours of a painted map; odd, so that one of them is exactly 0 on a signed scale
BROKEN = 128  # the grey of values that are not finite


@dataclass(frozen=True)
class Scale:
    """From values to 0..1: symmetric about 0 for signed maps, from 0 otherwise."""

    limit: float
    signed: bool

    def apply(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        share = np.clip(values / self.limit if self.limit > 0 else np.zeros_like(values), -1, 1)
        return (share + 1) / 2 if self.signed else np.clip(share, 0, 1)

    @property
    def stops(self) -> tuple[tuple[int, int, int], ...]:
        return DIVERGING if self.signed else SEQUENTIAL


def scale_of(values: NDArray[np.floating], *, signed: bool) -> Scale:
    """The scale of one map (H, W); NaN and infinite values are left out."""
    return Scale(scale_end(values), signed)


def coloured(values: NDArray[np.floating], scale: Scale) -> Image.Image:
    """Values (H, W) as a picture of W x H pixels; those that are not finite are grey."""
    shades = colour_map(np.linspace(0, 1, SHADES), scale.stops)
    finite = np.isfinite(values)
    share = np.where(finite, scale.apply(values), 0)
    colours = shades[(share * (SHADES - 1) + 0.5).astype(np.intp)]
    colours[~finite] = BROKEN
    return Image.fromarray(colours)


def over(photo: Image.Image, heat: Image.Image, opacity: float) -> Image.Image:
    """A painted map of `SIDE` x `SIDE` pixels over the photo: `opacity` 0 is the photo alone in grey, 1 the map."""
    grey = photo.convert("L").convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return Image.blend(grey, heat, opacity)


def enlarged(photo: Image.Image) -> bytes:
    """The network's input as PNG, a small one enlarged so that single pixels stay visible."""
    small = photo.width < 128
    return png(photo.resize((SIDE, SIDE), Image.Resampling.NEAREST) if small else photo)


def data_url(content: bytes) -> str:
    """A PNG as a data URL for an <img>."""
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def png(image: Image.Image) -> bytes:
    """For files: each pixel as it is."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def jpeg(image: Image.Image) -> bytes:
    """For the screen: a quarter of the bytes, and a colour for each pixel."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90, subsampling=0)
    return buffer.getvalue()


def legend(scale: Scale, low: str, high: str, note: str = "") -> str:
    """The colour bar in HTML, with the numbers at its ends and their meaning; `note` stands under it."""
    return colour_bar(css_gradient(scale.stops), "Colour scale", *scale_ends(scale, low, high), note)


def beyond(scale: Scale, values: NDArray[np.floating]) -> str:
    """How many values (H, W) lie beyond the scale's end, and how far; "" if none."""
    sizes = np.abs(values[np.isfinite(values)])
    above = sizes[sizes > scale.limit]
    if not above.size or reading(above.max()) == reading(scale.limit):
        return ""
    count = f"{above.size:,} of {values.size:,} values"
    return f"{count} lie beyond its end, up to {reading(above.max())}, in the colour of the end."


def scale_ends(scale: Scale, low: str, high: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """The numbers at the two ends of a scale, each with its meaning."""
    limit = reading(scale.limit)
    return (f"−{limit}" if scale.signed else "0", low), (limit, high)


def colour_bar(background: str, what: str, low: tuple[str, str], high: tuple[str, str], note: str = "") -> str:
    """A bar with this CSS `background` in HTML: under each end its number and meaning, then the `note`."""
    (left, low_words), (right, high_words) = ([html.escape(part) for part in end] for end in (low, high))
    under = f'<div style="font-size:.85rem">{html.escape(note)}</div>' if note else ""
    return (
        f'<div role="img" aria-label="{what} from {left}, {low_words}, to {right}, {high_words}">'
        f'<div style="height:14px;border-radius:4px;background:{background}"></div>'
        '<div style="display:flex;justify-content:space-between;gap:1rem;font-size:.85rem">'
        f"<span><b>{left}</b> {low_words}</span>"
        f"<span style='text-align:right'><b>{right}</b> {high_words}</span></div></div>{under}"
    )
