"""A page with what guides through it: a lesson that a visitor follows alone, or one that a teacher gives."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.classroom import board, teacher
from app.course import panel


def guided(folder: str, draw_page: Callable[[], None]) -> None:
    """Draw the page in this folder, and the panel of the lesson beside it."""
    panel.turn_the_page()
    at = panel.place(folder)
    room = teacher.taught() if at is not None else None
    if at is None or room is None:
        later = panel.draw(at)
        over = st.empty()  # a cover in it goes at once when the page opens
        if at is not None and at.covered_by is not None:
            with over.container():
                panel.cover(at.step, at.covered_by)
        else:
            draw_page()
        if at is not None:
            panel.judge(at, later)
        return
    teacher.keep(room.code)
    room = board.synced(room, at)
    later = board.draw(room, at)
    over = st.empty()
    if board.covers(room, at):
        with over.container():
            board.cover(room, at)
    else:
        draw_page()
    board.judge(room, at, later)
