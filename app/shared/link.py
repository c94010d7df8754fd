"""The link: what a visitor chose stands in the address, and the address alone brings it back.

A choice belongs to the offer that it was made from. Another list, or other bounds, make another widget, so that no
label and no number of the old one can stay in the browser; what is not offered any more gives way to what is usual.

The address is written here and by nobody else, as a whole, from what the page shows: there is nothing to be in step
with. In the browser's history a page is one step, see `app.shared.components.steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.shared.offers import Offer

P = ParamSpec("P")
Parameters = dict[str, list[str]]
ABSENT = object()
PAGE = "page"  # which page an address is for: `steps.js` takes it off

within: ContextVar[str] = ContextVar("within", default="")
"""The part of the page that is being drawn, if it can be drawn alone."""


@dataclass(frozen=True)
class ShownWidget:
    """A widget by its key, and what it was told to show."""

    key: str
    value: Any


@dataclass
class Link:
    """What one session chose, and where it stands in the address. By name, which is the name in the address."""

    page: str | None = None  # none was drawn yet
    restoring: bool = False  # by Back or Forward: what the address does not say is as usual
    asked: Parameters = field(default_factory=dict)  # the address as it was read
    settled: set[str] = field(default_factory=set)  # what was drawn or chosen since
    chosen: dict[str, Any] = field(default_factory=dict)
    usual: Mapping[str, Any] = field(default_factory=dict)  # instead of what the widgets say, see `suppose`
    of: dict[str, Hashable] = field(default_factory=dict)  # what a choice is about
    shown: dict[str, ShownWidget] = field(default_factory=dict)
    offers: dict[str, list[Hashable]] = field(default_factory=dict)  # that a name has had
    changed: set[str] = field(default_factory=set)  # by the visitor, and not asked for since
    said: Parameters = field(default_factory=dict)  # the address as it has to be
    drawn: dict[str, set[str]] = field(default_factory=dict)  # the names that each part of the page holds
    steps_known: bool = False  # whether the browser has had the time to learn that a page is one step


def begin(page: str) -> None:
    """A run of the whole page begins, by its name in the address: an address that the visitor brought counts."""
    link: Link = st.session_state.setdefault("link", Link())
    run = get_script_run_ctx()
    back = run is not None and run.is_history_navigation
    if back or link.page != page:
        link.page, link.restoring = page, back
        unread = {} if back else {name: words for name, words in link.asked.items() if name not in link.settled}
        link.said = {name: st.query_params.get_all(name) for name in st.query_params if name != PAGE}
        link.asked = {**unread, **link.said}
        link.settled.clear()
    link.drawn.clear()


def finish() -> None:
    """A run of the whole page has ended: what it did not show leaves the address."""
    link: Link = st.session_state["link"]
    shown = set().union(*link.drawn.values())
    link.said = {name: words for name, words in link.said.items() if name in shown}
    if link.steps_known or link.said != link.asked:
        _send(link)
    link.steps_known = True


def part(draw: Callable[P, None]) -> Callable[P, None]:
    """A fragment whose choices stand in the link: a part of a page that is drawn alone when they change."""

    @st.fragment
    @wraps(draw)
    def alone(*args: P.args, **kwargs: P.kwargs) -> None:
        link: Link = st.session_state["link"]
        before = link.drawn.pop(draw.__qualname__, set())
        token = within.set(draw.__qualname__)
        try:
            draw(*args, **kwargs)
        finally:
            within.reset(token)
        for name in before - link.drawn.get(draw.__qualname__, set()):
            link.said.pop(name, None)
        if before:
            _send(link)

    return alone


def choice(name: str, offer: Offer, usual: Any, *, of: Hashable = None) -> Any:
    """What is chosen under this name, `usual` if nothing of the offer is. A choice about something else than `of` ends.

    For what no widget of Streamlit shows; those have `widget`.
    """
    link: Link = st.session_state["link"]
    told = name not in link.settled and _read(link, name, offer)
    if not told and link.of.get(name, of) != of:
        link.chosen.pop(name, None)
    link.settled.add(name)
    link.of[name] = of
    if name in link.chosen and not offer.has(link.chosen[name]):
        del link.chosen[name]
    usual = link.usual.get(name, usual)
    value = link.chosen.get(name, usual)
    _say(link, name, None if value == usual else offer.written(value))
    return value


def widget(name: str, offer: Offer, usual: Any, *, of: Hashable = None) -> str:
    """The key of the widget that is about to be drawn for a choice. Its state is what it has to show."""
    link: Link = st.session_state["link"]
    key = _key(link, name, offer.identity)
    there = st.session_state.get(key, ABSENT)
    last = link.shown.get(name)
    if last is not None and name in link.settled:  # also if another offer takes its place in this very run
        told = st.session_state.get(last.key, ABSENT)
        if told is not ABSENT and told != last.value:
            link.chosen[name] = told
            link.changed.add(name)
    value = choice(name, offer, usual, of=of)
    if there is ABSENT or there != value or last is None or last.key != key:  # new on the page: tell the browser
        st.session_state[key] = value
    link.shown[name] = ShownWidget(key, value)
    return key


def choose(name: str, value: Any, *, of: Hashable = None) -> None:
    """Choose from outside the widget: in a callback, or before it is drawn.

    What the browser says of the widget in this run is older: it may not have heard of the choice before this one yet.
    """
    link: Link = st.session_state["link"]
    link.settled.add(name)
    link.shown.pop(name, None)
    link.chosen[name] = value
    if of is not None:
        link.of[name] = of


def forget(name: str) -> None:
    """Nothing is chosen under this name any more, in a callback or before it is drawn."""
    link: Link = st.session_state["link"]
    link.settled.add(name)
    link.chosen.pop(name, None)


def changed(name: str) -> bool:
    """Whether the visitor has changed the widget of this name, rather than come with an address; told once."""
    link: Link = st.session_state["link"]
    found = name in link.changed
    link.changed.discard(name)
    return found


def suppose(usual: Mapping[str, Any]) -> None:
    """Let these be the usual values of their names from now on; what was supposed before and is not any more stays."""
    link: Link = st.session_state["link"]
    for name, value in link.usual.items():
        if name not in usual and name in link.settled:
            link.chosen.setdefault(name, value)
    link.usual = usual


def as_usual(names: Iterable[str]) -> bool:
    """Whether nothing else than what was supposed is chosen under these names."""
    link: Link = st.session_state["link"]
    return all(link.chosen.get(name, link.usual[name]) == link.usual[name] for name in names)


def _read(link: Link, name: str, offer: Offer) -> bool:
    """Whether the address decides a name: what it does not say stays, unless an earlier page is being restored."""
    told = link.restoring or name in link.asked
    if told:
        link.chosen.pop(name, None)
    if name in link.asked:
        with suppress(ValueError):  # from a stranger, or of another time
            link.chosen[name] = offer.read(link.asked[name])
    return told


def _key(link: Link, name: str, identity: Hashable) -> str:
    """One key for each offer that a name has had: the browser then keeps nothing of another. There are few."""
    known = link.offers.setdefault(name, [])
    if identity not in known:
        known.append(identity)
    number = known.index(identity)
    return f"{name} {number + 1}" if number else name


def _say(link: Link, name: str, words: list[str] | None) -> None:
    """Let the address say this of a name, or nothing; at once if that is new, for what follows may take minutes."""
    link.drawn.setdefault(within.get(), set()).add(name)
    new = link.said.get(name) != words
    link.said.pop(name, None)
    if words is not None:
        link.said[name] = words
    if new and link.steps_known:
        _send(link)


def _send(link: Link) -> None:
    st.query_params.from_dict({**link.said, PAGE: link.page or ""})
