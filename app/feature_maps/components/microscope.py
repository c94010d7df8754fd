"""The block microscope: five tensors of one channel on one colour scale, with the numbers under pointer or keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from app.feature_maps.charts.parts import Panel
from app.feature_maps.charts.pictures import base64_of
from app.shared.drawing.colours import DIVERGING, css_gradient

_FOLDER = Path(__file__).parent
_MICROSCOPE = st.components.v2.component(
    "resnet_explorer_microscope",
    html="""<div class="microscope" role="application" tabindex="0">
<div class="panels"></div>
<p class="sentence" aria-live="off"></p>
<div class="legend" role="img"><div class="bar"></div><div class="ends"></div><p class="words"></p></div>
<p class="keys" aria-hidden="true"></p>
</div>""",
    css=(_FOLDER / "microscope.css").read_text(encoding="utf-8"),
    js="".join((_FOLDER / name).read_text(encoding="utf-8") for name in ("numbers.js", "microscope.js")),
)


def microscope(
    panels: Sequence[Panel],
    *,
    name: str,
    way: str,
    limit: float,
    scale_words: str,
    key: str,
    on_step: Callable[[str], None],
) -> None:
    """Show x, F(x), shortcut(x), their sum and y of one channel, in this order, on one scale from -`limit` to `limit`.

    `name` says which block and channel; `way` stands on the arrow that leads x past F(x).

    Pointer, finger and Shift with an arrow key mark the same position in all five panels. The position is one of the
    last panel; in a panel of another size it is the pixel that the stride reads. Plain arrow keys call `on_step`
    before the next run, with "previous-block", "next-block", "previous-channel" or "next-channel". `scale_words` stand
    under the colour scale.
    """
    _MICROSCOPE(
        key=key,
        data={
            "name": name,
            "way": way,
            "panels": [_panel(panel) for panel in panels],
            "limit": limit,
            "stops": [list(stop) for stop in DIVERGING],
            "gradient": css_gradient(DIVERGING),
            "words": scale_words,
        },
        height="content",
        on_step_change=lambda: on_step(st.session_state[key].step),
    )


def _panel(panel: Panel) -> dict[str, object]:
    """A panel as JSON; the values as base64 of little-endian float32 in reading order."""
    words: dict[str, object] = {"title": panel.title, "note": panel.note, "colour": panel.colour}
    if panel.values is None:
        return words
    height, width = panel.values.shape
    return words | {"values": base64_of(panel.values), "rows": height, "columns": width}
