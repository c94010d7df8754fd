"""Which pixels made the network say that? Maps for the logit of one class, by any method of `METHODS`.

Everything runs on a private view of the model: it is not changed, and threads do not disturb each other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from resnet_core.attribution.methods import ABSENT_METHODS, METHODS, Method, Option, Passes
from resnet_core.attribution.methods.method import at_once, captum
from resnet_core.attribution.records import AttributionRecord
from resnet_core.errors import one_of
from resnet_core.exact import exact
from resnet_core.inside.answers import transform_of
from resnet_core.nets.class_numbers import targets_of
from resnet_core.nets.model import ResNet
from resnet_core.nets.passes import check_batch
from resnet_core.nets.private_view import gradient_free_view
from resnet_core.pictures.images import Transform
from resnet_core.pictures.masks import FILLS, filled
from resnet_core.pool.calls import in_order
from resnet_core.pool.interface import Pool
from resnet_core.progress import Progress

__all__ = ["ABSENT_METHODS", "METHODS", "Method", "Option", "Passes", "attribute"]

ROUNDING = 1e-4  # of a pixel in the network's units, where a grey level of 255 is about 0.02


@exact()
def attribute(
    model: ResNet,
    batch: Tensor,
    target: int | Sequence[int] | Tensor | None = None,
    method: str = "integrated_gradients",
    *,
    pool: Pool | None = None,
    progress: Progress | None = None,
    **options: object,
) -> AttributionRecord:
    """How much each pixel of `batch` (N, 3, H, W) mattered to the logit of `target`, in eval mode.

    `target` is one class number, N of them, or None for each picture's predicted class; `options` are those of the
    `method` in `METHODS`. `progress` counts the blocks that pictures pass, forward and backward; if the method
    needs fewer passes than its bound it jumps to the end. Works the same inside `no_grad` and `inference_mode`. On a
    `pool` pictures are computed a few at a time on one thread each, and `progress` counts pictures. Raises
    `ResNetCoreError` for another shape, target, method or option, and as `pool` does.
    """
    if method not in METHODS:
        raise one_of("The method", method, METHODS)
    how = METHODS[method]
    resolved = how.resolve(options, model.variant)
    batch = check_batch(model, batch)
    known = None if target is None else targets_of(target, model.num_classes, len(batch)).to(batch.device)
    if pool is not None:
        return _on_pool(pool, model, batch, known, progress, {"method": method, **options})
    captum()  # before the clock starts: its first import takes seconds
    started = time.perf_counter()
    with torch.inference_mode(False), torch.enable_grad():
        parts = torch.split(batch.clone(), at_once(batch))  # a clone: tensors made in inference mode carry no gradient
        view = gradient_free_view(model)
        finish = _report_passes(view, progress, (sum(how.passes(resolved)) + (known is None)) * len(batch))
        chosen = torch.cat([_predicted(view, part) for part in parts]) if known is None else known.clone()
        results = [
            how.run(view, part, classes, resolved)
            for part, classes in zip(parts, torch.split(chosen, at_once(batch)), strict=True)
        ]
        raw = torch.cat([part.detach() for part, _ in results])
        heat = how.to_map(raw, (batch.shape[2], batch.shape[3])).cpu()
        raw, chosen = raw.cpu(), chosen.cpu()  # waits until a GPU is done
        deltas = [delta.detach().cpu() for _, delta in results if delta is not None]
        delta = torch.cat(deltas) if deltas else None
        nothing = is_own_baseline(batch, resolved, transform_of(model)).cpu()
        if nothing.any():  # else rounding noise would pass for a map
            heat, raw = (torch.where(nothing.view(-1, *[1] * (each.ndim - 1)), 0, each) for each in (heat, raw))
            delta = None if delta is None else torch.where(nothing, 0, delta)
    seconds = time.perf_counter() - started
    finish()
    return AttributionRecord(
        method=method,
        target=chosen,
        map=heat,
        raw=raw,
        signed=how.signed_with(resolved),
        delta=delta,
        seconds=seconds,
        options=resolved,
    )


def _on_pool(
    pool: Pool, model: ResNet, batch: Tensor, known: Tensor | None, progress: Progress | None, how: dict[str, Any]
) -> AttributionRecord:
    """The record of `attribute`, whose parts of the batch are the pieces of work."""
    started = time.perf_counter()
    parts = [part.clone() for part in torch.split(batch, at_once(batch))]  # else each is pickled with its whole batch
    targets = [None] * len(parts) if known is None else [each.clone() for each in torch.split(known, at_once(batch))]
    tasks, sizes = list(zip(parts, targets, strict=True)), [len(part) for part in parts]
    records = in_order(pool, _part, tasks, shared=(model, how), sizes=sizes, progress=progress)
    whole: dict[str, Any] = {
        name: torch.cat([getattr(each, name) for each in records]) for name in ("target", "map", "raw")
    }
    deltas = [each.delta for each in records if each.delta is not None]
    delta = torch.cat(deltas) if deltas else None
    return replace(records[0], **whole, delta=delta, seconds=time.perf_counter() - started)


def _part(
    task: tuple[Tensor, Tensor | None], model: ResNet, how: dict[str, Any], report: Progress
) -> AttributionRecord:
    batch, target = task
    return attribute(model, batch, target, progress=report, **how)


def is_own_baseline(batch: Tensor, options: Mapping[str, object], transform: Transform) -> Tensor:
    """Which pictures of `batch` (N, 3, H, W) are, up to rounding, what `options` compare them with: (N,) bool."""
    found = torch.zeros(len(batch), dtype=torch.bool, device=batch.device)
    for fill in FILLS:
        if fill in options.values():
            found |= ((batch - filled(batch, fill, transform)).abs() < ROUNDING).flatten(1).all(1)
    return found


@torch.no_grad()
def _predicted(view: ResNet, batch: Tensor) -> Tensor:
    """The class with the largest logit of each picture: (N, 3, H, W) -> (N,)."""
    return view(batch).argmax(1)


def _report_passes(view: ResNet, progress: Progress | None, passes: int) -> Callable[[], None]:
    """Make `view` report the blocks that pictures pass, forward and backward; the function returned reports the end.

    `passes` counts each picture of each pass, so that passes of different sizes count as much as they cost.
    """
    if progress is None:
        return lambda: None
    blocks = [block for _, block in view.named_blocks()]
    total = len(blocks) * passes
    done = 0
    caller = threading.get_ident()

    def advance(pictures: int) -> None:
        nonlocal done
        done += pictures
        # a GPU's backward pass runs on a thread of its own, which cannot draw the caller's progress bar
        if done < total and threading.get_ident() == caller:
            progress(done, total)

    def after_block(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        pictures = len(output)
        if output.requires_grad:
            output.register_hook(lambda _gradient: advance(pictures))  # type: ignore[no-untyped-call]
        advance(pictures)

    # after the stem, backward, the next pass begins with the stem: a chance to cancel between the two
    view.register_forward_pre_hook(lambda _module, _inputs: advance(0))
    for block in blocks:
        block.register_forward_hook(after_block)
    return lambda: progress(total, total)
