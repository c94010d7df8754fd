"""The frame of every chart: alt text, the numbers, the picture, and the code that gives the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.shared import presenter
from app.shared.components.frame import copy_frame
from app.shared.components.save import save
from app.shared.drawing.finished import Finished
from app.shared.drawing.layout import heading

File = bytes | Callable[[], bytes | str]  # bytes, or a function that writes them on demand
MIME = {"PNG": "image/png", "SVG": "image/svg+xml", "NPY": "application/octet-stream"}
ALONE = 560  # pixels of a chart that has the screen of a projector
CONFIG = {"modeBarButtonsToRemove": ["zoomIn2d", "zoomOut2d", "autoScale2d"]}


def chart(figure: go.Figure, *, alt: str, table: pd.DataFrame, code: str, name: str, key: str) -> None:
    """A Plotly chart and under it what can be taken away: its numbers, its picture, its code.

    `name` begins the names of the files; `key` must be unique on the page.
    """
    drawn(figure, alt=alt, key=key)
    with _menu(table, code, name, key):
        save(key, name=name, key=f"{key}_save")


def show(finished: Finished, *, key: str) -> None:
    """A chart that was kept."""
    chart(finished.figure, alt=finished.alt, table=finished.table, code=finished.code, name=finished.name, key=key)


def drawn(figure: go.Figure, *, key: str, alt: str | None = None) -> None:
    """A chart under its title, which is text of the page: one line where there is space for it."""
    st.html(f'<div class="finding">{heading(figure)}</div>')
    if presenter.is_alone():
        figure = go.Figure(figure).update_layout(height=ALONE)
    st.plotly_chart(figure, width="stretch", key=key, config=CONFIG, alt=alt)


def files(*, table: pd.DataFrame, code: str, name: str, key: str, images: Mapping[str, File]) -> None:
    """The same for anything else: `images` holds files by format, one of `MIME`."""
    with _menu(table, code, name, key):
        for kind, content in images.items():
            _download(kind, content, f"{name}.{kind.lower()}", MIME[kind], f"{key}_{kind.lower()}")


@contextmanager
def _menu(table: pd.DataFrame, code: str, name: str, key: str) -> Iterator[None]:
    """A menu of downloads, the numbers and what the caller puts in, and beside it the code."""
    with st.container(horizontal=True, gap="xsmall", key=f"taken_away_{key}"):
        with (
            st.popover("Download", icon=":material/download:", key=f"{key}_downloads"),
            st.container(horizontal=True, gap="xsmall", vertical_alignment="center"),
        ):
            _download("CSV", lambda: table.to_csv(index=False), f"{name}.csv", "text/csv", f"{key}_csv")
            yield
            copy_frame(f"{key}_downloads", title=name)
        with st.popover("The code for this"):
            st.code(code, language="python", wrap_lines=True)


def _download(label: str, content: File, file_name: str, mime: str, key: str) -> None:
    st.download_button(label, content, file_name=file_name, mime=mime, key=key, on_click="ignore")
