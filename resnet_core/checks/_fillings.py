"""What the network says to a filling alone: if it still sees the class, removing pixels cannot show much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd
import torch
from torch import Tensor

from resnet_core.attribution.comparison import Array
from resnet_core.attribution.methods.method import at_once
from resnet_core.checks._games_judge import most_left
from resnet_core.checks.limits import FAINT
from resnet_core.checks.records import Case
from resnet_core.inside.answers import transform_of
from resnet_core.nets.model import ResNet
from resnet_core.pictures.masks import FILLS, Fill, filled

NEUTRAL = "neutral"  # the first of `FILLS` that alone does not show the class; blur is closest to a photo


@dataclass(frozen=True, eq=False)
class Fillings:
    """Every filling of a picture, (1, 3, H, W), and its logits (1, classes) in float64, as those of the picture."""

    pictures: dict[Fill, Tensor]
    logits: dict[Fill, Tensor]
    whole: Tensor

    @classmethod
    def of(cls, view: ResNet, case: Case) -> Fillings:
        """All fillings and the picture itself through `view`."""
        pictures = {fill: filled(case.photo, fill, transform_of(case.model)) for fill in FILLS}
        with torch.no_grad():
            every = torch.split(torch.cat([case.photo, *pictures.values()]), at_once(case.photo))
            logits = torch.cat([view(some).cpu().double() for some in every])[:, None]  # (1 + fills, 1, classes)
        return cls(pictures, dict(zip(FILLS, logits[1:], strict=True)), logits[0])

    def table(self, target: int) -> pd.DataFrame:
        """Probability and logit of the class for each filling alone: fill, probability, logit."""
        return pd.DataFrame({"fill": FILLS, **class_values(torch.cat(list(self.logits.values())), target)})

    def judged(self, target: int) -> Literal["probability", "logit"]:
        """Which value to judge: the logit if the class has too little probability to lose."""
        return "logit" if class_values(self.whole, target)["probability"][0] < FAINT else "probability"

    def chosen(self, option: str, target: int) -> Fill:
        """The filling for an option's value; "neutral" is the first that leaves room for a fall, or else the best."""
        if option != NEUTRAL:
            return next(fill for fill in FILLS if fill == option)
        judged = self.judged(target)
        alone = self.table(target).set_index("fill")[judged]
        room = alone <= most_left(float(class_values(self.whole, target)[judged][0]), judged)
        return next((fill for fill in FILLS if room[fill]), min(FILLS, key=lambda fill: float(alone[fill])))


def class_values(logits: Tensor, target: int) -> dict[str, Array]:
    """Probability and logit of the class from logits (K, classes)."""
    return {"probability": logits.softmax(1)[:, target].numpy(), "logit": logits[:, target].numpy()}
