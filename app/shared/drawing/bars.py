"""Probabilities as bars in plain HTML: large, and without the chart library, which the landing page should not load."""

from __future__ import annotations

import html
import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from app.shared.drawing.colours import OUTPUT
from resnet_core.checks.judges import number

UNIT = "\N{NO-BREAK SPACE}%"  # a number stays with its unit
STYLE = """<style>
.bars ol {list-style: none; padding: 0 !important; margin: 0 !important}
.bars li {margin: 0 0 .55rem 0 !important; padding: 0}
.bars .row {display: flex; justify-content: space-between; gap: 1rem; font-size: 1.1rem; line-height: 1.3}
.bars .value {font-variant-numeric: tabular-nums; font-weight: 600; white-space: nowrap}
.bars .track {display: block; height: .8rem; border-radius: .4rem}
.bars .track {background: color-mix(in srgb, currentColor 12%, transparent)}
.bars .fill {height: 100%; border-radius: .4rem; min-width: 2px; background: OUTPUT}
.bars button {all: unset; display: block; width: 100%; cursor: pointer; border-radius: .3rem}
.bars button:hover, .bars button:focus-visible {outline: 2px solid currentColor; outline-offset: 3px}
.bars button[aria-pressed=true] .row > :first-child {font-weight: 700}
</style>""".replace("OUTPUT", OUTPUT)


def probability_bars(prediction: pd.DataFrame) -> str:
    """An ordered list of classes with a bar each, from the rows of `rc.predict`."""
    return _listed([_bar(row) for row in prediction.to_dict("records")])


def buttons(prediction: pd.DataFrame, net: str, chosen: int) -> str:
    """The same, each a button with the number of its class in data-answer, in an element with `net` in data-net."""
    items = [
        f'<button type="button" data-answer="{row["index"]}" aria-pressed="{str(row["index"] == chosen).lower()}" '
        f'title="What mattered for {html.escape(str(row["class"]), quote=True)}?">{_bar(row)}</button>'
        for row in prediction.to_dict("records")
    ]
    return f'<div data-net="{net}">{_listed(items)}</div>'


def _listed(items: Sequence[str]) -> str:
    lines = "".join(f"<li>{item}</li>" for item in items)
    return f'{STYLE}<div class="bars"><ol aria-label="Most probable classes">{lines}</ol></div>'


def _bar(row: Mapping[Hashable, Any]) -> str:
    return (
        f'<span class="row"><span>{html.escape(str(row["class"]))}</span>'
        f'<span class="value">{percent(row["probability"])}</span></span>'
        f'<span class="track" aria-hidden="true">{filled_bar("fill", row["probability"])}</span>'
    )


def filled_bar(name: str, share: float) -> str:
    """The filled part of a bar, with the CSS class `name`; empty for NaN."""
    return (
        f'<span class="{name}" style="display:block;width:{100 * share:.2f}%"></span>' if math.isfinite(share) else ""
    )


def percent(share: float) -> str:
    """A probability in percent; never rounded to 0 % or 100 %."""
    if math.isnan(share):
        return "not a number"
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{100 * share:.1f} %"


def whole(share: float) -> str:
    """A share as a whole number of 100; never rounded to all or nothing: less than 1, 42, more than 99."""
    rounded = round(100 * share)
    if rounded in (0, 100) and rounded != 100 * share:
        return "more than 99" if rounded else "less than 1"
    return f"{rounded}"


def decimals(value: float, digits: int = 2) -> str:
    """A fixed number of digits after the point, with a real minus sign, and none for what rounds to 0."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else f"{'−' * (value < 0)}infinite"
    return number(value, digits)
