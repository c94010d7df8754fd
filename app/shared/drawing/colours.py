"""One colour language for every figure. Okabe and Ito's colours, which the colour-blind can tell apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

INPUT = "#56B4E9"  # x: Okabe and Ito's sky blue, for it is what the shortcut carries
SHORTCUT = "#0072B2"  # blue
RESIDUAL = "#E69F00"  # orange: F(x)
SUM = "#CC79A7"  # violet
OUTPUT = "#009E73"  # green

# a shallow and a deep network of each kind, by what carries the signal in it
PLAIN_TONES = (RESIDUAL, "#D55E00")
RESIDUAL_TONES = (SHORTCUT, INPUT)

# stops from -1 over 0 to 1 for signed values, from 0 to 1 for values that are never negative
DIVERGING = ((33, 102, 172), (146, 197, 222), (247, 247, 247), (244, 165, 130), (178, 24, 43))
SEQUENTIAL = ((0, 0, 4), (87, 16, 110), (188, 55, 84), (249, 142, 9), (252, 255, 164))


def colour_map(values: NDArray[np.floating], stops: tuple[tuple[int, int, int], ...]) -> NDArray[np.uint8]:
    """Values in 0..1, of any shape (...), to RGB (..., 3) by straight lines between evenly spaced stops."""
    positions = np.linspace(0, 1, len(stops))
    channels = [np.interp(values, positions, [stop[channel] for stop in stops]) for channel in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def css_gradient(stops: tuple[tuple[int, int, int], ...]) -> str:
    """The same colours as a CSS gradient from left to right, for legends."""
    return f"linear-gradient(to right, {', '.join(f'rgb{stop}' for stop in stops)})"
