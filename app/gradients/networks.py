"""Which networks the Gradients page measures, which it must leave out, and sentences on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import resnet_core as rc
from app.engine.selection import RANDOM, Flow
from app.shared.lists import listed
from resnet_core.gradients.batches import SIZES
from resnet_core.variants import Shortcut
from resnet_core.weights.catalogue import is_cached

CROPS = {
    "sample photos": "crops of the sample photos",
    "your photo": "crops of your photo",
    "noise": "pictures of noise",
}
PRECISIONS = {
    True: "double precision",
    False: "single precision, where the last digits are rounding noise; of deep plain nets, and after SGD steps of "
    "others too, the first ones can be",
}
OTHER_PROCESSOR = (
    " Another kind of processor may round the random weights otherwise. In deep plain networks that can change the "
    "first digit"
)
GROWN = (
    ", after SGD steps in others too, and whether the loss falls; so can single precision. Another seed can then "
    "change the numbers of deep plain networks many times over, and the smaller end may become the larger"
)
INITS = {"kaiming": "Kaiming initialisation", "normal": "weights of std 0.01"}


def trained_weights(variant: str, shortcut: Shortcut) -> rc.Weights | None:
    """The weights that need no download, None if there are none: torchvision's first recipe, which suits all depths."""
    here = [weights for weights in _weights_of(variant, shortcut) if is_cached(weights)]
    return min(here, key=lambda weights: (weights.id != "imagenet", weights.id == "imagenet-v2"), default=None)


def trained(flows: Iterable[Flow]) -> tuple[tuple[Flow, ...], tuple[Flow, ...]]:
    """The networks with trained instead of random weights, each once; and those without any on this machine.

    Options without effect (norm, initialisation, seed) are set to one value, so that equal results are shared.
    """
    found: dict[Flow, None] = {}
    missing: dict[Flow, None] = {}
    for flow in flows:
        weights = trained_weights(flow.variant, flow.shortcut)
        plain = replace(flow, how=rc.Build(shortcut=flow.shortcut), seed=0)
        if weights is None:
            missing[plain] = None
        else:
            found[replace(plain, weights=weights.id)] = None
    return tuple(found), tuple(missing)


def left_out(missing: Sequence[Flow]) -> str:
    """Which networks have no trained weights here and why, and which of their family do; "" if none is missing."""
    if not missing:
        return ""
    offered = [flow.title for flow in missing if _weights_of(flow.variant, flow.shortcut)]
    nowhere = [flow.title for flow in missing if not _weights_of(flow.variant, flow.shortcut)]
    parts = [f"{listed(nowhere)} (no trained weights come with this app)"] if nowhere else []
    if offered:
        parts.append(f"{listed(offered)} (ImageNet weights not downloaded; Predict can do it)")
    return f"Left out: {'; '.join(parts)}. {_here(rc.VARIANTS[missing[0].variant].family)}"


def on_path(flow: Flow) -> Flow:
    """In which precision the likeness of neighbours is measured: the chosen one where single holds too few digits.

    Those are gradients that small weights without norm make ever smaller. Of others single precision gives the same
    first decimal at some times less cost.
    """
    return replace(flow, double=flow.double and flow.how.norm == "none" and flow.how.init == "normal")


def about(flows: Sequence[Flow]) -> str:
    """What is measured and on which pictures, of networks that differ in variant, shortcut, seed and weights alone."""
    first = flows[0]
    side = SIZES[rc.VARIANTS[first.variant].family]
    when = f"after {first.steps} SGD step{'s' * (first.steps > 1)}" if first.steps else "before any SGD step"
    how = f"{when}, in {PRECISIONS[first.double]}"
    pictures = f"Sixteen {CROPS[first.source]}, {side} × {side} pixels"
    if first.weights != RANDOM:
        data = dict.fromkeys(rc.WEIGHTS[flow.variant, flow.weights].data for flow in flows)
        return (
            f"Trained on {listed(list(data))}; measured with batch norm in train mode, {how}. {pictures}. Their "
            "labels are 0 to 9 in turn, not what they show: this is the gradient that would teach a trained network "
            f"something else. {_digits(flows)}"
        )
    made = ["batch norm" if first.how.norm == "batch" else "no norm", INITS[first.how.init]]
    if any(flow.how.zero_init_residual for flow in flows):
        made.append("the last γ of each residual block 0 (plain nets have none)")
    return (
        f"Untrained networks, built now: {', '.join(made)}; measured {how}. {pictures}; their labels, 0 to 9 in turn, "
        f"mean nothing. {_digits(flows)}"
    )


def _digits(flows: Sequence[Flow]) -> str:
    """How reliable the numbers in the titles are."""
    seeds = len({flow.seed for flow in flows})
    if seeds > 1:
        told = f"Titles give the smallest and the largest of {seeds} seeds; others can lie beyond them or do otherwise."
    else:
        other = "another seed" if flows[0].weights == RANDOM else "other pictures"
        told = (
            "Each network was measured once, and titles give orders of magnitude: "
            f"{other} can give the next one or do otherwise."
        )
    plain = any(flow.how.shortcut == "none" for flow in flows)
    if flows[0].weights != RANDOM or not (plain or flows[0].steps):
        return told
    return f"{told}{OTHER_PROCESSOR}{GROWN if flows[0].steps else ''}."


def _here(family: str) -> str:
    variants = [variant for variant in rc.VARIANTS.values() if variant.family == family]
    pairs: list[tuple[str, Shortcut, str]] = []
    for variant in variants:
        pairs += [(variant.name, "none", variant.plain_title), (variant.name, variant.shortcut, variant.title)]
    titles = [title for name, shortcut, title in pairs if trained_weights(name, shortcut) is not None]
    return f"Trained weights are here for {listed(titles)}." if titles else "No other of the family has them here."


def _weights_of(variant: str, shortcut: Shortcut) -> list[rc.Weights]:
    """Those at the end of a training run."""
    final = [weights for weights in rc.WEIGHTS.values() if weights.is_final]
    return [weights for weights in final if (weights.variant, weights.shortcut) == (variant, shortcut)]
