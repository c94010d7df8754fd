"""Random maps as smooth as a map: the score of a map of its kind that knows nothing of the network.

Independent random pixels would be no fair baseline: a coarse Grad-CAM map and a grainy gradient map destroy a picture
at different speeds, wherever their maxima lie.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from resnet_core.attribution.comparison import Array


def random_maps(heat: Array, count: int, seed: int) -> Iterator[Array]:
    """`count` random maps (H, W) with the power spectrum of `heat`, the same for the same seed.

    The amplitudes of the Fourier transform stay, its phases become those of white noise (Theiler et al. 1992), so that
    coarse maps give coarse ones and grainy maps grainy ones. The maps are periodic at the borders.
    """
    amplitudes = np.abs(np.fft.rfft2(heat))
    generator = np.random.default_rng(seed)
    for _ in range(count):
        noise = np.fft.rfft2(generator.standard_normal(heat.shape))
        yield np.fft.irfft2(amplitudes * noise / np.abs(noise), s=heat.shape)
