"""Probabilities as bars in plain HTML: large, and without the chart library, which the landing page should not load."""

from __future__ import annotations

import html
import math

import pandas as pd

from app.shared.drawing.colours import OUTPUT
from resnet_core.checks.judges import number

STYLE = """<style>
.bars ol {list-style: none; padding: 0 !important; margin: 0 !important}
.bars li {margin: 0 0 .55rem 0 !important; padding: 0}
.bars .row {display: flex; justify-content: space-between; gap: 1rem; font-size: 1.1rem; line-height: 1.3}
.bars .value {font-variant-numeric: tabular-nums; font-weight: 600; white-space: nowrap}
.bars .track {height: .8rem; border-radius: .4rem; background: color-mix(in srgb, currentColor 12%, transparent)}
.bars .fill {height: 100%; border-radius: .4rem; min-width: 2px; background: OUTPUT}
</style>""".replace("OUTPUT", OUTPUT)


def probability_bars(prediction: pd.DataFrame) -> str:
    """An ordered list of classes with a bar each, from the rows of `rc.predict`."""
    items = [
        f'<li><div class="row"><span>{html.escape(str(row["class"]))}</span>'
        f'<span class="value">{percent(row["probability"])}</span></div>'
        f'<div class="track" aria-hidden="true">{filled_bar("fill", row["probability"])}</div></li>'
        for _, row in prediction.iterrows()
    ]
    return f'{STYLE}<div class="bars"><ol aria-label="Most probable classes">{"".join(items)}</ol></div>'


def filled_bar(name: str, share: float) -> str:
    """The filled part of a bar, with the CSS class `name`; empty for NaN."""
    return f'<div class="{name}" style="width:{100 * share:.2f}%"></div>' if math.isfinite(share) else ""


def percent(share: float) -> str:
    """A probability in percent; never rounded to 0 % or 100 %."""
    if math.isnan(share):
        return "not a number"
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{100 * share:.1f} %"


def decimals(value: float, digits: int = 2) -> str:
    """A fixed number of digits after the point, with a real minus sign, and none for what rounds to 0."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else f"{'−' * (value < 0)}infinite"
    return number(value, digits)
