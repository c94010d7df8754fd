"""DeepLIFT: differences from a baseline, passed back layer by layer.

In a network without max pool the maps are Captum's. In an ImageNet network Captum 0.9 misses completeness, for two
reasons: where windows of the max pool overlap it keeps only one of the values that belong to a pixel, and a ReLU right
before a max pool never receives what the rule of the pool passes back.
"""

from __future__ import annotations

import torch
from torch import Tensor

from resnet_core.attribution.methods.method import SHARES, Method, Options, Passes, at_once, one_by_one, sum_of_channels
from resnet_core.attribution.methods.options import BASELINE, BASELINES, NOISE, SEED
from resnet_core.attribution.methods.paths import noisy_baselines
from resnet_core.attribution.methods.rules import backward_by, rescale_from
from resnet_core.inside.answers import transform_of
from resnet_core.nets.model import ResNet
from resnet_core.pictures.masks import filled


def _differences(view: ResNet, batch: Tensor, baselines: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """What each pixel adds to the logit's difference, and the error of the sum: (N, 3, H, W) twice, (N,) -> (N,)."""
    of_baselines, rules = rescale_from(view, baselines)
    batch = batch.detach().requires_grad_()
    with backward_by(view, rules):
        logits = view(batch)  # (N, K)
    (slopes,) = torch.autograd.grad(logits.gather(1, target[:, None]).sum(), batch)
    raw = (batch.detach() - baselines) * slopes
    difference = (logits.detach() - of_baselines).gather(1, target[:, None])[:, 0]
    return raw, raw.sum((1, 2, 3)) - difference


def _few_at_a_time(view: ResNet, batch: Tensor, baselines: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """`_differences` in passes whose pictures and baselines together stay within the memory bound."""
    most = max(1, at_once(batch) // 2)
    parts = zip(*(torch.split(tensor, most) for tensor in (batch, baselines, target)), strict=True)
    raws, deltas = zip(*(_differences(view, *part) for part in parts), strict=True)
    return torch.cat(raws), torch.cat(deltas)


def _deeplift(view: ResNet, batch: Tensor, target: Tensor, options: Options) -> tuple[Tensor, Tensor]:
    baselines = filled(batch, options["baseline"], transform_of(view))
    return _few_at_a_time(view, batch, baselines, target)


@one_by_one
def _deeplift_shap(view: ResNet, picture: Tensor, target: Tensor, options: Options) -> tuple[Tensor, Tensor]:
    baselines = noisy_baselines(view, picture, options, torch.Generator().manual_seed(options["seed"]))
    count = len(baselines)
    raw, delta = _few_at_a_time(view, picture.expand_as(baselines), baselines, target.expand(count))
    return raw.mean(0, keepdim=True), delta.mean(0, keepdim=True)


DEEPLIFTS = (
    Method(
        id="deeplift",
        family="path",
        title="DeepLIFT",
        idea="How much each unit differs from what it does on a baseline, a picture without content, handed back to "
        "the pixels layer by layer: the map sums to the difference of the two logits.",
        paper="Shrikumar et al. 2017",
        sign=SHARES,
        cannot="It compares two pictures and sees nothing of the way between them; pixels of the baseline's own colour "
        "get 0, and another baseline tells another story.",
        signed=True,
        completeness=True,
        passes=lambda _options: Passes(forward=2, backward=1),
        run=_deeplift,
        to_map=sum_of_channels,
        options=(BASELINE,),
    ),
    Method(
        id="deeplift_shap",
        family="path",
        title="DeepLIFT SHAP",
        idea="The mean of DeepLIFT's maps over many baselines, pictures without content, so that no single one decides "
        "what counts as nothing.",
        paper="Lundberg & Lee 2017",
        sign=SHARES,
        cannot="Its baselines are our choice, not the data's: with other ones the map is another, "
        "and it treats pixels as if each could change without its neighbours.",
        signed=True,
        completeness=True,
        passes=lambda options: Passes(forward=2 * options["baselines"], backward=options["baselines"]),
        run=_deeplift_shap,
        to_map=sum_of_channels,
        options=(BASELINES, NOISE, SEED),
    ),
)
