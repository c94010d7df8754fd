"""Methods that collect gradients along a path from baselines, pictures without content, to this picture."""

from __future__ import annotations

from itertools import islice

import torch
from torch import Tensor

from resnet_core.attribution.methods.method import (
    SHARES,
    Method,
    Options,
    Passes,
    at_once,
    gradient,
    integrated_gradients,
    logits_of,
    one_by_one,
    sum_of_channels,
)
from resnet_core.attribution.methods.noise import draws
from resnet_core.attribution.methods.options import BASELINE, BASELINES, NOISE, SEED, STEPS, Option
from resnet_core.inside.answers import transform_of
from resnet_core.nets.model import ResNet
from resnet_core.pictures.masks import FILLS, filled


def noisy_baselines(view: ResNet, picture: Tensor, options: Options, generator: torch.Generator) -> Tensor:
    """`options["baselines"]` baselines for one picture (1, 3, H, W): every fill in turn, each with other noise."""
    plain = torch.cat([filled(picture, fill, transform_of(view)) for fill in FILLS])
    noise = torch.stack(list(islice(draws(generator, picture, options["noise"]), options["baselines"])))
    return plain[torch.arange(len(noise), device=plain.device) % len(FILLS)] + noise  # (K, 3, H, W)


def _integrated_gradients(view: ResNet, batch: Tensor, target: Tensor, options: Options) -> tuple[Tensor, Tensor]:
    raw, delta = integrated_gradients(
        view, batch, target, options["baseline"], options["steps"], return_convergence_delta=True
    )
    return raw, delta


@one_by_one
def _gradient_shap(view: ResNet, picture: Tensor, target: Tensor, options: Options) -> tuple[Tensor, Tensor]:
    """Captum's `GradientShap`, with a generator of its own; the baselines take turns, so that each counts the same."""
    generator = torch.Generator().manual_seed(options["seed"])
    baselines = noisy_baselines(view, picture, options, generator)
    ways = torch.rand(options["samples"], 1, 1, 1, generator=generator, dtype=torch.float32).to(picture)
    samples = torch.arange(options["samples"], device=picture.device)
    turns = samples % len(baselines)
    raw = torch.zeros_like(picture)
    for some in torch.split(samples, at_once(picture)):
        start = baselines[turns[some]]  # (k, 3, H, W)
        points = ways[some] * picture + (1 - ways[some]) * start
        slopes = gradient(view, points, target.expand(len(some)))
        raw = raw + ((picture - start) * slopes).sum(0, keepdim=True) / options["samples"]
    logits = logits_of(view, torch.cat([picture, baselines]), target)
    return raw, raw.sum((1, 2, 3)) - (logits[:1] - logits[1:][turns].mean())


PATHS = (
    Method(
        id="integrated_gradients",
        family="path",
        title="Integrated gradients",
        idea="The gradient collected all along the way from a baseline, a picture without content, to this "
        "one: the map sums to the difference of the two logits.",
        paper="Sundararajan et al. 2017",
        sign=SHARES,
        cannot="It cannot say anything about pixels of the baseline's own colour, and another baseline tells "
        "another story: it answers “compared with what?”.",
        signed=True,
        completeness=True,
        passes=lambda options: Passes(forward=options["steps"] + 2, backward=options["steps"]),
        run=_integrated_gradients,
        to_map=sum_of_channels,
        options=(STEPS, BASELINE),
    ),
    Method(
        id="gradient_shap",
        family="path",
        title="GradientSHAP",
        idea="Gradients at random points on the ways from many baselines, pictures without content, to this one, "
        "each times the way's length: their mean estimates integrated gradients over many baselines.",
        paper="Lundberg & Lee 2017",
        sign=SHARES,
        cannot="Its sum is right only on average: with few samples it is far off, and another seed gives another map.",
        signed=True,
        completeness=True,
        on_average=True,
        passes=lambda options: Passes(
            forward=options["samples"] + options["baselines"] + 1, backward=options["samples"]
        ),
        run=_gradient_shap,
        to_map=sum_of_channels,
        options=(
            Option(
                "samples",
                "Random points for the gradient: more cost more and bring the completeness error down on average.",
                default=32,
                low=8,
                high=256,
            ),
            BASELINES,
            NOISE,
            SEED,
        ),
    ),
)
