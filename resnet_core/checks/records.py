"""The results of the checks of an attribution map: frozen records with the numbers, and what a page draws of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd
from torch import Tensor

from resnet_core.attribution.comparison import Likeness
from resnet_core.attribution.records import AttributionRecord
from resnet_core.nets.model import ResNet

DiagnosisKind = Literal["sound", "not finite", "blank", "constant", "concentrated", "saturated"]


@dataclass(frozen=True, eq=False)
class Case:
    """The input of every check: the network, the picture (1, 3, H, W) on its device, the map and the seed."""

    model: ResNet
    photo: Tensor
    record: AttributionRecord
    seed: int

    @property
    def target(self) -> int:
        """The class that the map is about."""
        return int(self.record.target[0])


@dataclass(frozen=True)
class Diagnosis:
    """Whether the map can be read at all; `sentence` says what is wrong and why, None for a sound map."""

    kind: DiagnosisKind
    sentence: str | None


@dataclass(frozen=True)
class Completeness:
    """Completeness: the values should sum to the logit less the baseline's logit, `difference`; `delta` is the error.

    `share` is |delta| / |difference|; NaN if the two logits are equal. `on_average`: the method is complete only on
    average over seeds, so that `delta` is the noise of one draw.
    """

    delta: float
    difference: float
    share: float
    on_average: bool = False


@dataclass(frozen=True, eq=False)
class Randomisation:
    """The same map with more and more of the network made random, from the head down to the stem.

    table: one row a step with unit (the last part made random), ssim, rank_correlation, abs_rank_correlation: means
    over the draws, each with fresh weights; low and high: the ends of rank_correlation; note. maps: (units, H, W), of
    the same rows, by the first draw. chance: the absolute rank correlation that 19 of 20 random maps as smooth as this
    one stay below, and its uncertainty, chance_margin. trained: False if the network had random weights to begin with.
    draws: draw, unit and the rest of `table`, one row a draw and step. neighbours: how far neighbouring pixels of this
    map correlate, near 1 for a coarse map.
    """

    table: pd.DataFrame
    maps: Tensor
    chance: float
    trained: bool
    draws: pd.DataFrame
    chance_margin: float = 0.0
    neighbours: float = 0.0

    @property
    def kept(self) -> float:
        """The mean rank correlation over all steps below the head: what remains of the map without learned weights."""
        return float(self.table["rank_correlation"].iloc[1:].mean())

    @property
    def final(self) -> float:
        """The rank correlation with the map of a network that is random throughout."""
        return float(self.table["rank_correlation"].iloc[-1])

    @property
    def final_by_draw(self) -> tuple[float, ...]:
        """`final` of each draw that has one."""
        last = self.draws[self.draws["unit"] == self.table["unit"].iloc[-1]]
        return tuple(last["rank_correlation"].dropna())

    @property
    def kept_by_draw(self) -> tuple[float, ...]:
        """`kept` of each draw that has one."""
        below = self.draws[self.draws["unit"] != self.table["unit"].iloc[0]]
        return tuple(below.groupby("draw")["rank_correlation"].mean().dropna())


@dataclass(frozen=True, eq=False)
class RandomLogit:
    """The map (H, W) of another class, `target`, and how similar it is to the map.

    others: every class that was drawn, this one first: target, class_name, rank_correlation (of its map with the map).
    classes: how many others the network knows.
    """

    target: int
    class_name: str
    map: Tensor
    likeness: Likeness
    others: pd.DataFrame
    classes: int


@dataclass(frozen=True, eq=False)
class Deletion:
    """Both games: pixels taken away, and put into the filled picture, in the order of the map.

    table: curve ("deletion" or "insertion"), order ("map" or "random": the mean over random maps as smooth as this
    one), share of the pixels (0..1), probability and logit of the class, low and high (the smallest and the largest
    probability over the draws), beaten and draws (how many of so many random maps the map beats, by the areas of
    `judged`). areas: curve, order, draw, probability and logit: the areas under each curve by the trapezoid rule, with
    a row for each random map, and for each order that a map with equal values was given. alone: the probability and
    logit of the class for each filling without any of the picture, by fill.
    """

    table: pd.DataFrame
    areas: pd.DataFrame
    fill: str
    alone: pd.DataFrame
    judged: Literal["probability", "logit"] = "probability"


@dataclass(frozen=True, eq=False)
class Infidelity:
    """Squares of the picture replaced: does the map's sum over a square predict the logit's fall? (Yeh et al. 2019)

    value: the mean squared error, Captum's `infidelity`; normalised: the same after the best scaling of the map,
    Captum's `normalize=True`. explained: the share of the squared falls that the scaled map explains, 0 if only a
    negative scale would help; flat: the same for a map of one value. squares: row, column, side, attributed, fall.
    explained_range, flat_range and gain_range (explained less flat): their intervals over other squares.
    """

    value: float
    normalised: float
    explained: float
    flat: float
    squares: pd.DataFrame
    fill: str
    explained_range: tuple[float, float]
    flat_range: tuple[float, float]
    gain_range: tuple[float, float]


@dataclass(frozen=True)
class Sensitivity:
    """How far noise too weak to see moves the map (Yeh et al. 2019).

    value: the largest |map - map with noise| / |map| (L2 over pixels), Captum's `sensitivity_max`; values: that of each
    sample. radius: the noise is uniform within it, in the network's normalised units; grey_levels: the same of 255.
    """

    value: float
    values: tuple[float, ...]
    radius: float
    grey_levels: float


@dataclass(frozen=True, eq=False)
class TrustRecord:
    """The result of `trust`. A check that was not asked for is None; one that does not apply is None and in `skipped`.

    skipped: why, by check. seconds: the time of each check. options: the options it ran with. trained: False for a
    network with random weights, whose maps show nothing learned.
    """

    method: str
    target: int
    seed: int
    skipped: dict[str, str]
    seconds: dict[str, float]
    options: dict[str, dict[str, object]]
    diagnosis: Diagnosis | None = None
    completeness: Completeness | None = None
    randomisation: Randomisation | None = None
    random_logit: RandomLogit | None = None
    deletion: Deletion | None = None
    infidelity: Infidelity | None = None
    sensitivity: Sensitivity | None = None
    trained: bool = True
