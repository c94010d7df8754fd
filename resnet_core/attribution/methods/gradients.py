"""Methods of one gradient: how the logit reacts to each pixel, here and now."""

from __future__ import annotations

from torch import Tensor

from resnet_core.attribution.methods.method import Method, Options, Passes, captum, largest_channel, sum_of_channels
from resnet_core.nets.model import ResNet


def _saliency(view: ResNet, batch: Tensor, target: Tensor, _options: Options) -> tuple[Tensor, None]:
    return captum().Saliency(view).attribute(batch.detach().requires_grad_(), target=target, abs=True), None


def _input_x_gradient(view: ResNet, batch: Tensor, target: Tensor, _options: Options) -> tuple[Tensor, None]:
    return captum().InputXGradient(view).attribute(batch.detach().requires_grad_(), target=target), None


GRADIENTS = (
    Method(
        id="saliency",
        family="gradient",
        title="Saliency",
        idea="How strongly the class's logit reacts to a tiny change of each pixel: the gradient's size, "
        "the largest of the three colours.",
        paper="Simonyan et al. 2014",
        sign="Never negative: it says how much the logit reacts, not in which direction.",
        cannot="It sees tiny changes only, not what happens when a part disappears, and it is noisy: "
        "neighbouring pixels differ although the picture does not.",
        signed=False,
        ends=("hardly changes it", "a small change here moves {name} most"),
        completeness=False,
        passes=lambda _options: Passes(forward=1, backward=1),
        run=_saliency,
        to_map=largest_channel,
    ),
    Method(
        id="input_x_gradient",
        family="gradient",
        title="Input x gradient",
        idea="The gradient times the pixel's distance from the mean colour: what the pixel would add "
        "if the network were linear around this picture.",
        paper="Shrikumar et al. 2016",
        sign="Positive pixels are counted for the class, negative ones against it, as if the network were linear. "
        "Without such a pixel the logit can do otherwise.",
        cannot="Pixels of the mean colour get 0 whatever they mean, and the edges of the photo show through "
        "whatever the network does.",
        signed=True,
        completeness=False,  # biases and batch-norm shifts belong to no pixel
        passes=lambda _options: Passes(forward=1, backward=1),
        run=_input_x_gradient,
        to_map=sum_of_channels,
    ),
)
