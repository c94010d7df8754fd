"""The code for this, on the Gradients page: programs that give the numbers of its charts as `table`."""

from __future__ import annotations

from collections.abc import Sequence

import resnet_core as rc
from app.engine.selection import RANDOM, Flow
from app.gradients.networks import on_path
from app.shared.code import JOINED, photo_lines, program, quoted


def flows_code(flows: Sequence[Flow]) -> str:
    """The gradients at every conv of each network, one after the other."""
    return program([*_flow_lines(flows), *JOINED])


def ends_code(flows: Sequence[Flow], column: str) -> str:
    """A column's value at the first conv of each network over that at the last."""
    ends = f"from resnet_core.gradients.ends import end_ratios\ntable = end_ratios(table, {quoted(column)})"
    return program([*_flow_lines(flows), *JOINED, ends])


def losses_code(flows: Sequence[Flow]) -> str:
    """The loss before each step of each network, and the one after the last."""
    return program(
        [
            *_flow_lines(flows),
            "import pandas as pd",
            "table = pd.DataFrame([",
            "    (net, shortcut, seed, step, loss)",
            "    for (net, _, shortcut, seed, *_), measured in zip(nets, tables)",
            '    for step, loss in enumerate(measured.attrs["losses"])',
            '], columns=["net", "shortcut", "seed", "step", "loss"])',
        ]
    )


def shattering_code(flows: Sequence[Flow]) -> str:
    """How similar the input gradients of each network are along a path."""
    nets, names, options = _made_as([*map(on_path, flows)])
    return program(
        [
            _batch_lines(flows[0]),
            *nets,
            "tables = [",
            f"    rc.shattering(name, batch[:2], {options})",
            "    .assign(net=net, shortcut=shortcut, seed=seed)",
            f"    for {names} in nets",
            "]",
            *JOINED,
        ]
    )


def _flow_lines(flows: Sequence[Flow]) -> list[str]:
    """How to get `tables`, one for each of the networks."""
    nets, names, options = _made_as(flows)
    return [
        _batch_lines(flows[0]),
        *nets,
        "tables = [",
        f"    rc.gradient_flow(name, batch, labels, steps={flows[0].steps}, {options})",
        "    .assign(net=net, variant=name, shortcut=shortcut, seed=seed)",
        f"    for {names} in nets",
        "]",
    ]


def _made_as(flows: Sequence[Flow]) -> tuple[list[str], str, str]:
    """The lines of `nets`, what its rows hold, and the options that make each network.

    The networks differ in variant, shortcut, seed and weights alone; a plain one has nothing to be zero-initialised.
    """
    first = flows[0]
    trained = first.weights != RANDOM
    rows = [(f.title, f.variant, f.shortcut, f.seed, *([f.weights] if trained else [])) for f in flows]
    names = ["net", "name", "shortcut", "seed", *(["weights"] if trained else [])]
    options = [f"shortcut=shortcut, seed=seed, norm={quoted(first.how.norm)}, init={quoted(first.how.init)}"]
    if trained:
        options = ["weights=rc.load(name, weights)"]
    if any(flow.how.zero_init_residual for flow in flows):
        options.append('zero_init_residual=shortcut != "none"')
    if not first.double:
        options.append("dtype=torch.float32")
    nets = "".join(f"    {row!r},\n" for row in rows)
    return [*([] if first.double else ["import torch"]), f"nets = [\n{nets}]"], ", ".join(names), ", ".join(options)


def _batch_lines(flow: Flow) -> str:
    """How to get `batch` and `labels`."""
    family = quoted(rc.VARIANTS[flow.variant].family)
    if flow.photo is not None:
        image = photo_lines(flow.photo)
        return (
            f"from resnet_core.gradients.batches import crops_of\n{image}\nbatch, labels = crops_of([image], {family})"
        )
    maker = "noise" if flow.source == "noise" else "sample_crops"
    return f"from resnet_core.gradients.batches import {maker}\nbatch, labels = {maker}({family})"
