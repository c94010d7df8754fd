"""Answers before and after a change: two bars a class, in plain HTML, which is fast."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import pandas as pd

from app.shared.drawing.bars import UNIT, filled_bar, percent
from app.shared.drawing.colours import OUTPUT

HARDLY = 0.005  # a smaller change of a probability hardly counts
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


def bars(title: str, rows: pd.DataFrame, legend: tuple[str, str] | None, *, notes: Sequence[str] = ()) -> str:
    """The classes of `rows` under a title: two bars each, probability_before and probability_after.

    `legend` says what the two are, None where other bars say it already; `notes` stand under the bars of each class.
    """
    title = title.replace(" %", UNIT)
    lines = notes or [""] * len(rows)
    items = "".join(_item(row, line) for (_, row), line in zip(rows.iterrows(), lines, strict=True))
    return (
        f'{STYLE}<div class="answers" role="group" aria-label="{html.escape(title)}"><p>{html.escape(title)}</p>'
        f"{_legend(*legend) if legend else ''}"
        f'<ol aria-label="Classes before and after">{items}</ol></div>'
    )


def _legend(before: str, after: str) -> str:
    return (
        f'<div class="legend" aria-hidden="true"><span class="before">{html.escape(before)}</span>'
        f'<span class="after">{html.escape(after)}</span></div>'
    )


def shown(effect: pd.DataFrame, top: int, target: int | None = None) -> pd.DataFrame:
    """The first `top` rows, then the first answer after the change and class `target` where they are not among them."""
    first = effect.head(top)
    first_now = effect["index"].iloc[int(effect["probability_after"].fillna(0).argmax())]
    more = effect[effect["index"].isin([first_now, target]) & ~effect["index"].isin(first["index"])]
    return pd.concat([first, more])


def way(before: float, after: float) -> str:
    """What became of a probability, after the name of its class."""
    if percent(before) == percent(after):
        return f"stays at {percent(before)}"
    way = "hardly changes," if abs(after - before) < HARDLY else "falls" if after < before else "rises"
    return f"{way} from {percent(before)} to {percent(after)}"


def _item(row: Any, note: str) -> str:
    before, after = row["probability_before"], row["probability_after"]
    under = f'<div class="logit">{html.escape(note)}</div>' if note else ""
    return (
        f'<li><div class="row"><span>{html.escape(str(row["class"]))}</span>'
        f'<span class="value">{percent(before)} → {percent(after)}</span></div>'
        f'<div aria-hidden="true">{_bar("before", before)}{_bar("after", after)}</div>'
        f"{under}</li>"
    )


def _bar(name: str, probability: float) -> str:
    return f'<div class="track">{filled_bar(f"fill {name}", probability)}</div>'
