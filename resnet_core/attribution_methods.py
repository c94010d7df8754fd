"""The attribution methods as a table: what people should know about each, and how it runs.

The only file that knows Captum. A new method is one entry in `METHODS` and one small function.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from resnet_core.errors import ResNetCoreError, one_of
from resnet_core.images import Transform
from resnet_core.model import ResNet
from resnet_core.predict import transform_of
from resnet_core.variants import Variant

PIXELS_AT_ONCE = 4 * 224 * 224
PICTURES_AT_ONCE = 32


def captum() -> Any:
    """Captum's methods, imported when first asked for: that takes seconds, which `import resnet_core` must not cost."""
    from captum import attr

    return attr


def at_once(batch: Tensor) -> int:
    """How many pictures of this size go in one pass (4 of 224 x 224): it bounds memory, and more is hardly faster."""
    return max(1, min(PICTURES_AT_ONCE, PIXELS_AT_ONCE // (batch.shape[2] * batch.shape[3])))


class Passes(NamedTuple):
    """What a method costs for each picture, in passes through the network."""

    forward: int
    backward: int


@dataclass(frozen=True)
class Option:
    """A knob of a method: a number from `low` to `high`, or one of the words that `choices` gives for a variant.

    A number is whole if its default is; a default of None means the last of the choices.
    """

    name: str
    help: str
    default: float | str | None = None
    low: float = 0
    high: float = 0
    choices: Callable[[Variant], Sequence[str]] | None = None

    def resolve(self, given: Mapping[str, object], variant: Variant) -> float | str:
        """This option's value in `given`, or its default. Raises `ResNetCoreError` that says what is allowed."""
        if self.choices is not None:
            words = tuple(self.choices(variant))
            word = given.get(self.name, words[-1] if self.default is None else self.default)
            if word not in words:
                raise one_of(f"The option {self.name}", word, words)
            return str(word)
        value = given.get(self.name, self.default)
        whole = isinstance(self.default, int)
        is_number = isinstance(value, Integral if whole else Real) and not isinstance(value, bool)
        number = float(value) if is_number else math.nan  # type: ignore[arg-type]
        if not self.low <= number <= self.high:
            raise ResNetCoreError(
                f"The option {self.name} is {value!r}, but must be a {'whole ' if whole else ''}number "
                f"from {self.low} to {self.high}."
            )
        return int(number) if whole else number


Options = Mapping[str, Any]


@dataclass(frozen=True)
class Method:
    """A way to attribute the logit of a class to pixels.

    `run(view, batch, target, options)` reads (N, 3, H, W) and (N,) and returns `raw` with its completeness error (N,),
    or None without `completeness`. `to_map(raw, (H, W))` makes the map (N, H, W); it can be negative only if `signed`.
    """

    id: str
    title: str
    idea: str
    paper: str
    sign: str
    signed: bool
    completeness: bool
    passes: Callable[[Options], Passes]
    run: Callable[[ResNet, Tensor, Tensor, Options], tuple[Tensor, Tensor | None]]
    to_map: Callable[[Tensor, tuple[int, int]], Tensor]
    options: tuple[Option, ...] = ()

    def resolve(self, given: Mapping[str, object], variant: Variant) -> dict[str, object]:
        """Every option with its value. Raises `ResNetCoreError` for an unknown option or value."""
        names = [option.name for option in self.options]
        for name in given:
            if name not in names:
                raise ResNetCoreError(f"{self.title} has no option {name!r}; it has {', '.join(names) or 'none'}.")
        return {option.name: option.resolve(given, variant) for option in self.options}


def _saliency(view: ResNet, batch: Tensor, target: Tensor, _options: Options) -> tuple[Tensor, None]:
    return captum().Saliency(view).attribute(batch.detach().requires_grad_(), target=target, abs=True), None


def _input_x_gradient(view: ResNet, batch: Tensor, target: Tensor, _options: Options) -> tuple[Tensor, None]:
    return captum().InputXGradient(view).attribute(batch.detach().requires_grad_(), target=target), None


def _integrated_gradients(view: ResNet, batch: Tensor, target: Tensor, options: Options) -> tuple[Tensor, Tensor]:
    baseline = BASELINES[options["baseline"]](transform_of(view)).to(batch).expand_as(batch)
    method = captum().IntegratedGradients(view)
    raw, delta = method.attribute(
        batch,
        baselines=baseline,
        target=target,
        n_steps=options["steps"],
        internal_batch_size=at_once(batch),
        return_convergence_delta=True,
    )
    return raw, delta


def _grad_cam(view: ResNet, batch: Tensor, target: Tensor, options: Options) -> tuple[Tensor, None]:
    layer = view.stages[options["layer"]]
    return captum().LayerGradCam(view, layer).attribute(batch, target=target, relu_attributions=True), None


def _largest_channel(raw: Tensor, _size: tuple[int, int]) -> Tensor:
    return raw.amax(1)  # (N, 3, H, W) -> (N, H, W)


def _sum_of_channels(raw: Tensor, _size: tuple[int, int]) -> Tensor:
    return raw.sum(1)  # (N, 3, H, W) -> (N, H, W)


def _stretched(raw: Tensor, size: tuple[int, int]) -> Tensor:
    return functional.interpolate(raw, size, mode="bilinear", align_corners=False)[:, 0]  # (N, 1, h, w) -> (N, H, W)


def _one_colour(level: int) -> Callable[[Transform], Tensor]:
    """A plain picture of pixel value `level`, as the network reads it: (1, 3, 1, 1)."""
    return lambda transform: transform.normalise(torch.full((1, 3, 1, 1), level, dtype=torch.uint8))


BASELINES: dict[str, Callable[[Transform], Tensor]] = {
    "black": _one_colour(0),
    "mean": lambda _transform: torch.zeros(1, 3, 1, 1),  # the training pictures' mean colour, 0 once normalised
    "white": _one_colour(255),
}

METHODS: dict[str, Method] = {
    method.id: method
    for method in (
        Method(
            id="saliency",
            title="Saliency",
            idea="How strongly the class's logit reacts to a tiny change of each pixel: the gradient's size, "
            "the largest of the three colours.",
            paper="Simonyan et al. 2014",
            sign="Never negative: it says how much the logit reacts, not in which direction.",
            signed=False,
            completeness=False,
            passes=lambda _options: Passes(forward=1, backward=1),
            run=_saliency,
            to_map=_largest_channel,
        ),
        Method(
            id="input_x_gradient",
            title="Input x gradient",
            idea="The gradient times the pixel's distance from the mean colour: what the pixel would add "
            "if the network were linear around this picture.",
            paper="Shrikumar et al. 2016",
            sign="Positive pixels raise the class's logit, negative ones lower it.",
            signed=True,
            completeness=False,  # biases and batch-norm shifts belong to no pixel
            passes=lambda _options: Passes(forward=1, backward=1),
            run=_input_x_gradient,
            to_map=_sum_of_channels,
        ),
        Method(
            id="integrated_gradients",
            title="Integrated gradients",
            idea="The gradient collected all along the way from a plain picture to this one: "
            "the map sums to the difference of the two logits.",
            paper="Sundararajan et al. 2017",
            sign="Positive pixels raise the class's logit above the plain picture's, negative ones lower it.",
            signed=True,
            completeness=True,
            passes=lambda options: Passes(forward=options["steps"] + 2, backward=options["steps"]),
            run=_integrated_gradients,
            to_map=_sum_of_channels,
            options=(
                Option(
                    "steps",
                    "Points on the way (Gauss-Legendre): more cost more and bring the completeness error down.",
                    default=32,
                    low=8,
                    high=256,
                ),
                Option(
                    "baseline",
                    "The plain picture at the start. Black is the paper's; pixels of the baseline's own colour get 0.",
                    default="black",
                    choices=lambda _variant: tuple(BASELINES),
                ),
            ),
        ),
        Method(
            id="grad_cam",
            title="Grad-CAM",
            idea="Where the feature maps that speak for the class are active: a stage's maps, "
            "each weighted by its mean gradient, summed and stretched over the picture.",
            paper="Selvaraju et al. 2017",
            sign="Never negative: the ReLU keeps only places that raise the class's logit.",
            signed=False,
            completeness=False,
            passes=lambda _options: Passes(forward=1, backward=1),  # backward only down to the stage
            run=_grad_cam,
            to_map=_stretched,
            options=(
                Option(
                    "layer",
                    "The stage whose maps are used: late ones know the class but are coarse, early ones the reverse.",
                    choices=lambda variant: tuple(f"layer{stage + 1}" for stage in range(len(variant.blocks))),
                ),
            ),
        ),
    )
}
