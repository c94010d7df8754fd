"""Methods that look at the feature maps inside: which positions in a block or stage speak for the class."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_core.attribution.methods.method import (
    ON_THE_WAY_BACK,
    Method,
    Options,
    Passes,
    at_once,
    captum,
    gradient,
    logits_of,
    one_by_one,
    stretched,
    sum_of_channels,
)
from resnet_core.attribution.methods.options import BASELINE, LAYER, STEPS, Option, words
from resnet_core.attribution.methods.rules import GUIDED, backward_by
from resnet_core.inside.answers import transform_of
from resnet_core.nets.blocks import Block
from resnet_core.nets.model import ResNet
from resnet_core.pictures.masks import filled

POINTS = {"output": "y", "sum": "sum", "residual": "residual"}  # which tensor of a block the maps are


def _block(view: ResNet, layer: str) -> Block:
    """The block named `layer`, or the last block of the stage of that name."""
    found = view.get_submodule(layer)
    return found[-1] if isinstance(found, nn.Sequential) else found  # type: ignore[return-value]


def _grad_cam(view: ResNet, batch: Tensor, target: Tensor, options: Options) -> tuple[Tensor, None]:
    module, its_input = _block(view, options["layer"]).hook_points[POINTS[options["point"]]]
    method = captum().LayerGradCam(view, module)
    raw = method.attribute(
        batch, target=target, attribute_to_layer_input=its_input, relu_attributions=options["relu"] == "on"
    )
    return raw, None


def _guided_grad_cam(view: ResNet, batch: Tensor, target: Tensor, options: Options) -> tuple[Tensor, None]:
    coarse, _ = _grad_cam(view, batch, target, {"layer": options["layer"], "point": "output", "relu": "on"})
    with backward_by(view, GUIDED):
        fine = gradient(view, batch, target)
    return fine * functional.interpolate(coarse.detach(), batch.shape[2:], mode="bilinear", align_corners=False), None


@contextmanager
def _backward_until(module: nn.Module) -> Iterator[list[Tensor]]:
    """Inside, backpropagation stops at the output of `module`; each output is appended to the list."""
    outputs: list[Tensor] = []

    def cut(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        outputs.append(output.detach().requires_grad_())
        return outputs[-1]

    handle = module.register_forward_hook(cut)
    try:
        yield outputs
    finally:
        handle.remove()


@one_by_one
def _layer_conductance(view: ResNet, picture: Tensor, target: Tensor, options: Options) -> tuple[Tensor, Tensor]:
    """The same as Captum's `LayerConductance`, which computes most points twice where memory is bounded."""
    baseline = filled(picture, options["baseline"], transform_of(view))
    nodes = np.polynomial.legendre.leggauss(options["steps"] + 1)[0]
    ways = torch.from_numpy((1 + nodes) / 2).to(picture).view(-1, 1, 1, 1)
    raw = picture.new_zeros(())
    last: tuple[Tensor, Tensor] | None = None
    with _backward_until(_block(view, options["layer"])) as outputs:
        for some in torch.split(ways, at_once(picture)):
            logits = view(baseline + some * (picture - baseline)).index_select(1, target)
            maps = outputs.pop()  # (k, C, h, w)
            (slopes,) = torch.autograd.grad(logits.sum(), maps)
            maps = maps.detach()
            if last is not None:  # the step from the last point of the previous pass
                maps, slopes = torch.cat([last[0], maps]), torch.cat([last[1], slopes])
            raw = raw + (slopes[:-1] * maps.diff(dim=0)).sum(0, keepdim=True)
            last = maps[-1:], slopes[-1:]
    logits = logits_of(view, torch.cat([picture, baseline]), target)
    return raw, raw.sum((1, 2, 3)) - (logits[:1] - logits[1:])


ACTIVATIONS = (
    Method(
        id="grad_cam",
        family="activation",
        title="Grad-CAM",
        idea="Where the feature maps that count for the class are active: a block's maps, "
        "each weighted by its mean gradient, summed and stretched over the picture.",
        paper="Selvaraju et al. 2017",
        sign="Never negative: the ReLU keeps only positions that are counted for the class. With the ReLU off, "
        "negative ones are counted against it. At the output of the last block they raise and lower its logit; "
        "elsewhere the logit can do otherwise without such a position.",
        cannot="It does not show where the network looks: the map is coarse, it depends on the layer, "
        "and one mean gradient stands for every position of a feature map.",
        signed=False,
        ends=("not counted for it", "counted most for {name}"),
        completeness=False,
        passes=lambda _options: Passes(forward=1, backward=1),  # backward only down to the layer
        run=_grad_cam,
        to_map=stretched,
        options=(
            LAYER,
            Option(
                "point",
                "Where in the block the maps are read: its output, the sum before the last ReLU, "
                "or F(x) before the shortcut is added.",
                default="output",
                choices=words(*POINTS),
            ),
            Option(
                "relu",
                "The paper keeps only positions that speak for the class. Off also shows what speaks against it.",
                default="on",
                choices=words("on", "off"),
            ),
        ),
    ),
    Method(
        id="guided_grad_cam",
        family="activation",
        title="Guided Grad-CAM",
        idea="Guided backpropagation, kept only where Grad-CAM is active: "
        "fine lines in the areas that are counted for the class.",
        paper="Selvaraju et al. 2017",
        sign="Positive where a brighter pixel would excite the units that were followed back, "
        "negative where a darker one would.",
        cannot="Only the coarse area comes from the class: the fine lines are guided backpropagation's, "
        "of which a part does not depend on what the network has learned (Adebayo et al. 2018).",
        signed=True,
        ends=ON_THE_WAY_BACK,
        completeness=False,
        passes=lambda _options: Passes(forward=2, backward=2),
        run=_guided_grad_cam,
        to_map=sum_of_channels,
        options=(LAYER,),
    ),
    Method(
        id="layer_conductance",
        family="activation",
        title="Layer conductance",
        idea="How much of the difference between this picture's logit and that of a baseline, a picture without "
        "content, flows through each position of a block's maps, collected on the path from one to the other.",
        paper="Dhamdhere et al. 2018",
        sign="Positive positions raise the class's logit above the baseline's, negative ones lower it.",
        cannot="It says which positions of the maps carried the difference, not which pixels: "
        "a position of a late layer depends on most of the picture.",
        signed=True,
        completeness=True,
        passes=lambda options: Passes(forward=options["steps"] + 3, backward=options["steps"] + 1),
        run=_layer_conductance,
        to_map=stretched,
        options=(LAYER, STEPS, BASELINE),
    ),
)
