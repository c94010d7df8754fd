"""What an attribution method is: what people should know about it, and how it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from resnet_core.attribution.methods.options import Option
from resnet_core.errors import ResNetCoreError
from resnet_core.inside.answers import transform_of
from resnet_core.nets.model import ResNet
from resnet_core.pictures.masks import Fill, filled
from resnet_core.variants import Variant

PIXELS_AT_ONCE = 4 * 224 * 224
PICTURES_AT_ONCE = 32

Family = Literal["gradient", "path", "rule", "perturbation", "activation"]
Options = Mapping[str, Any]
Run = Callable[[ResNet, Tensor, Tensor, Options], tuple[Tensor, Tensor | None]]


class Passes(NamedTuple):
    """What a method costs for each picture, in passes through the network."""

    forward: int
    backward: int


# the sign of a share of the difference between two logits: what a hole in the picture does is something else
SHARES = (
    "Positive pixels are counted for the class, negative ones against it: together they make up the difference between "
    "the logit and the baseline's. Without such a pixel the logit can do otherwise."
)
# of passes back that are changed: the sign of such a value is not that of what a brighter pixel does to the logit
ON_THE_WAY_BACK = ("negative on the way back", "positive on the way back")


@dataclass(frozen=True)
class Method:
    """A way to attribute the logit of a class to pixels.

    `run(view, batch, target, options)` reads (N, 3, H, W) and (N,) and returns `raw` with its completeness error (N,),
    or None without `completeness`. `on_average`: that error is 0 in the mean over seeds, and of one seed noise.
    `to_map(raw, (H, W))` makes the map (N, H, W); with the default options it can be negative only if `signed`.
    `passes` are exact, or with `at_most` a bound: the picture decides. `cannot` says what the map does not show. `ends`
    are what the least and the largest value mean, with {name} for the class, where "did not matter" and "mattered
    most", or "speaks against" and "speaks for", would be wrong.
    """

    id: str
    family: Family
    title: str
    idea: str
    paper: str
    sign: str
    cannot: str
    signed: bool
    completeness: bool
    passes: Callable[[Options], Passes]
    run: Run
    to_map: Callable[[Tensor, tuple[int, int]], Tensor]
    options: tuple[Option, ...] = ()
    at_most: bool = False
    ends: tuple[str, str] | None = None
    on_average: bool = False

    @property
    def random(self) -> bool:
        """True if the map depends on an option `seed`."""
        return any(option.name == "seed" for option in self.options)

    def signed_with(self, options: Options) -> bool:
        """Whether the map can be negative with these options: a ReLU that is off lets signs through."""
        return self.signed or options.get("relu") == "off"

    def resolve(self, values: Mapping[str, object], variant: Variant) -> dict[str, object]:
        """Every option with its value. Raises `ResNetCoreError` for an unknown option or value."""
        names = [option.name for option in self.options]
        for name in values:
            if name not in names:
                raise ResNetCoreError(f"{self.title} has no option {name!r}; it has {', '.join(names) or 'none'}.")
        return {option.name: option.resolve(values, variant) for option in self.options}


def captum() -> Any:
    """Captum's methods, imported at the first use: that takes seconds, which `import resnet_core` must not cost."""
    from captum import attr

    return attr


def at_once(batch: Tensor) -> int:
    """How many pictures of this size fit in one pass (4 of 224 x 224): it bounds memory, and more is hardly faster."""
    return max(1, min(PICTURES_AT_ONCE, PIXELS_AT_ONCE // (batch.shape[2] * batch.shape[3])))


def one_by_one(run: Run) -> Run:
    """Make a `run` for a batch from one that makes many passes for one picture (1, 3, H, W).

    Every picture then gets the same random numbers, and so the map that it gets alone.
    """

    def run_each(view: ResNet, batch: Tensor, target: Tensor, options: Options) -> tuple[Tensor, Tensor | None]:
        results = [run(view, *one, options) for one in zip(torch.split(batch, 1), torch.split(target, 1), strict=True)]
        deltas = [delta for _, delta in results if delta is not None]
        return torch.cat([raw for raw, _ in results]), torch.cat(deltas) if deltas else None

    return run_each


def gradient(view: ResNet, pictures: Tensor, target: Tensor) -> Tensor:
    """The gradient of the target's logit: (N, 3, H, W), (N,) -> (N, 3, H, W)."""
    leaf = pictures.detach().requires_grad_()
    return captum().Saliency(view).attribute(leaf, target=target, abs=False)


def integrated_gradients(view: ResNet, pictures: Tensor, target: Tensor, fill: Fill, steps: int, **more: object) -> Any:
    """Captum's `IntegratedGradients` from the baselines of `fill`, few points at a time; `more` goes to Captum."""
    return (
        captum()
        .IntegratedGradients(view)
        .attribute(
            pictures,
            baselines=filled(pictures, fill, transform_of(view)),
            target=target,
            n_steps=steps,
            internal_batch_size=at_once(pictures),
            **more,
        )
    )


def logits_of(view: ResNet, pictures: Tensor, target: Tensor) -> Tensor:
    """The logit of one class for many pictures, few at a time: (P, 3, H, W), (1,) -> (P,)."""
    return torch.cat([view(part).index_select(1, target)[:, 0] for part in torch.split(pictures, at_once(pictures))])


def largest_channel(raw: Tensor, _size: tuple[int, int]) -> Tensor:
    """The largest of three colours: (N, 3, H, W) -> (N, H, W)."""
    return raw.amax(1)


def sum_of_channels(raw: Tensor, _size: tuple[int, int]) -> Tensor:
    """All colours together: (N, 3, H, W) -> (N, H, W)."""
    return raw.sum(1)


def any_channel(raw: Tensor, _size: tuple[int, int]) -> Tensor:
    """One of three colours, which hold the same since they were removed together: (N, 3, H, W) -> (N, H, W)."""
    return raw[:, 0]


def stretched(raw: Tensor, size: tuple[int, int]) -> Tensor:
    """The sum over channels, stretched over the picture: (N, C, h, w) -> (N, H, W)."""
    return functional.interpolate(raw.sum(1, keepdim=True), size, mode="bilinear", align_corners=False)[:, 0]
