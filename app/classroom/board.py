"""A lesson on the projector: who is there, the votes, the measurement, and the next step for everybody."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app.classroom import here, joining, presence, teacher, votes
from app.classroom.outcomes import all_outcomes, outcome
from app.classroom.records import Class
from app.course import panel
from app.course.lesson import Lesson, Question
from app.course.panel import Place
from app.shared import photo
from app.shared.errors import explained
from app.shared.slides import slide

MEASURED = "class_measured"  # in the session: the class and the step that are to be measured


def synced(room: Class, at: Place) -> Class:
    """The class at the step of the address, where Back in the browser may have led."""
    if not room.step or room.step == at.number:
        return room
    _tell(room, at, at.number)
    return here.store().find(room.code)


def covers(room: Class, at: Place) -> bool:
    """Whether the page waits: for the class to begin, or for the measurement."""
    asked = at.step.question
    waits = asked is not None and not asked.open and room.outcome is None
    return at.page == at.step.folder and (waits or not room.step)


def draw(room: Class, at: Place) -> DeltaGenerator:
    """The panel with the teacher's controls. Returned is its part that is drawn after the page, see `judge`."""
    with st.container(key="lesson_panel"):  # always the same parts: what moves is missed, or pressed by mistake
        panel.head(at.lesson, room.step)
        presence.show(room.code)
        asked = at.step.question
        with st.container(key="lesson_text"):
            if asked is not None and room.outcome is not None:
                st.markdown(f"**{asked.ask}**")
            elif room.step and not covers(room, at):
                panel.text(at.step)
        with st.container(key="lesson_votes"):
            if room.step and asked is not None and room.outcome is None:
                _controls(room, at, asked)
        later = st.container(key="lesson_later")
        if room.step:
            panel.back_and_next(room.step, at.lesson, partial(_move, room, at))
        else:
            _begin(room, at)
        with st.container(horizontal=True, key="lesson_more"):
            with st.popover("Join", icon=":material/qr_code_2:", type="tertiary"):
                joining.card(room.code)
            with st.popover("Photos", type="tertiary"):
                _photos(room)
            with st.popover("End the class", type="tertiary"):
                _end(room, at.lesson)
        if here.phones().takes_photos(room.code):
            st.button(
                "Show the next photo",
                width="stretch",
                key="class_photo",
                disabled=covers(room, at),  # nobody would see it, and the page would open with it
                on_click=_show_next,
                args=(room,),
            )
        if problem := st.session_state.pop("class_photo_problem", ""):
            st.caption(problem)
    return later


def cover(room: Class, at: Place) -> None:
    """In place of the page: how to join, or the question with what is voted."""
    with slide("lesson"), st.container(key="lesson_cover"):
        if not room.step:
            joining.card(room.code, large=True)
            return
        panel.text(at.step)
        asked = at.step.question
        assert asked is not None
        st.markdown(f"#### {asked.ask}")
        st.html(votes.ballots(asked, room, _counts(room, asked)))


def judge(room: Class, at: Place, later: DeltaGenerator) -> None:
    """What was measured and voted, below the step."""
    asked = at.step.question
    if asked is None or room.outcome is None:
        return
    with later:
        st.html(votes.ballots(asked, room, _counts(room, asked)))
        st.info(room.outcome.said, icon=":material/school:")
        st.caption(panel.MEASURED)


def _counts(room: Class, asked: Question) -> dict[int, list[int]]:
    """The votes of each round that is shown, by its number."""
    shown = [each.number for each in room.rounds if each.shown]
    return {each: here.store().counts(room.code, room.step, each, len(asked.guesses)) for each in shown}


def _controls(room: Class, at: Place, asked: Question) -> None:
    """Close the vote and show it, vote again, measure."""
    store, last = here.store(), room.rounds[-1]
    if last.open:
        st.button("Show the votes", width="stretch", on_click=_then(room, store.show))
    else:
        label, both = "Discuss, then vote again", last.number > 1
        st.button(label, width="stretch", disabled=both, on_click=_then(room, store.vote_again))
    wanted = room.code, room.step
    st.button(
        "Measure", type="primary", width="stretch", icon=":material/straighten:", on_click=_measure, args=(wanted,)
    )
    if st.session_state.get(MEASURED) == wanted:  # also in the run after one that was interrupted
        with explained(), st.spinner("Measuring", show_time=True):
            store.reveal(room.code, room.step, outcome(at.step, asked))
            here.phones().changed(room.code)
            st.rerun()


def _measure(wanted: tuple[str, int]) -> None:
    st.session_state[MEASURED] = wanted


def _then(room: Class, act: Callable[[str], None]) -> Callable[[], None]:
    """Do it and tell the phones, in a callback."""

    def done() -> None:
        act(room.code)
        here.phones().changed(room.code)

    return done


def _begin(room: Class, at: Place) -> None:
    """The first step for all, and before it what takes long."""
    row = st.container(horizontal=True, key="lesson_buttons")
    icon = ":material/play_arrow:"
    row.button("Begin", type="primary", icon=icon, key="lesson_next", on_click=_move, args=(room, at, 1))
    if row.button("Measure all now", help="So that nobody waits in class.", key="measure_all"):
        with explained():
            all_outcomes(at.lesson)
        st.toast("All is measured.")


def _move(room: Class, at: Place, by: int) -> None:
    """All go so many steps on, in a callback."""
    number = room.step + by
    _tell(room, at, number)
    panel.go(at.lesson, number, {teacher.ROOM: room.code})


def _tell(room: Class, at: Place, number: int) -> None:
    here.store().go(room.code, number, asks=at.lesson.steps[number - 1].question is not None)
    here.phones().changed(room.code)


def _photos(room: Class) -> None:
    """Whether students may send one."""
    allowed = here.phones().takes_photos(room.code)
    label = "Students may send a photo"
    st.toggle(label, value=allowed, key="class_photos", on_change=_let_photos, args=(room,))
    if allowed:
        st.caption("They are made small, kept in memory only, and seen when you show them.")


def _let_photos(room: Class) -> None:
    """As the switch says, in a callback."""
    here.phones().let_photos(room.code, allowed=st.session_state["class_photos"])


def _show_next(room: Class) -> None:
    """Use the photo that has waited longest, in a callback."""
    content = here.phones().next_photo(room.code)
    try:
        if content is None:
            raise rc.ImageError("No photo waits.")
        photo.give(content, "A student's photo")
    except rc.ResNetCoreError as error:
        st.session_state["class_photo_problem"] = str(error)


def _end(room: Class, lesson: Lesson) -> None:
    """The votes as a file, and the end."""
    st.download_button(
        "Votes (CSV)", votes.csv_of(here.store().table(room.code), lesson), f"votes-{lesson.name}.csv", "text/csv"
    )
    st.button("End and delete", type="primary", key="class_end", on_click=_ended, args=(room,))


def _ended(room: Class) -> None:
    """Delete the class, in a callback."""
    here.store().end(room.code)
    here.phones().changed(room.code)
    panel.go_to_the_list()
