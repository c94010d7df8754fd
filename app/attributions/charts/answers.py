"""What an edit of the picture does to the answers: bars before and after, in plain HTML, which is fast."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from app.shared.drawing.bars import decimals, filled_bar, percent
from app.shared.drawing.colours import OUTPUT

TOP = 5
HARDLY = 0.005  # a smaller change of a probability hardly counts
NEUTRAL = 0.5  # a fill is neutral if alone it gives the class at most this share of its probability
STYLE = """<style>
.answers p {margin: 0 0 .3rem 0 !important; font-size: 1.15rem; font-weight: 600; line-height: 1.35}
.answers .legend {display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 0 0 .7rem 0; font-size: .9rem}
.answers .legend span::before {content: ""; display: inline-block; width: 1.6rem; height: .6rem; margin-right: .4rem;
  border-radius: .3rem; background: var(--bar)}
.answers ol {list-style: none; padding: 0 !important; margin: 0 !important}
.answers li {margin: 0 0 .7rem 0 !important; padding: 0}
.answers .row {display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; font-size: 1.1rem;
  line-height: 1.3}
.answers .value, .answers .logit {font-variant-numeric: tabular-nums; white-space: nowrap}
.answers .value {font-weight: 600}
.answers .logit {font-size: .9rem; line-height: 1.4}
.answers .track {height: .6rem; margin-bottom: 2px; border-radius: .3rem;
  background: color-mix(in srgb, currentColor 12%, transparent)}
.answers .fill {height: 100%; border-radius: .3rem; min-width: 2px; background: var(--bar)}
.answers .before {--bar: color-mix(in srgb, currentColor 50%, transparent)}
.answers .after {--bar: OUTPUT}
</style>""".replace("OUTPUT", OUTPUT)


def answer_bars(effect: pd.DataFrame, what: str, share: float, *, target: int | None = None) -> str:
    """The classes of `rc.edit_effect` under what the edit did: two bars each, probability before and after it.

    Shown are the `TOP` most probable classes before the edit, then the first answer after it and class `target` where
    they are not among them. `what` names what was taken away, such as "the 3 marked superpixels", `share` of the
    picture; the title speaks of `target`, of the first answer before the edit where it is None.
    """
    title = finding(effect, what, share, target=target).replace(" %", "\N{NO-BREAK SPACE}%")
    items = "".join(_item(row) for _, row in _shown(effect, target).iterrows())
    return (
        f'{STYLE}<div class="answers" role="group" aria-label="{html.escape(title)}"><p>{html.escape(title)}</p>'
        '<div class="legend" aria-hidden="true"><span class="before">the whole picture</span>'
        '<span class="after">the edited picture</span></div>'
        f'<ol aria-label="Classes before and after">{items}</ol></div>'
    )


def finding(effect: pd.DataFrame, what: str, share: float, *, target: int | None = None) -> str:
    """The effect of the edit on class `target`, else on the first answer before it, in one sentence."""
    row = effect.iloc[0] if target is None else effect[effect["index"] == target].iloc[0]
    before, after = row["probability_before"], row["probability_after"]
    if not (math.isfinite(before) and math.isfinite(after)):
        return "These answers are not numbers: on the way to them the network's values became NaN or infinite."
    if share == 0:
        return f"Nothing is taken away yet: {row['class']} has {percent(before)}."
    words = f"Without {what} ({share_words(share)}) {row['class']} {_way(before, after)}"
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


def _shown(effect: pd.DataFrame, target: int | None) -> pd.DataFrame:
    top = effect.head(TOP)
    first_now = effect["index"].iloc[int(effect["probability_after"].fillna(0).argmax())]
    more = effect[effect["index"].isin([first_now, target]) & ~effect["index"].isin(top["index"])]
    return pd.concat([top, more])


def _way(before: float, after: float) -> str:
    if percent(before) == percent(after):
        return f"stays at {percent(before)}"
    way = "hardly changes," if abs(after - before) < HARDLY else "falls" if after < before else "rises"
    return f"{way} from {percent(before)} to {percent(after)}"


def share_words(share: float) -> str:
    """How much of the picture is removed; never rounded to all or nothing."""
    if share == 1:
        return "the whole picture"
    words = "< 1 %" if share < 0.01 else "> 99 %" if share > 0.99 else f"{100 * share:.0f} %"
    return f"{words} of the picture"


def _item(row: Any) -> str:
    before, after = row["probability_before"], row["probability_after"]
    return (
        f'<li><div class="row"><span>{html.escape(str(row["class"]))}</span>'
        f'<span class="value">{percent(before)} → {percent(after)}</span></div>'
        f'<div aria-hidden="true">{_bar("before", before)}{_bar("after", after)}</div>'
        f'<div class="logit">{_logits(row["logit_before"], row["logit_after"])}</div>'
        "</li>"
    )


def _bar(name: str, probability: float) -> str:
    return f'<div class="track">{filled_bar(f"fill {name}", probability)}</div>'


def _logits(before: float, after: float) -> str:
    """Both logits and the change between the printed values, so that the line adds up."""
    if not (math.isfinite(before) and math.isfinite(after)):
        return "its logits are not numbers"
    change = round(after, 2) - round(before, 2)
    return f"logit {decimals(before)} → {decimals(after)} ({'+' if round(change, 2) > 0 else ''}{decimals(change)})"
