"""Captum's own calls for the maps of `METHODS`, as a table: what `tests.bench` measures ours against.

Both sides start from the photo, so Captum's makes the baselines and the superpixels, too, by our functions. Both
get the same options and take equally many pictures through the network at once. Where Captum says by how much a map
misses completeness it is asked for that, as ours always tells; but not for DeepLIFT, where that would cost it passes
that ours does not make.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from captum import attr
from captum._utils.models.linear_model import SkLearnRidge
from torch import Tensor, nn

import resnet_core as rc
from resnet_core.attribution.methods.method import at_once
from resnet_core.attribution.methods.paths import noisy_baselines
from resnet_core.attribution.methods.perturbations import regions_of
from resnet_core.attribution.methods.surrogates import KERNEL_WIDTH, RIDGE
from resnet_core.inside.answers import transform_of
from resnet_core.pictures.masks import Fill, filled

TARGET = 1


@dataclass(frozen=True, eq=False)
class Case:
    """What Captum is called with: a network and a photo (1, 3, H, W). `ours` knows what baselines look like."""

    net: nn.Module
    photo: Tensor
    ours: rc.ResNet

    @property
    def leaf(self) -> Tensor:
        """The photo, asking for its gradient."""
        return self.photo.clone().requires_grad_()

    @property
    def few(self) -> int:
        """How many pictures of this size ours takes at once."""
        return at_once(self.photo)

    @property
    def spread(self) -> float:
        """Standard deviation of the noise that ours adds."""
        return NOISE * float(self.photo.max() - self.photo.min())

    def plain(self, fill: Fill) -> Tensor:
        return filled(self.photo, fill, transform_of(self.ours))

    def plains(self) -> Tensor:
        """Many baselines with noise: (K, 3, H, W)."""
        generator = torch.Generator().manual_seed(0)
        return noisy_baselines(self.ours, self.photo, {"baselines": BASELINES, "noise": NOISE}, generator)

    def regions(self) -> Tensor:
        """The photo's superpixels: (1, 1, H, W)."""
        return regions_of(self.ours, self.photo, SUPERPIXELS)[:, None]


@dataclass(frozen=True)
class Direct:
    """Captum's own call for a method and ours' options, on a photo of `size` pixels.

    `theirs`: on torchvision's network; otherwise Captum fails there and is called on ours.
    """

    call: Callable[[Case], object]
    size: int = 224
    options: Mapping[str, float] = field(default_factory=dict)
    theirs: bool = True


SMALL = 112  # pixels, for what takes many passes: 16 pictures of this size go at once
LOOKS = 16  # noisy copies, points on the way: one pass at this size on either side
STEPS = 32
NOISE = 0.15
BASELINES = 8
SUPERPIXELS = 48
WINDOW, STRIDE = 23, 12  # pixels: 20 % of the small photo's side, and half of that
SAMPLES_OF_FITS = 96


def _tunnel(kind: str) -> Direct:
    """Captum's noise tunnel over gradients with their sign."""
    return Direct(
        lambda case: attr.NoiseTunnel(attr.Saliency(case.net)).attribute(
            case.leaf,
            nt_type=kind,
            nt_samples=LOOKS,
            nt_samples_batch_size=case.few,
            stdevs=case.spread,
            target=TARGET,
            abs=False,
        ),
        SMALL,
        {"samples": LOOKS, "noise": NOISE},
    )


def _nearness(_whole: Tensor, _seen: Tensor, kept: Tensor, **_more: object) -> float:
    """LIME's exponential kernel over the cosine distance between the regions `kept` (1, R) and all of them."""
    distance = 1 - math.sqrt(float(kept.double().mean()))
    return math.exp(-(distance**2) / (2 * KERNEL_WIDTH**2))


