"""What an edit of the picture does to the answers: bars before and after, in plain HTML, which is fast."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from app.shared.drawing import before_after
from app.shared.drawing.bars import decimals, percent

TOP = 5
NEUTRAL = 0.5  # a fill is neutral if alone it gives the class at most this share of its probability


def answer_bars(effect: pd.DataFrame, what: str, share: float, *, target: int | None = None) -> str:
    """The classes of `rc.edit_effect` under what the edit did: two bars each, probability before and after it.

    Shown are the `TOP` most probable classes before the edit, then the first answer after it and class `target` where
    they are not among them. `what` names what was taken away, such as "the 3 marked superpixels", `share` of the
    picture; the title speaks of `target`, of the first answer before the edit where it is None.
    """
    title = finding(effect, what, share, target=target)
    shown = before_after.shown(effect, TOP, target)
    logits = [_logits(*pair) for pair in zip(shown["logit_before"], shown["logit_after"], strict=True)]
    return before_after.bars(title, shown, ("the whole picture", "the edited picture"), notes=logits)


def finding(effect: pd.DataFrame, what: str, share: float, *, target: int | None = None) -> str:
    """The effect of the edit on class `target`, else on the first answer before it, in one sentence."""
    row = effect.iloc[0] if target is None else effect[effect["index"] == target].iloc[0]
    before, after = row["probability_before"], row["probability_after"]
    if not (math.isfinite(before) and math.isfinite(after)):
        return "These answers are not numbers: on the way to them the network's values became NaN or infinite."
    if share == 0:
        return f"Nothing is taken away yet: {row['class']} has {percent(before)}."
    words = f"Without {what} ({share_words(share)}) {row['class']} {before_after.way(before, after)}"
    first = effect.iloc[int(effect["probability_after"].argmax())]
    if first["index"] == effect.iloc[0]["index"]:
        return f"{words}."
    return f"{words}, and the first answer is now {first['class']} with {percent(first['probability_after'])}."


def fill_words(alone: Mapping[str, float], fill: str, name: str, before: float) -> tuple[str, bool]:
    """The probability of the class `name` for `fill` alone, and whether that leaves room for a fall.

    `alone` holds the probability of the class for each fill alone, by its name; `before` that for the whole picture.
    """
    least = min(alone, key=lambda other: alone[other])
    of_fill, of_photo = percent(alone[fill]), percent(before)
    said = f"With {fill} in place of the whole photo, {name} has {of_fill}; with the photo {of_photo}."
    if not math.isfinite(before) or alone[fill] <= NEUTRAL * before:
        return said, True
    if alone[least] <= NEUTRAL * before:
        better = f"Choose {least}, with which it has {percent(alone[least])}."
        return f"{said} So taking parts away can hardly show what mattered for it. {better}", False
    none = "No filling is neutral here" if fill == least else f"None is neutral here, not even {least}"
    return (
        f"{said} {none}: with no shape left to see, {name} keeps more than half of its probability, so taking "
        "parts away cannot show what mattered for it. Choose another photo or another class.",
        False,
    )


def share_words(share: float) -> str:
    """How much of the picture is removed; never rounded to all or nothing."""
    if share == 1:
        return "the whole picture"
    words = "< 1 %" if share < 0.01 else "> 99 %" if share > 0.99 else f"{100 * share:.0f} %"
    return f"{words} of the picture"


def _logits(before: float, after: float) -> str:
    """Both logits and the change between the printed values, so that the line adds up."""
    if not (math.isfinite(before) and math.isfinite(after)):
        return "its logits are not numbers"
    change = round(after, 2) - round(before, 2)
    return f"logit {decimals(before)} → {decimals(after)} ({'+' if round(change, 2) > 0 else ''}{decimals(change)})"
