"""A network as a chain of layers: the stem, then one block after the other, each reading the output of the one before.

So a pass can stop after any of them and be continued later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from torch import Tensor

from resnet_core.errors import one_of
from resnet_core.nets.model import ResNet

Step = Callable[[Tensor], Tensor]


def cut(model: ResNet, place: str) -> tuple[list[Step], list[Step]]:
    """The steps up to and with `place` ("stem" or a block such as "layer3.0"), and those after it up to the logits.

    Raises `ResNetCoreError` that lists these names for any other.
    """
    chain: dict[str, Step] = {"stem": model.stem}
    for name, stage in model.stages.items():
        chain |= {f"{name}.{position}": block for position, block in enumerate(stage)}
    if place not in chain:
        raise one_of("The place", place, chain)
    behind = list(chain).index(place) + 1
    steps = list(chain.values())
    return steps[:behind], [*steps[behind:], model.head]


def follow(steps: Iterable[Step], x: Tensor, advance: Callable[[], None]) -> Tensor:
    """Run `x` through `steps`; `advance` is called after each one, and once more when a gradient comes back to it."""
    for step in steps:
        x = step(x)
        if x.requires_grad:
            x.register_hook(lambda _gradient: advance())  # type: ignore[no-untyped-call]
        advance()
    return x
