"""Methods that average over many noisy copies of the picture: SmoothGrad and its relatives.

Captum's `NoiseTunnel` uses the global generator, which threads share. Here each call has a generator of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor

from resnet_core.attribution.methods.method import (
    Method,
    Options,
    Passes,
    Run,
    at_once,
    gradient,
    integrated_gradients,
    one_by_one,
    sum_of_channels,
)
from resnet_core.attribution.methods.options import NOISE, SEED, Option, words
from resnet_core.nets.model import ResNet

FEW_STEPS = 8  # of integrated gradients for each noisy copy


def draws(generator: torch.Generator, picture: Tensor, share: float) -> Iterator[Tensor]:
    """Endless noise (3, H, W) of `share` times the range of values of `picture` (1, 3, H, W).

    Drawn on the CPU in single precision, so that a seed means the same noise on every device.
    """
    spread = share * (picture.max() - picture.min())
    while True:
        yield spread * torch.randn(picture.shape[1:], generator=generator, dtype=torch.float32).to(picture)


def _input_x_gradient(view: ResNet, pictures: Tensor, target: Tensor) -> Tensor:
    return pictures * gradient(view, pictures, target)


def _integrated_gradients(view: ResNet, pictures: Tensor, target: Tensor) -> Tensor:
    raw: Tensor = integrated_gradients(view, pictures, target, "black", FEW_STEPS)
    return raw.detach()


@dataclass(frozen=True)
class _Base:
    """A map that is made for each noisy copy, and how many passes, forward and backward, that takes."""

    attribute: Callable[[ResNet, Tensor, Tensor], Tensor]
    passes: int


BASES = {
    "gradient": _Base(gradient, 1),
    "input_x_gradient": _Base(_input_x_gradient, 1),
    "integrated_gradients": _Base(_integrated_gradients, FEW_STEPS),
}


def _noisy_maps(view: ResNet, picture: Tensor, target: Tensor, options: Options) -> Iterator[Tensor]:
    """The base's map (3, H, W) for each noisy copy of `picture` (1, 3, H, W)."""
    generator = torch.Generator().manual_seed(options["seed"])
    noise = islice(draws(generator, picture, options["noise"]), options["samples"])
    while some := list(islice(noise, at_once(picture))):
        noisy = picture + torch.stack(some)  # (k, 3, H, W)
        yield from BASES[options["base"]].attribute(view, noisy, target.expand(len(noisy)))


def _moments(maps: Iterator[Tensor]) -> tuple[Tensor, Tensor]:
    """Mean and variance of maps, as they come (Welford 1962: no difference of large numbers, never below 0)."""
    mean = next(maps)
    deviations = torch.zeros_like(mean)
    count = 1
    for count, values in enumerate(maps, start=2):
        step = values - mean
        mean = mean + step / count
        deviations = deviations + step * (values - mean)
    return mean, deviations / count


def _noisy(summary: Callable[[Tensor, Tensor], Tensor]) -> Run:
    """The `run` that reduces the mean and variance of the maps to one number per pixel."""

    def run(view: ResNet, picture: Tensor, target: Tensor, options: Options) -> tuple[Tensor, None]:
        return summary(*_moments(_noisy_maps(view, picture, target, options)))[None], None

    return one_by_one(run)


def _passes(options: Options) -> Passes:
    passes = options["samples"] * BASES[options["base"]].passes
    return Passes(forward=passes, backward=passes)


_OPTIONS = (
    Option(
        "base",
        "The map made for each noisy copy: the gradient with its sign, input x gradient, "
        f"or integrated gradients from black in {FEW_STEPS} steps.",
        default="gradient",
        choices=words(*BASES),
    ),
    Option(
        "samples",
        "How many noisy copies of the picture: more cost more and leave less of the noise.",
        default=16,
        low=4,
        high=64,
    ),
    NOISE,
    SEED,
)

NOISY = (
    Method(
        id="smoothgrad",
        family="gradient",
        title="SmoothGrad",
        idea="The mean of the gradients of many copies of the picture, each with other noise: "
        "what flickers from copy to copy averages out.",
        paper="Smilkov et al. 2017",
        sign="Positive where a brighter pixel would raise the class's logit in the mean over the noisy copies, "
        "negative where it would lower it; in the picture itself it may be the other way round. With another base, "
        "as that method says.",
        cannot="It describes noisy copies that nobody photographed, and a smoother map is nicer to look at "
        "but not proven to be more faithful.",
        signed=True,
        ends=("with noise, darker for {name}", "with noise, brighter for {name}"),
        completeness=False,
        passes=_passes,
        run=_noisy(lambda mean, _variance: mean),
        to_map=sum_of_channels,
        options=_OPTIONS,
    ),
    Method(
        id="smoothgrad_squared",
        family="gradient",
        title="SmoothGrad squared",
        idea="The mean of the squared gradients of many noisy copies: strong reactions count more, "
        "their sign does not.",
        paper="Hooker et al. 2019",
        sign="Never negative: squares say how much the logit reacts, not in which direction.",
        cannot="It cannot tell a pixel that steadily matters from one whose influence flips with the noise: "
        "both have large squares.",
        signed=False,
        ends=("hardly changes it", "a small change here moves {name} most"),
        completeness=False,
        passes=_passes,
        run=_noisy(lambda mean, variance: mean**2 + variance),
        to_map=sum_of_channels,
        options=_OPTIONS,
    ),
    Method(
        id="vargrad",
        family="gradient",
        title="VarGrad",
        idea="The variance of the gradients of many noisy copies: where the network's reaction depends most "
        "on what else changes.",
        paper="Adebayo et al. 2018",
        sign="Never negative: a variance has no direction.",
        cannot="A pixel that always matters in the same way has variance 0 and stays dark: "
        "the map shows change of influence, not influence.",
        signed=False,
        ends=("influence is steady", "influence on {name} varies most"),
        completeness=False,
        passes=_passes,
        run=_noisy(lambda _mean, variance: variance),
        to_map=sum_of_channels,
        options=_OPTIONS,
    ),
)
