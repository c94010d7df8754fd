"""What a network answers when blocks are left out, scaled, replaced, repeated or change places.

Veit, Wilber and Belongie (2016), "Residual Networks Behave Like Ensembles of Relatively Shallow Networks".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor

from resnet_core.exact import exact
from resnet_core.lesions._calibration import calibration_parts, check_calibration, recalibrated
from resnet_core.lesions._together import together
from resnet_core.lesions._wiring import Replacement, wire
from resnet_core.nets.model import ResNet
from resnet_core.nets.passes import check_batch
from resnet_core.progress import Progress, counter


@exact()
def lesion(
    model: ResNet,
    batch: Tensor,
    *,
    remove: Iterable[str] = (),
    order: Sequence[str] | None = None,
    scale: float | Mapping[str, float] | None = None,
    replace: Replacement = "zero",
    recalibrate: Tensor | None = None,
    unroll: tuple[int, bool] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Tensor:
    """The logits (N, classes), on the CPU, of `model` in eval mode with its blocks used otherwise; it never changes.

    - remove: names of blocks, or one name. F(x) is left out and not computed: y = relu(shortcut(x)), which at an
      identity is x, since x is never negative; where a stage begins, the shortcut alone is left. A plain block that
      keeps the shape of x is passed over, y = x; one that changes it cannot be removed.
    - replace: what stands for F(x) of removed blocks. "zero": nothing; "mean": the mean of F(x) over the batch;
      "resample": F(x) of another picture of the batch, drawn by `seed`. The last two also work in plain blocks.
    - scale: a factor for F(x) of every block, or of some by name; it multiplies the replacement too.
    - order: names of blocks, which share out their own places in this order. All must come to a place of their stage
      and shape.
    - unroll: (n, scaled) uses the block in the last place n times, each with F(x) / n if scaled (Jastrzebski et al.
      2018, "Residual Connections Encourage Iterative Inference").
    - recalibrate: pictures (M, 3, H, W), at least 2, on which mean and variance of every batch norm are measured again
      in the changed network, for every use of a block by itself. None: as trained.

    `progress` counts uses of blocks. Raises `ResNetCoreError` for a block that is none or cannot go, an order that
    mixes shapes, other values of these options, and a batch of another shape.
    """
    batch = check_batch(model, batch)
    pictures = check_calibration(model, recalibrate)
    wired = wire(model, len(batch), remove=remove, order=order, scale=scale, instead=replace, unroll=unroll, seed=seed)
    passes, network = 1 if pictures is None else 1 + len(calibration_parts(pictures)), together([wired])
    advance = counter(progress, passes * len(wired.uses))
    with torch.no_grad():
        if pictures is not None:
            network = recalibrated(network, pictures, advance)
        return network.answers(batch, advance)[0].cpu()
