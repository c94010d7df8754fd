"""Methods that remove many superpixels at once, at random, and fit a linear model to the logit.

Captum's `Lime` and `KernelShap` use the global generator, which threads share. Here each call has its own generator.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from resnet_core.attribution.methods.method import Method, Options, Passes, Run, any_channel, at_once, one_by_one
from resnet_core.attribution.methods.options import FILL, SEED, SUPERPIXELS, Option
from resnet_core.attribution.methods.perturbations import regions_of
from resnet_core.inside.answers import transform_of
from resnet_core.nets.model import ResNet
from resnet_core.pictures.masks import filled

ENDS_WEIGHT = 1e6  # of the full and of the empty picture: in theory infinite; Captum's value
KERNEL_WIDTH = 0.25  # of LIME's exponential kernel, and
RIDGE = 1.0  # its penalty on squared coefficients: both values from the authors' own code for pictures

Sampler = Callable[[int, int, torch.Generator], tuple[Tensor, Tensor]]


def shapley_samples(samples: int, regions: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Which regions stay in each sample (S, R), and the samples' weights (S,), as KernelSHAP wants them.

    First all, then none, then k of R with chance 1 / (k (R - k)). (Lundberg & Lee 2017, theorem 2)
    """
    kept = torch.zeros(samples, regions, dtype=torch.bool)
    kept[0] = True
    sizes = torch.arange(1, max(regions, 2))  # a picture of one region has no other coalition
    chance = 1 / (sizes * (regions - sizes).clamp(min=1)).double()
    size = sizes[torch.multinomial(chance, samples - 2, replacement=True, generator=generator)]
    rank = torch.rand(samples - 2, regions, generator=generator, dtype=torch.float32).argsort(1).argsort(1)
    kept[2:] = rank < size[:, None]
    at_an_end = kept.all(1) | ~kept.any(1)
    return kept, torch.where(at_an_end, ENDS_WEIGHT, 1.0).double()


def lime_samples(samples: int, regions: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Which regions stay in each sample (S, R), every one with chance 1/2, and the samples' weights (S,).

    A sample weighs more the more of the picture stays: an exponential kernel over the cosine distance to the whole.
    """
    kept = torch.rand(samples, regions, generator=generator, dtype=torch.float32) < 0.5
    distance = 1 - kept.double().mean(1).sqrt()
    return kept, torch.exp(-(distance**2) / (2 * KERNEL_WIDTH**2))


def linear_fit(kept: Tensor, logits: Tensor, weights: Tensor, ridge: float) -> Tensor:
    """The coefficients (R,) of the weighted least-squares fit of `logits` (S,) by `kept` (S, R), with intercept.

    In double precision; if several fits are best, the smallest of them. NaN if a logit is NaN.
    """
    share = (weights / weights.sum())[:, None]
    regions = kept.double() - (share * kept.double()).sum(0)
    values = logits.double() - (share[:, 0] * logits.double()).sum()
    weighted = weights[:, None] * regions
    gram = weighted.T @ regions + ridge * torch.eye(kept.shape[1], dtype=torch.float64)
    inverse: Tensor = torch.linalg.pinv(gram, hermitian=True)
    return inverse @ (weighted.T @ values)


def _surrogate(sampler: Sampler, ridge: float) -> Run:
    def run(view: ResNet, picture: Tensor, target: Tensor, options: Options) -> tuple[Tensor, None]:
        regions = regions_of(view, picture, options["superpixels"])  # (1, H, W)
        blank = filled(picture, options["fill"], transform_of(view))
        generator = torch.Generator().manual_seed(options["seed"])
        kept, weights = sampler(options["samples"], int(regions.max()) + 1, generator)
        logits = []
        for some in torch.split(kept, at_once(picture)):  # (k, R)
            stays = some.to(regions.device)[:, regions[0]][:, None]  # (k, 1, H, W)
            logits.append(view(torch.where(stays, picture, blank)).index_select(1, target)[:, 0].cpu())
        shares = linear_fit(kept, torch.cat(logits), weights, ridge).to(picture)
        return shares[regions][:, None].expand_as(picture), None

    return one_by_one(run)


_OPTIONS = (
    Option(
        "samples",
        "Random pictures with some regions taken away: more cost more and steady the fit. "
        "Take several times as many as superpixels.",
        default=200,
        low=50,
        high=1000,
    ),
    SUPERPIXELS,
    FILL,
    SEED,
)

SURROGATES = (
    Method(
        id="kernel_shap",
        family="perturbation",
        title="KernelSHAP",
        idea="Each superpixel's fair share (Shapley value) of what the whole picture adds to the logit, "
        "estimated from pictures in which random ones are taken away.",
        paper="Lundberg & Lee 2017",
        sign="Positive regions raise the class's logit, negative ones lower it.",
        # the shares of the regions sum to the whole because the fit is made to: that tells nothing about their error
        cannot="It is an estimate from few samples, so another seed gives another map; and it judges the network "
        "by patchy pictures unlike any photo.",
        signed=True,
        completeness=False,
        passes=lambda options: Passes(forward=options["samples"], backward=0),
        run=_surrogate(shapley_samples, ridge=0),
        to_map=any_channel,
        options=_OPTIONS,
    ),
    Method(
        id="lime",
        family="perturbation",
        title="LIME",
        idea="The weights of a linear model that imitates the network on pictures with random superpixels taken away, "
        "fitted best where most of the picture stays.",
        paper="Ribeiro et al. 2016",
        sign="Positive regions raise the class's logit, negative ones lower it.",
        cannot="It explains the linear imitation, and does not say how well that fits the network; "
        "another seed or another cut gives another map.",
        signed=True,
        completeness=False,
        passes=lambda options: Passes(forward=options["samples"], backward=0),
        run=_surrogate(lime_samples, ridge=RIDGE),
        to_map=any_channel,
        options=_OPTIONS,
    ),
)
