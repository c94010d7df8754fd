"""What chance alone can change in a mean, or in the difference between two shares of the same pictures."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

TAIL = 0.975  # below the upper end of a 95 % interval
Z = 1.96  # standard deviations on either side of a normal mean that hold 95 %


def paired_margin(wrong: NDArray[np.bool_], before: NDArray[np.bool_]) -> float:
    """Half a 95 % interval of the difference between two shares of the same pictures (Agresti and Min 2005).

    Half a picture is added to each of the four counts, so that it is not 0 where no picture differs.
    """
    worse, better, count = int((wrong & ~before).sum()) + 0.5, int((before & ~wrong).sum()) + 0.5, wrong.size + 2
    return Z * math.sqrt(worse + better - (worse - better) ** 2 / count) / count


def mean_margin(values: NDArray[np.float64], population: float = math.inf) -> NDArray[np.float64]:
    """Half of Student's 95 % interval of means over the first axis, (draws, ...) -> (...); infinite for one draw.

    Drawn without replacement from a finite `population` it is narrower (Cochran 1977, equation 2.20), 0 for all of it.
    """
    from scipy.special import stdtrit  # takes half a second to import

    draws = len(values)
    if draws == population:
        return np.zeros(values.shape[1:])
    if draws == 1:
        return np.full(values.shape[1:], math.inf)
    spread = values.std(0, ddof=1) * math.sqrt((1 - draws / population) / draws)
    return np.asarray(stdtrit(draws - 1, TAIL) * spread)
