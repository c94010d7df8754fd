"""A picture made of equal cells, from which the visitor picks one with mouse, finger or keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.feature_maps.charts.pictures import Picture, base64_of

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
    js="".join((_FOLDER / name).read_text(encoding="utf-8") for name in ("numbers.js", "cells.js")),
)


def cells(
    picture: Picture,
    *,
    alt: str,
    rows: int,
    columns: int,
    count: int,
    chosen: int | None,
    labels: Sequence[str] | NDArray[np.float32],
    key: str,
    on_pick: Callable[[int], None],
) -> None:
    """Show a picture of `rows` x `columns` equal cells, of which the first `count` in reading order are in use.

    A click, a tap, or Enter on the cell that the arrow keys reached calls `on_pick` with its index before the next run.
    Under the picture stands the one of `labels` for the cell under the pointer, or its place and value where these are
    values (H, W); `chosen` is framed.
    """
    words = {"values": base64_of(labels)} if isinstance(labels, np.ndarray) else {"labels": list(labels)}
    _CELLS(
        key=key,
        data={
            "picture": picture.url,
            "width": picture.width,
            "height": picture.height,
            "alt": alt,
            "rows": rows,
            "columns": columns,
            "count": count,
            "chosen": chosen,
            **words,
        },
        height="content",
        on_pick_change=lambda: on_pick(st.session_state[key].pick),
    )
