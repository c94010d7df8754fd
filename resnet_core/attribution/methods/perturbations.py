"""Methods that take one part of the picture away at a time and watch the logit."""

from __future__ import annotations

import math

from torch import Tensor

from resnet_core.attribution.methods.method import Method, Options, Passes, any_channel, at_once, captum, one_by_one
from resnet_core.attribution.methods.options import FILL, SUPERPIXELS, Option
from resnet_core.inside.answers import transform_of
from resnet_core.nets.model import ResNet
from resnet_core.pictures.masks import filled
from resnet_core.pictures.segments import LOW, superpixels


def regions_of(view: ResNet, picture: Tensor, most: int) -> Tensor:
    """At most `most` superpixels of one picture (1, 3, H, W), numbered from 0: (1, H, W)."""
    pixels = transform_of(view).restore(picture)
    wanted = most
    regions = superpixels(pixels, wanted)
    while (found := int(regions.max()) + 1) > most and wanted > LOW:  # SLIC makes about as many as it is asked for
        wanted = max(LOW, wanted * most // found)
        regions = superpixels(pixels, wanted)
    return regions


def _window(side: int, percent: int) -> tuple[int, int]:
    """Width and stride, in pixels, of a window that covers `percent` of a picture's side and moves half its width."""
    width = math.ceil(side * percent / 100)
    return width, math.ceil(width / 2)


def _positions(percent: int) -> int:
    """The most positions that a window can take along a side: its stride is at least half of `percent`."""
    return math.ceil((100 - percent) / (percent / 2)) + 1


@one_by_one
def _occlusion(view: ResNet, picture: Tensor, target: Tensor, options: Options) -> tuple[Tensor, None]:
    (height, down), (width, right) = (_window(side, options["window"]) for side in picture.shape[2:])
    raw = (
        captum()
        .Occlusion(view)
        .attribute(
            picture,
            sliding_window_shapes=(3, height, width),
            strides=(3, down, right),
            baselines=filled(picture, options["fill"], transform_of(view)),
            target=target,
            perturbations_per_eval=at_once(picture),
        )
    )
    return raw.to(picture), None  # Captum puts out single precision


@one_by_one
def _feature_ablation(view: ResNet, picture: Tensor, target: Tensor, options: Options) -> tuple[Tensor, None]:
    raw = (
        captum()
        .FeatureAblation(view)
        .attribute(
            picture,
            feature_mask=regions_of(view, picture, options["superpixels"])[:, None],  # (1, 1, H, W)
            baselines=filled(picture, options["fill"], transform_of(view)),
            target=target,
            perturbations_per_eval=at_once(picture),
        )
    )
    return raw, None


PERTURBATIONS = (
    Method(
        id="occlusion",
        family="perturbation",
        title="Occlusion",
        idea="How much the class's logit falls when a window is slid over the picture "
        "and what lies under it is taken away.",
        paper="Zeiler & Fergus 2014",
        sign="Positive where covering the place lowers the class's logit, negative where it raises it.",
        cannot="It sees only what one window hides: if two parts can each stand in for the other, "
        "both look unimportant. What is put there speaks, too.",
        signed=True,
        completeness=False,
        passes=lambda options: Passes(forward=1 + _positions(options["window"]) ** 2, backward=0),
        at_most=True,
        run=_occlusion,
        to_map=any_channel,
        options=(
            Option(
                "window",
                "Side of the window in percent of the picture's side. It moves by half its side; "
                "a pixel gets the mean of the windows that cover it.",
                default=20,
                low=10,
                high=50,
            ),
            FILL,
        ),
    ),
    Method(
        id="feature_ablation",
        family="perturbation",
        title="Feature ablation",
        idea="How much the class's logit falls when one superpixel, a region of like colour, is taken away.",
        paper="Kokhlikyan et al. 2020",
        sign="Positive where taking the region away lowers the class's logit, negative where it raises it.",
        cannot="Regions are taken away one at a time: what only two of them do together stays hidden. "
        "Larger regions have more to lose.",
        signed=True,
        completeness=False,
        passes=lambda options: Passes(forward=1 + options["superpixels"], backward=0),
        at_most=True,
        run=_feature_ablation,
        to_map=any_channel,
        options=(SUPERPIXELS, FILL),
    ),
)
