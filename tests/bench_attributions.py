"""How fast the maps and two checks of them are against Captum called directly, method by method.

Every row says how many pictures our side and Captum's took forward through the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from captum import attr, metrics
from torch import Tensor, nn

import resnet_core as rc
from resnet_core.checks._faithfulness import random_squares
from resnet_core.pictures.samples import SAMPLES
from tests.captum_calls import DIRECT, SMALL, TARGET, Case
from tests.side_by_side import Row, fastest, pair, row

GOAL = "at most 1.0x"
RADIUS = 0.02


def photo_of(size: int, model: rc.ResNet) -> Tensor:
    """A photo as `model` wants it, thinned out to (1, 3, size, size)."""
    return rc.preprocess(SAMPLES["cat"].load(), model)[:, :, :: 224 // size, :: 224 // size].contiguous()


def pictures_through(work: Callable[[], object]) -> int:
    """How many pictures `work` takes forward through networks, its own or ours: what their first layers see."""
    seen = 0

    def look(module: nn.Module, inputs: tuple[Tensor, ...], _output: object) -> None:
        nonlocal seen
        if isinstance(module, nn.Conv2d) and module.in_channels == 3:
            seen += len(inputs[0])

    handle = nn.modules.module.register_module_forward_hook(look)
    try:
        work()
    finally:
        handle.remove()
    return seen


def _measured(
    what: str, size: int, against: str, ours: Callable[[], object], reference: Callable[[], object], repeats: int
) -> Row:
    counts = " / ".join(str(pictures_through(side)) for side in (ours, reference))  # and warm up
    few = repeats if size > SMALL else max(1, repeats // 3)
    return row(f"{what} ({size} px, pictures {counts})", against, GOAL, *fastest(ours, reference, few, warm=True))


def sides(method: str, ours: rc.ResNet, theirs: nn.Module) -> tuple[Callable[[], object], Callable[[], object]]:
    """Our call for a method and Captum's."""
    direct = DIRECT[method]
    photo = photo_of(direct.size, ours)
    case = Case(theirs if direct.theirs else ours, photo, ours)
    return lambda: rc.attribute(ours, photo, TARGET, method, **direct.options), lambda: direct.call(case)


def attributions(repeats: int) -> Iterator[Row]:
    networks = pair("resnet18")
    for method in rc.METHODS:
        if method not in DIRECT:
            yield f"attribute, {method}", "no call of Captum's in the table", GOAL, "not measured"
            continue
        direct = DIRECT[method]
        whose = "torchvision's resnet18" if direct.theirs else "our resnet18 (on torchvision's it fails)"
        few = max(1, repeats // 3) if method == "integrated_gradients" else repeats
        yield _measured(f"attribute, {method}", direct.size, f"Captum on {whose}", *sides(method, *networks), few)


def captums_infidelity(case: Case, heat: Tensor, count: int) -> Tensor:
    """Captum's `infidelity` of a map (1, H, W), of `count` squares replaced by the blurred photo."""
    blurred = case.plain("blur")

    def replace(inputs: Tensor) -> tuple[Tensor, Tensor]:
        gone = torch.zeros(len(inputs), *heat.shape[1:], dtype=torch.bool)
        squares = random_squares(heat.shape[1:], len(inputs), seed=0).to_numpy()
        for mask, (top, left, side) in zip(gone, squares, strict=True):
            mask[top : top + side, left : left + side] = True
        return gone[:, None].float().expand_as(inputs), torch.where(gone[:, None], blurred, inputs)

    spread = (heat[:, None] / 3).expand_as(case.photo)  # over the three colours
    return metrics.infidelity(
        case.net,
        replace,
        case.photo,
        spread,
        target=TARGET,
        n_perturb_samples=count,
        max_examples_per_batch=case.few,
        normalize=True,
    )


def captums_sensitivity(case: Case, count: int) -> Tensor:
    """Captum's `sensitivity_max` of saliency, `count` noisy photos one at a time as ours."""

    def explain(inputs: Tensor | tuple[Tensor, ...]) -> Tensor | tuple[Tensor, ...]:
        if isinstance(inputs, tuple):  # the photo itself; Captum then wants a tuple back
            return (explain(inputs[0]),)
        with torch.enable_grad():
            return attr.Saliency(case.net).attribute(inputs.clone().requires_grad_(), target=TARGET).amax(1)

    return metrics.sensitivity_max(
        explain, case.photo, perturb_radius=RADIUS, n_perturb_samples=count, max_examples_per_batch=1
    )


def checks(repeats: int) -> Iterator[Row]:
    ours, theirs = pair("resnet18")
    photo = photo_of(SMALL, ours)
    case = Case(theirs, photo, ours)
    record = rc.attribute(ours, photo, TARGET, "saliency")
    found = rc.trust(ours, photo, record, ("infidelity", "sensitivity"), radius=RADIUS)
    assert found.infidelity is not None, "asked for"
    assert found.sensitivity is not None, "asked for"
    squares, noisy = len(found.infidelity.squares), len(found.sensitivity.values)  # ours stop when they have settled
    yield _measured(
        "trust, infidelity",
        SMALL,
        "Captum's infidelity on torchvision's resnet18",
        lambda: rc.trust(ours, photo, record, "infidelity"),
        lambda: captums_infidelity(case, record.map, squares),
        repeats,
    )
    yield _measured(
        "attribute and trust, sensitivity of saliency",
        SMALL,
        "Captum's sensitivity_max on torchvision's resnet18",
        lambda: rc.trust(ours, photo, rc.attribute(ours, photo, TARGET, "saliency"), "sensitivity", radius=RADIUS),
        lambda: captums_sensitivity(case, noisy),
        repeats,
    )
