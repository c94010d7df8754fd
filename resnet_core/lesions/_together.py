"""Networks whose blocks are used otherwise, as one tree: the beginning that they share is computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from resnet_core.lesions._wiring import Use, Wired
from resnet_core.nets.model import ResNet


@dataclass(frozen=True, eq=False)
class Step:
    """A use of a block after those above it (None: the stem), the networks that end here, and the next uses."""

    use: Use | None
    ends: list[int] = field(default_factory=list)
    after: list[Step] = field(default_factory=list)

    def uses(self) -> Iterator[Use]:
        """Those here and below."""
        if self.use is not None:
            yield self.use
        for step in self.after:
            yield from step.uses()

    def mapped(self, change: Callable[[Use], Use]) -> Step:
        """The same tree with each use changed."""
        use = None if self.use is None else change(self.use)
        return Step(use, self.ends, [step.mapped(change) for step in self.after])


@dataclass(frozen=True, eq=False)
class Together:
    """A private view of a network, whose stem and head all share, and the tree of the uses of its blocks."""

    view: ResNet
    root: Step

    def answers(self, batch: Tensor, advance: Callable[[], None]) -> Tensor:
        """The logits of `batch` (N, 3, H, W) in each network: (networks, N, classes). `advance` follows every use."""
        found: dict[int, Tensor] = {}
        waiting = [(self.root, self.view.stem(batch))]
        while waiting:
            step, x = waiting.pop()
            if step.use is not None:
                x = step.use(x)
                advance()
            if step.ends:
                found |= dict.fromkeys(step.ends, self.view.head(x))
            waiting += [(after, x) for after in reversed(step.after)]
        return torch.stack([found[number] for number in range(len(found))])


def together(networks: Sequence[Wired]) -> Together:
    """Networks that were made of one."""
    root = Step(None)
    for number, wired in enumerate(networks):
        step = root
        for use in wired.uses:
            same = [after for after in step.after if after.use is not None and after.use.does_as(use)]
            if not same:
                same = [Step(use)]
                step.after.append(same[0])
            step = same[0]
        step.ends.append(number)
    return Together(networks[0].view, root)