def _fit(make: Callable[[nn.Module], attr.Lime]) -> Direct:
    """A linear fit to what the logit does without some superpixels."""
    return Direct(
        lambda case: make(case.net).attribute(
            case.photo,
            baselines=case.plain("mean"),
            target=TARGET,
            feature_mask=case.regions(),
            n_samples=SAMPLES_OF_FITS,
            perturbations_per_eval=case.few,
        ),
        SMALL,
        {"samples": SAMPLES_OF_FITS, "superpixels": SUPERPIXELS},
    )


DIRECT: dict[str, Direct] = {
    "saliency": Direct(lambda case: attr.Saliency(case.net).attribute(case.leaf, target=TARGET)),
    "input_x_gradient": Direct(lambda case: attr.InputXGradient(case.net).attribute(case.leaf, target=TARGET)),
    "smoothgrad": _tunnel("smoothgrad"),
    "smoothgrad_squared": _tunnel("smoothgrad_sq"),
    "vargrad": _tunnel("vargrad"),
    "integrated_gradients": Direct(
        lambda case: attr.IntegratedGradients(case.net).attribute(
            case.photo,
            case.plain("black"),
            target=TARGET,
            n_steps=STEPS,
            internal_batch_size=case.few,
            return_convergence_delta=True,
        ),
        options={"steps": STEPS},
    ),
    "gradient_shap": Direct(
        lambda case: attr.GradientShap(case.net).attribute(
            case.leaf, case.plains(), n_samples=LOOKS, target=TARGET, return_convergence_delta=True
        ),
        SMALL,
        {"samples": LOOKS, "baselines": BASELINES, "noise": NOISE},
    ),
    "deeplift": Direct(
        lambda case: attr.DeepLift(case.net).attribute(case.leaf, case.plain("black"), target=TARGET), theirs=False
    ),
    "deeplift_shap": Direct(
        lambda case: attr.DeepLiftShap(case.net).attribute(case.leaf, case.plains(), target=TARGET),
        SMALL,
        {"baselines": BASELINES, "noise": NOISE},
        theirs=False,
    ),
    "guided_backprop": Direct(lambda case: attr.GuidedBackprop(case.net).attribute(case.leaf, target=TARGET)),
    "deconvolution": Direct(lambda case: attr.Deconvolution(case.net).attribute(case.leaf, target=TARGET)),
    "occlusion": Direct(
        lambda case: attr.Occlusion(case.net).attribute(
            case.photo,
            sliding_window_shapes=(3, WINDOW, WINDOW),
            strides=(3, STRIDE, STRIDE),
            baselines=case.plain("mean"),
            target=TARGET,
            perturbations_per_eval=case.few,
        ),
        SMALL,
        {"window": 20},
    ),
    "feature_ablation": Direct(
        lambda case: attr.FeatureAblation(case.net).attribute(
            case.photo,
            baselines=case.plain("mean"),
            target=TARGET,
            feature_mask=case.regions(),
            perturbations_per_eval=case.few,
        ),
        SMALL,
        {"superpixels": SUPERPIXELS},
    ),
    "kernel_shap": _fit(attr.KernelShap),
    "lime": _fit(lambda net: attr.Lime(net, SkLearnRidge(alpha=RIDGE), similarity_func=_nearness)),
    "grad_cam": Direct(
        lambda case: attr.LayerGradCam(case.net, case.net.layer4).attribute(
            case.photo, target=TARGET, relu_attributions=True
        )
    ),
    "guided_grad_cam": Direct(
        lambda case: attr.GuidedGradCam(case.net, case.net.layer4).attribute(
            case.leaf, target=TARGET, interpolate_mode="bilinear"
        )
    ),
    "layer_conductance": Direct(
        lambda case: attr.LayerConductance(case.net, case.net.layer4).attribute(
            case.photo,
            baselines=case.plain("black"),
            target=TARGET,
            n_steps=LOOKS - 1,
            internal_batch_size=case.few,
            return_convergence_delta=True,
        ),
        SMALL,
        {"steps": LOOKS - 1},  # one point more than steps
    ),
}
