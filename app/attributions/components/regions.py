"""A photo cut into superpixels, some of which the visitor removes with mouse, finger or keyboard."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypedDict

import streamlit as st

from app.attributions.charts.regions import Outlines
from app.shared.components.buttons import BUTTONS
from app.shared.drawing.heat import data_url

_FOLDER = Path(__file__).parent
_REGIONS = st.components.v2.component(
    "resnet_explorer_regions",
    html="""<div class="regions">
<div class="picture">
<canvas aria-hidden="true"></canvas>
<svg role="application" preserveAspectRatio="none">
<path class="border dark"></path><path class="border light"></path>
<path class="gone light"></path><path class="gone mark"></path>
<g class="parts"></g>
<path class="cursor dark"></path><path class="cursor light"></path>
</svg>
</div>
<p class="line" aria-live="off"></p>
<div class="buttons">
<button type="button" data-change="none">Put everything back</button>
<button type="button" data-change="swap">Swap removed and kept</button>
</div>
</div>""",
    css=BUTTONS + (_FOLDER / "regions.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "regions.js").read_text(encoding="utf-8"),
)


class Answer(TypedDict):
    """The browser's answer: the removed superpixels, of which cut, and a number that grows with each change."""

    cut: str
    turn: int
    ids: list[int]


def regions(
    photo: bytes,
    filled: bytes,
    outlines: Outlines,
    gone: Collection[int],
    *,
    alt: str,
    key: str,
    on_change: Callable[[list[int]], None],
) -> None:
    """Show a photo (PNG) under the borders of its superpixels, those with the numbers `gone` taken away.

    `filled` (PNG, of the same size) shows through removed ones. Click, tap, Space or Enter on a superpixel removes it
    or puts it back, dragging the mouse does so with several; arrow keys go to the neighbour, Escape puts all back.
    Before the next run `on_change` is called with the numbers of the removed ones.
    """

    def told() -> None:
        answer: Answer = st.session_state[key]["gone"]
        if answer["cut"] == outlines.digest:
            on_change(sorted(number for number in answer["ids"] if 0 <= number < len(outlines.paths)))

    shown: Answer = {"cut": outlines.digest, "ids": sorted(gone), "turn": 0}
    shown["turn"] = _turn(shown, key)
    st.session_state[f"{key}_kept"] = shown  # the component's own state is lost on a change of page
    _REGIONS(
        key=key,
        data={
            "photo": data_url(photo),
            "filled": data_url(filled),
            "height": outlines.height,
            "width": outlines.width,
            "paths": list(outlines.paths),
            "sizes": list(outlines.sizes),
            "neighbours": [list(ways) for ways in outlines.neighbours],
            "alt": alt,
            **shown,
        },
        height="content",
        on_gone_change=told,
    )


def _turn(shown: Answer, key: str) -> int:
    """The `turn` of the last state of this cut in browser or page, if it is the same; else one more."""
    told: Answer | None = st.session_state.get(key, {}).get("gone")
    kept: Answer | None = st.session_state.get(f"{key}_kept")
    said = [answer for answer in (told, kept) if answer is not None and answer["cut"] == shown["cut"]]
    last = max(said, key=lambda answer: answer["turn"], default=None)
    if last is not None and sorted(last["ids"]) == shown["ids"]:
        return last["turn"]
    return time.time_ns() // 10**6
