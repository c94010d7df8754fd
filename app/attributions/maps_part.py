"""The maps: each with its verdict, the checks under them, and in detail what the checks found."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

import resnet_core as rc
from app.attributions import cards, computed, controls, words
from app.attributions.cards import Places, ShownMap
from app.attributions.checks import drawn_of, games, games_of, matrix_of
from app.attributions.film import cascades, cascades_of
from app.attributions.options import chosen_options, method_options
from app.attributions.question import Question
from app.attributions.second import compared, usable
from app.engine import compute
from app.engine.selection import Subject
from app.shared import input_view, sentences, slides
from app.shared.errors import explained
from app.shared.linked import Linked
from app.shared.verdict import heading

NO_METHOD = "Choose at least one method."
GRID = {1: 3, 4: 3}  # columns for so many methods, else one for the photo and one a method


def maps_and_checks(question: Question) -> None:
    """The maps with their cards, the checks, and what these found."""
    if not question.methods:
        st.info(NO_METHOD, icon=":material/stacks:")
        return
    with slides.slide("maps"):
        checks = controls.checks()
        with slides.whole_on_screen("maps"):
            if question.other is None:
                shown = in_one_network(question, checks)
            else:
                shown = in_two_networks(question, question.other, checks)
    in_detail(question, shown)


def in_detail(question: Question, shown: Sequence[ShownMap]) -> None:
    """The figures of the checks that have one; of two the open one."""
    figures = {
        "Cascade": (bool(cascades_of(shown)), partial(cascades, question.subject, shown, question.overlay)),
        "Deletion and insertion": (games_of(shown) is not None, partial(games, question.subject, shown)),
    }
    measured = {name: draw for name, (is_there, draw) in figures.items() if is_there}
    if len(measured) > 1:
        chosen, tab = Linked().tabs(list(measured), key="check_figure")
        with tab:
            measured[chosen]()
    else:
        for draw in measured.values():
            draw()


def maps_without_checks(question: Question) -> list[ShownMap]:
    """The maps of the first network, where they are not drawn; of a method that fails, the reason."""
    found = []
    for method in question.methods:
        with explained():
            options = chosen_options(question.subject.net, method)
            found.append(cards.shown_map(question.subject, method, options, question.overlay))
    return found


def second_map(question: Question, other: Subject, method: str, first: ShownMap) -> ShownMap | None:
    """The map of the second network with the quick checks; None if it cannot be computed, with the reason."""
    with explained():
        options = usable(first.options, method, question.subject.net, other.net)
        return cards.checked(cards.shown_map(other, method, options, question.overlay), ())
    return None


def in_one_network(question: Question, checks: Sequence[str]) -> list[ShownMap]:
    """The photo, and the methods side by side."""
    methods = question.methods
    columns = GRID.get(len(methods), 1 + len(methods))
    places = [
        place.container(gap="xsmall")
        for start in range(0, 1 + len(methods), columns)
        for place in st.columns(columns, gap="small")
    ]
    with places[0].container(gap="xsmall", key="photo_beside_maps"):
        heading("The photo")
        the_photo(question.subject)
    drawn: list[tuple[Places, ShownMap]] = []
    for place, method in zip(places[1:], methods, strict=False):
        with place, explained():
            heading(rc.METHODS[method].title)
            own = Places.here()
            options = method_options(question.subject.net, method)
            with own.picture:
                shown = cards.shown_map(question.subject, method, options, question.overlay)
            own.draw_map(shown, question.overlay)
            drawn.append((own, shown))
    found = []
    for own, shown in drawn:
        with own.card, explained():
            found.append(own.draw_verdict(shown, checks))
    if len(found) > 1:
        matrix, by = matrix_of(found), drawn_of(found)
        st.markdown(f"{words.finding(matrix, by)}.")
    return found


def in_two_networks(question: Question, other: Subject, checks: Sequence[str]) -> list[ShownMap]:
    """A row for each method: the photo or nothing, the map of the first network, and that of the second."""
    found = []
    for number, method in enumerate(question.methods):
        left, middle, right = (place.container(gap="xsmall") for place in st.columns(3, gap="small"))
        with left, explained():
            heading(rc.METHODS[method].title)
            if number == 0:
                the_photo(question.subject)
            options = method_options(question.subject.net, method)
            said = st.container()
        with middle, explained():
            heading(question.subject.net.label)
            first = cards.shown_map(question.subject, method, options, question.overlay)
            own = Places.here()
            own.draw_map(first, question.overlay)
            found.append(own.draw_verdict(first, checks))
            with right:
                heading(other.net.label)
                second = second_map(question, other, method, first)
                if second is not None:
                    beside = Places.here()
                    beside.draw_map(second, question.overlay)
                    beside.draw_verdict(second, ())
            with said:
                compared(first, second)
    return found


def the_photo(subject: Subject) -> None:
    """What the network sees, and where it comes from."""
    view, photo = compute.view(subject.net, subject.photo), subject.photo
    st.image(
        computed.seen(subject.net, subject.photo),
        width="stretch",
        output_format="PNG",
        alt=input_view.view_alt(subject.net, subject.photo),
    )
    st.caption(f"{sentences.plain(photo.title)}, {view.width} × {view.height} pixels. {photo.credit}")
