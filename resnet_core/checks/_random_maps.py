"""Random maps as smooth as a given one: what a map of its kind would score that knows nothing of the network.

A baseline of single random pixels would be unfair to both sides: a coarse Grad-CAM map and a grainy gradient map differ
in how fast they destroy a picture before they differ in where they look.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from resnet_core.attribution.comparison import Array


def random_maps(heat: Array, count: int, seed: int) -> Iterator[Array]:
    """`count` random maps (H, W) with the power spectrum of `heat`, the same for the same seed.

    The amplitudes of the Fourier transform stay, its phases become those of white noise (Theiler et al. 1992), so that
    coarse maps give coarse ones and grainy maps grainy ones. They wrap around the borders.
    """
    amplitudes = np.abs(np.fft.rfft2(heat))
    generator = np.random.default_rng(seed)
    for _ in range(count):
        noise = np.fft.rfft2(generator.standard_normal(heat.shape))
        yield np.fft.irfft2(amplitudes * noise / np.abs(noise), s=heat.shape)
