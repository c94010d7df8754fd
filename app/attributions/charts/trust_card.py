"""How far to trust one map: a card of checks in plain HTML, each with its number, its verdict and its state."""

from __future__ import annotations

import html
import re
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

    The diagnosis only asks whether the map can be read. `limit` says which numbers pass; a check that does not apply to
    the method is not counted.
    """

    label: str
    value: str
    verdict: str
    state: State
    is_diagnosis: bool = False
    limit: str = ""
    applies: bool = True


@dataclass(frozen=True)
class About:
    """What stands folded at the end of a card: checks that say little, paragraphs with their first words in bold."""

    title: str
    paragraphs: Sequence[tuple[str, str]]
    rows: Sequence[Row] = ()


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
    "border:1px solid color-mix(in srgb, currentColor 25%, transparent);border-radius:.6rem;padding:.5rem .7rem;"
    "font-size:.95rem;line-height:1.35"
)
APART = "border-top:1px solid color-mix(in srgb, currentColor 15%, transparent);margin-top:.55rem;padding-top:.55rem"
ENDS = (
    "display:inline-flex;width:calc(100% - 1.1rem);vertical-align:top;flex-wrap:wrap;justify-content:space-between;"
    "gap:0 .8rem"
)
NOISE = f"± holds the mean of all draws that could be made, with {100 * CONFIDENCE:.0f}\N{NO-BREAK SPACE}% confidence."
UNTRAINED = "Random weights: nothing was learned"


def headline(rows: Sequence[Row], *, trained: bool = True) -> str:
    """The verdict in one line, as HTML."""
    return f'<div style="font-weight:600;line-height:1.3">{html.escape(summary(rows, trained=trained))}</div>'


def trust_card(title: str, rows: Sequence[Row], *, note: str = "", about: About | None = None) -> str:
    """The card as HTML with its own styles, in the colours of the page; all text is escaped.

    A line for each check, which opens to its sentence; `note` stands above them, `about` below.
    """
    parts = [f"<div>{html.escape(note)}</div>"] if note else []
    if rows:
        parts.append(f'<div role="list">{_parted([_row(row) for row in rows])}</div>')
    noise = NOISE if any("±" in row.value for row in rows) else ""
    if about is not None:
        parts.append(_folded(about, noise))
    elif noise:
        parts.append(f"<div>{noise}</div>")
    return f'<div role="group" aria-label="{html.escape(title)}" style="{CARD}">{_parted(parts)}</div>'


def _parted(parts: Sequence[str]) -> str:
    """The parts with a line between them."""
    return "".join(part if number == 0 else f'<div style="{APART}">{part}</div>' for number, part in enumerate(parts))


def opened(card: str) -> str:
    """The card with everything unfolded, for paper."""
    return card.replace("<details", '<details open=""')


def one_percent(text: str) -> str:
    """The text with a percent sign as the app writes it, apart from its number."""
    return re.sub(r"(?<=\d)%", "\N{NO-BREAK SPACE}%", text)


def _row(row: Row) -> str:
    limit = f", {html.escape(one_percent(row.limit))}" if row.limit else ""
    return (
        f'<div role="listitem"><details><summary style="cursor:pointer"><span style="{ENDS}">'
        f"<span>{html.escape(row.label)}</span>{badge(row.state)}"
        '<span><span style="font-weight:600;font-variant-numeric:tabular-nums;white-space:nowrap">'
        f"{html.escape(one_percent(row.value))}</span>{limit}</span></span></summary>"
        f"<div>{html.escape(one_percent(row.verdict))}</div></details></div>"
    )


def _folded(about: About, noise: str) -> str:
    lines = "".join(
        f'<div style="margin-top:.4rem"><span style="font-weight:600">{html.escape(first)}</span> {html.escape(rest)}'
        "</div>"
        for first, rest in about.paragraphs
    )
    said = f'<div style="margin-top:.4rem">{noise}</div>' if noise else ""
    rows = f'<div role="list" style="margin-top:.4rem">{"".join(map(_row, about.rows))}</div>' if about.rows else ""
    title = f'<summary style="cursor:pointer">{html.escape(about.title)}</summary>'
    return f'<details class="page_only">{title}{rows}{lines}{said}</details>'


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
    rows = [row for row in rows if row.applies and not (row.is_diagnosis and row.state == "good")]  # no test of the map
    counts = {state: sum(row.state == state for row in rows) for state in BADGES}
    known = counts["good"] + counts["doubtful"]
    open_ = _open(counts)
    if not rows:
        return "Not tested yet."
    if not known and len(rows) == 1:
        return "Its test is undecided." if counts["undecided"] else "Its test gives no result."
    if not known:
        return f"No verdict yet.{open_}" if counts["undecided"] else f"None of {len(rows)} tests gives a result."
    if not counts["doubtful"]:
        passed = {1: "1 test passed.", 2: "Both tests passed."}.get(known, f"All {known} tests passed.")
        return f"{passed}{open_}"
    return f"{counts['doubtful']} of {known} tests failed.{open_}"


def _open(counts: Mapping[State, int]) -> str:
    """How many checks have no verdict."""
    undecided, unknown = counts["undecided"], counts["unknown"]
    first = f" {undecided} undecided." if undecided else ""
    return first + (f" {unknown} without a result." if unknown else "")
