"""Methods that backpropagate with another rule at every ReLU."""

from __future__ import annotations

from torch import Tensor

from resnet_core.attribution.methods.method import (
    ON_THE_WAY_BACK,
    Method,
    Options,
    Passes,
    Run,
    gradient,
    sum_of_channels,
)
from resnet_core.attribution.methods.rules import DECONVOLUTION, GUIDED, Rules, backward_by
from resnet_core.nets.model import ResNet


def _by(rules: Rules) -> Run:
    def run(view: ResNet, batch: Tensor, target: Tensor, _options: Options) -> tuple[Tensor, None]:
        with backward_by(view, rules):
            return gradient(view, batch, target), None

    return run


RELU_RULES = (
    Method(
        id="guided_backprop",
        family="rule",
        title="Guided backpropagation",
        idea="The gradient, but every ReLU lets only positive gradients through, and only where it is active itself: "
        "patterns that excite the units which count for the class.",
        paper="Springenberg et al. 2015",
        sign="Positive where a brighter pixel would excite the units that were followed back, "
        "negative where a darker one would.",
        cannot="It hardly depends on the class, and a part of it not on the trained weights: the picture's edges show "
        "through (Adebayo et al. 2018).",
        signed=True,
        ends=ON_THE_WAY_BACK,
        completeness=False,
        passes=lambda _options: Passes(forward=1, backward=1),
        run=_by(GUIDED),
        to_map=sum_of_channels,
    ),
    Method(
        id="deconvolution",
        family="rule",
        title="Deconvolution",
        idea="The gradient, but every ReLU lets all positive gradients through, even where it is off: "
        "what the network run backwards would paint for the class.",
        paper="Zeiler & Fergus 2014",
        sign="Positive where the way back ends in a brighter pixel, negative where it ends in a darker one.",
        cannot="It knows the photo only through the max pool: a network without one paints the same map "
        "for every photo.",
        signed=True,
        ends=ON_THE_WAY_BACK,
        completeness=False,
        passes=lambda _options: Passes(forward=1, backward=1),
        run=_by(DECONVOLUTION),
        to_map=sum_of_channels,
    ),
)
