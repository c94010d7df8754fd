"""What is left of an answer in words, and what each picture of this page does not prove."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from app.lesions.charts.notes import NOT_NUMBERS
from app.shared.drawing.bars import percent
from app.shared.magnitudes import SUPERSCRIPTS

HOW = "What is left of a block that is out is its shortcut: y = ReLU(shortcut(x))."
HOW_PLAIN = "A plain block has no shortcut, so one that is out is passed over: y = x."
NOT_ONE_PHOTO = (
    "It does not prove that a block is useless: this is one photo, and the other blocks were trained together with it."
)
NOTICE_ONE = "What to notice: which blocks can go, and whether the plain twin can do without any."
NOT_ALL_NETS = (
    "It does not prove that the "
    "shortcut alone is the reason: each net was trained once, and no block learned to do without another."
)
NOTICE_SEVERAL = (
    "What to notice: whether the error climbs step by step or jumps, and how far the draws of one number lie apart."
)
NOT_GRADUAL = (
    "It does not prove that the network is an ensemble: the networks that are left share their weights, and "
    "none was trained alone."
)
NOTICE_SHUFFLED = "What to notice: what a little disorder does to either network, and what much of it does."
NOT_ALIKE = (
    "It does not prove that "
    "the blocks of a stage all do the same: only those of one shape change places, and few orders were drawn."
)
NOTICE_KEPT = "What to notice: how much it matters which blocks are kept, not only how many."
NOT_SMALL = "It does not prove that a network of so few blocks must be bad: none of these was trained alone."
NOT_AN_ENSEMBLE = (
    "It does not prove that the network is an ensemble. That is an analogy: the subnetworks share their weights, were "
    "never trained alone, and do not add up in the forward pass, because of the ReLU."
)
NOT_WORTH = (
    "A low value does not mean that a block does nothing: for this photo, others may do the same. Below 0 it speaks "
    "against the answer here."
)
NOT_LEARNING = (
    "It does not prove that long paths are useless: the paths share weights, their gradients partly cancel, and this "
    "is the trained network's gradient for one photo, not the training."
)
NOT_READ = (
    "It does not prove that earlier blocks know less: the head was trained on the last block alone. Earlier stages "
    "have other channels, so the head cannot read them."
)


def title(network: str, effect: pd.DataFrame, gone: Sequence[str], scale: float) -> str:
    """What became of the first answer, in one line."""
    before, after = effect.iloc[0], _first_now(effect)
    if after is None:
        return NOT_NUMBERS
    if not gone:
        return f"With all its blocks {network} says {before['class']} ({percent(before['probability_before'])})"
    change = f"({percent(before['probability_before'])} → {percent(before['probability_after'])})"
    if after["index"] == before["index"]:
        return f"{changed(gone, scale)} it still says {before['class']} {change}"
    return f"{changed(gone, scale)} it says {after['class']}, not {before['class']} {change}"


def both_title(
    nets: tuple[str, str], effects: tuple[pd.DataFrame | None, pd.DataFrame | None], gone: Sequence[str], scale: float
) -> str:
    """What became of the first answers of two networks, in one line; None for a network that cannot run."""
    kept = [None if effect is None else keeps_answer(effect) for effect in effects]
    how = changed(gone, scale)
    if None in kept:
        unable = kept.index(None)
        other = f"{nets[1 - unable]} {'keeps' if kept[1 - unable] else 'changes'} its answer"
        return f"{how} {other}, {nets[unable]} cannot run"
    if kept[0] == kept[1]:
        both = "both nets keep their answer" if kept[0] else "both nets change their answer"
        return f"{how} {both}"
    return f"{how} {nets[kept.index(True)]} keeps its answer, {nets[kept.index(False)]} does not"


def keeps_answer(effect: pd.DataFrame) -> bool:
    """Whether the first answer is the same as before."""
    after = _first_now(effect)
    return after is not None and bool(after["index"] == effect["index"].iloc[0])


def changed(gone: Sequence[str], scale: float) -> str:
    """What was done to the blocks, to begin a sentence."""
    return f"With {scale:g} F(x) in {_blocks(gone)}" if scale else f"Without {_blocks(gone)}"


def _blocks(gone: Sequence[str]) -> str:
    """One block by its name, more by their number."""
    return gone[0] if len(gone) == 1 else f"{len(gone)} blocks"


def state(network: str, gone: Sequence[str], count: int, scale: float) -> str:
    """Which blocks are changed, as figures under the title."""
    if not gone:
        return f"This photo in {network}. Click one of the {count} blocks to take it out."
    done = "out" if scale == 0 else f"at {scale:g} F(x)"
    return f"This photo in {network}. {len(gone)} of {count} blocks {'is' if len(gone) == 1 else 'are'} {done}."


def card(network: str, effect: pd.DataFrame) -> str:
    """One network's first answer before and after, as the title of its bars."""
    before, after = effect.iloc[0], _first_now(effect)
    if after is None:
        return f"{network}: not a number"
    if after["index"] == before["index"]:
        return f"{network}: {before['class']}"
    return f"{network}: {before['class']} → {after['class']}"


def legend(scale: float) -> tuple[str, str]:
    """What the two bars of a class are."""
    return "all blocks", f"marked at {scale:g} F(x)" if scale else "without the marked"


def sampled(orders: int | None, blocks: int) -> str:
    """Why not all networks were tried; "" where they were."""
    if orders is None:
        return ""
    every = f"2{str(blocks).translate(SUPERSCRIPTS)}"
    return (
        f"{blocks} blocks make {every} subnetworks, too many to try: these were met while the blocks were put back "
        f"in {orders} random orders. Each number of blocks has at most {orders} of them, fewer where there are few."
    )


def _first_now(effect: pd.DataFrame) -> pd.Series | None:
    """The first answer after the change; None if the probabilities are not numbers."""
    values = effect["probability_after"]
    if not all(map(math.isfinite, values)):
        return None
    return effect.iloc[int(values.to_numpy().argmax())]
