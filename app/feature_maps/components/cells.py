"""A picture made of equal cells, from which the visitor picks one with mouse, finger or keyboard."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from app.shared.drawing.heat import data_url

_FOLDER = Path(__file__).parent
_CELLS = st.components.v2.component(
    "resnet_explorer_cells",
    html="""<div class="cells">
<div class="picture">
<img alt="" draggable="false">
<div class="grid" role="grid" tabindex="0" aria-activedescendant="cursor">
<div class="frame chosen" aria-hidden="true" hidden></div>
<div role="row"><div class="frame cursor" id="cursor" role="gridcell"></div></div>
</div>
</div>
<p class="line" aria-live="off"></p>
</div>""",
    css=(_FOLDER / "cells.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "cells.js").read_text(encoding="utf-8"),
)


def cells(
    png: bytes,
    *,
    alt: str,
    rows: int,
    columns: int,
    count: int,
    chosen: int | None,
    labels: Sequence[str],
    key: str,
    on_pick: Callable[[int], None],
) -> None:
    """Show a PNG divided into `rows` x `columns` equal cells, of which the first `count` in reading order are in use.

    A click, a tap, or Enter on the cell that the arrow keys reached calls `on_pick` with its index before the next run.
    Under the picture stands the one of `labels` for the cell under the pointer; `chosen` is framed.
    """
    width, height = struct.unpack(">II", png[16:24])  # from the file, to reserve the space until it is decoded
    _CELLS(
        key=key,
        data={
            "png": data_url(png),
            "width": width,
            "height": height,
            "alt": alt,
            "rows": rows,
            "columns": columns,
            "count": count,
            "chosen": chosen,
            "labels": list(labels),
        },
        height="content",
        on_pick_change=lambda: on_pick(st.session_state[key].pick),
    )
