"""How far to trust one map: a card of checks in plain HTML, each with its number, its verdict and its state."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.shared.drawing.colours import OUTPUT, RESIDUAL, SHORTCUT
from app.shared.drawing.layout import GREY
from app.shared.drawing.svg import INK
from resnet_core.checks.draws import CONFIDENCE
from resnet_core.checks.judges import State


@dataclass(frozen=True)
class Row:
    """One check: what was measured, its number, what that means, and whether it speaks for the map.

    The diagnosis only asks whether the map can be read.
    """

    label: str
    value: str
    verdict: str
    state: State
    is_diagnosis: bool = False


@dataclass(frozen=True)
class Badge:
    """How a state is shown: by a symbol, a word and a colour together."""

    symbol: str
    word: str
    colour: str
    ink: str


BADGES: dict[State, Badge] = {
    "good": Badge("✓", "good", OUTPUT, INK),
    "doubtful": Badge("!", "doubtful", RESIDUAL, INK),
    "undecided": Badge("±", "undecided", f"color-mix(in srgb, {SHORTCUT} 35%, transparent)", "inherit"),
    "unknown": Badge("?", "not known", f"color-mix(in srgb, {GREY} 30%, transparent)", "inherit"),
}
CARD = (
    "border:1px solid color-mix(in srgb, currentColor 25%, transparent);border-radius:.6rem;padding:.7rem .9rem;"
    "font-size:.95rem;line-height:1.35"
)
APART = "border-top:1px solid color-mix(in srgb, currentColor 15%, transparent);margin-top:.55rem;padding-top:.55rem"
ENDS = "display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 .8rem"
NOISE = f"± holds the mean of all draws that could be made, with {CONFIDENCE:.0%} confidence."
UNTRAINED = "This network has learned nothing: no check can make its map believable."


def trust_card(title: str, rows: Sequence[Row], *, trained: bool = True) -> str:
    """The card as HTML with its own styles, in the colours of the page; all text is escaped.

    `trained`: whether the network has learned anything that a map could show.
    """
    head = f'<div style="font-weight:600;font-size:1.05rem">{html.escape(title)}</div>'
    items = "".join(_row(row) for row in rows)
    checks = f'<div role="list">{items}</div>' if rows else ""
    note = f'<div style="{APART};opacity:.8">{NOISE}</div>' if any("±" in row.value for row in rows) else ""
    return (
        f'<div role="group" aria-label="{html.escape(title)}" style="{CARD}">{head}'
        f"<div>{html.escape(summary(rows, trained=trained))}</div>{checks}{note}</div>"
    )


def _row(row: Row) -> str:
    return (
        f'<div role="listitem" style="{APART}"><div style="{ENDS}"><span>{html.escape(row.label)}</span>'
        '<span style="font-weight:600;font-variant-numeric:tabular-nums;white-space:nowrap">'
        f"{html.escape(row.value)}</span></div><div>{badge(row.state)} {html.escape(row.verdict)}</div></div>"
    )


def badge(state: State) -> str:
    """The state as a small label with symbol and word."""
    found = BADGES[state]
    return (
        f'<span style="display:inline-block;background:{found.colour};color:{found.ink};border-radius:.8rem;'
        'padding:0 .55rem;font-size:.85rem;font-weight:600;white-space:nowrap">'
        f'<span aria-hidden="true">{found.symbol}</span> {found.word}</span>'
    )


def summary(rows: Sequence[Row], *, trained: bool = True) -> str:
    """How many checks speak for the map, in one sentence."""
    if not trained:
        return UNTRAINED
    if not rows:
        return "Nothing has been checked yet."
    counts = {state: sum(row.state == state for row in rows) for state in BADGES}
    known = counts["good"] + counts["doubtful"]
    open_ = _open(counts)
    if not known and len(rows) == 1:
        return "Its test is undecided." if counts["undecided"] else "Its test gives no result."
    if not known:
        return f"No verdict yet.{open_}" if counts["undecided"] else f"None of {len(rows)} tests gives a result."
    if all(row.is_diagnosis for row in rows if row.state == "good") and not counts["doubtful"]:
        return f"No verdict on this map yet.{open_}" if open_ else "No check has tested this map yet."
    if not counts["doubtful"]:
        return (f"All {known} tests passed." if known > 1 else "1 test passed.") + open_
    return f"{counts['doubtful']} of {known} tests failed.{open_}"


def _open(counts: Mapping[State, int]) -> str:
    """How many checks have no verdict."""
    undecided, unknown = counts["undecided"], counts["unknown"]
    first = f" {undecided} undecided." if undecided else ""
    return first + (f" {unknown} without a result." if unknown else "")
