"""Which pixels does one unit of a feature map depend on? The theoretical and the measured receptive field."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import torch
from torch import Tensor

from resnet_core.errors import ResNetCoreError, one_of
from resnet_core.exact import exact
from resnet_core.nets.chain import cut, follow
from resnet_core.nets.description import Description
from resnet_core.nets.model import ResNet
from resnet_core.nets.passes import check_batch
from resnet_core.nets.private_view import gradient_free_view
from resnet_core.progress import Progress, counter


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels inside the picture: rows `top` to `bottom` and columns `left` to `right`, ends exclusive.

    `clipped` says that the whole rectangle would be larger: the rest lies in the padding.
    """

    top: int
    left: int
    bottom: int
    right: int
    clipped: bool = False


def receptive_box(description: Description, place: str, row: int, column: int) -> Box:
    """The theoretical receptive field of the unit at (`row`, `column`) of the output of `place`, in pixels.

    `place` is "stem" or a block such as "layer3.0". No pixel outside the box can change the unit, whatever the weights
    are. Raises `ResNetCoreError` for another place, or a position outside its output.
    """
    stages = description.stages
    places = pd.concat([stages[stages["name"] == "stem"], description.blocks]).set_index("name").to_dict("index")
    if place not in places:
        raise one_of("The place", place, places)
    unit = places[place]
    _check_position(place, row, column, unit["output"])
    size = description.input_size
    middles = [unit["start"] + index * unit["jump"] for index in (row, column)]
    reach = (unit["receptive_field"] - 1) / 2  # to either side of the middle
    (top, left), (bottom, right) = ([int(middle + side) for middle in middles] for side in (-reach, reach))
    return Box(
        top=max(top, 0),
        left=max(left, 0),
        bottom=min(bottom + 1, size),
        right=min(right + 1, size),
        clipped=min(top, left) < 0 or max(bottom, right) >= size,
    )


@exact()
def effective_field(
    model: ResNet,
    batch: Tensor,
    place: str,
    row: int,
    column: int,
    *,
    channel: int | None = None,
    progress: Progress | None = None,
) -> Tensor:
    """How strongly one unit of the output of `place` reacts to each pixel of the first picture of `batch`: (H, W).

    The measured counterpart of `receptive_box`: the size of the unit's gradient with respect to the picture, summed
    over the three colours (Luo et al. 2016, "Understanding the effective receptive field"). The unit is one `channel`
    at (`row`, `column`), or the sum of all channels there. Eval mode, on a private view; `progress` counts the stem and
    the blocks, forward and backward. Raises `ResNetCoreError` for another batch, place, position or channel.
    """
    pixels = check_batch(model, batch)[:1]
    with torch.inference_mode(False), torch.enable_grad():
        pixels = pixels.clone().requires_grad_()  # a clone: tensors made in inference mode carry no gradient
        steps, _ = cut(gradient_free_view(model), place)
        advance = counter(progress, 2 * len(steps) + 1)
        maps = follow(steps, pixels, advance)[0]  # (1, C, h, w) -> (C, h, w)
        _check_position(place, row, column, maps.shape)
        if channel is not None and not 0 <= channel < len(maps):
            raise ResNetCoreError(f"The channel is {channel}, but must be from 0 to {len(maps) - 1} at {place}.")
        unit = maps[:, row, column].sum() if channel is None else maps[channel, row, column]
        (gradient,) = torch.autograd.grad(unit, pixels)
        advance()
        return gradient[0].abs().sum(0).cpu()  # (1, 3, H, W) -> (H, W)


def _check_position(place: str, row: int, column: int, output: tuple[int, ...]) -> None:
    """Raise `ResNetCoreError` unless (`row`, `column`) lies in `output` (C, h, w)."""
    _, height, width = output
    if not (0 <= row < height and 0 <= column < width):
        raise ResNetCoreError(
            f"The position is row {row}, column {column}, but the output of {place} has rows 0 to {height - 1} "
            f"and columns 0 to {width - 1}."
        )
