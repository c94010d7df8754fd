"""The link: the address holds what a visitor chose, and the address alone restores it.

A choice belongs to its offer. Another list, or other bounds, make another widget, so that no label and no number of the
old one can stay in the browser; a choice that is no longer offered is replaced by the default.

Only this module writes the address, always as a whole, from what the page shows, so that nothing can get out of step.
In the browser's history a page is one step, see `app.shared.components.steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
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
PAGE = "page"  # the page that an address is for: `steps.js` removes it

within: ContextVar[str] = ContextVar("within", default="")
"""The part of the page that is being drawn, if it can be drawn alone."""


@dataclass(frozen=True)
class ShownWidget:
    """The key of a widget, and the value it was set to."""

    key: str
    value: Any


@dataclass
class Link:
    """The choices of one session, by their names in the address."""

    page: str | None = None  # None before the first
    restoring: bool = False  # after Back or Forward: what the address does not say gets its default
    asked: Parameters = field(default_factory=dict)  # the address as it was read
    settled: set[str] = field(default_factory=set)  # what was drawn or chosen since
    chosen: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)  # words of the address that are not on offer
    usual: Parameters = field(default_factory=dict)  # overrides the defaults of widgets, see `suppose`
    beside: Collection[str] = ()  # names that change nothing that `suppose` set
    told: bool | None = None  # what `as_supposed` said last; None if the page did not ask
    of: dict[str, Hashable] = field(default_factory=dict)  # the subject of a choice
    shown: dict[str, ShownWidget] = field(default_factory=dict)
    offers: dict[str, list[Hashable]] = field(default_factory=dict)  # all offers of a name so far
    changed: set[str] = field(default_factory=set)  # by the visitor, and not reported since
    said: Parameters = field(default_factory=dict)  # the address as it should be
    drawn: dict[str, set[str]] = field(default_factory=dict)  # the names in each part of the page
    steps_known: bool = False  # whether the browser already treats a page as one step
    visits: int = 0  # how many pages were entered


def says(name: str) -> bool:
    """Whether there is a choice under this name, in the address or of this visitor. Before `begin`, too."""
    return name in st.query_params or name in getattr(st.session_state.get("link"), "chosen", {})


def begin(page: str) -> None:
    """A run of the whole page begins; `page` is its name in the address. Choices in a new address count."""
    link: Link = st.session_state.setdefault("link", Link())
    run = get_script_run_ctx()
    back = run is not None and run.is_history_navigation
    if back or link.page != page:
        link.page, link.restoring = page, back
        link.visits += 1
        unread = {} if back else {name: words for name, words in link.asked.items() if name not in link.settled}
        link.said = {name: st.query_params.get_all(name) for name in st.query_params if name != PAGE}
        link.asked = {**unread, **link.said}
        link.settled.clear()
        link.unknown.clear()
        link.shown.clear()  # a widget of the same key on another page is another widget, which begins with its default
    link.drawn.clear()


def finish() -> None:
    """A run of the whole page has ended: choices that it did not show are removed from the address."""
    link: Link = st.session_state["link"]
    shown = _shown(link)
    link.said = {name: words for name, words in link.said.items() if name in shown}
    if link.steps_known or link.said != link.asked:
        _send(link)
    link.steps_known = True


def part(draw: Callable[P, None]) -> Callable[P, None]:
    """A fragment whose choices are in the link: a part of a page that is redrawn alone."""

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
            if link.told not in (None, _as_supposed(link)):  # the rest of the page speaks of it
                st.rerun()

    return st.fragment(alone)


def choice(name: str, offer: Offer, usual: Any, *, of: Hashable = None) -> Any:
    """The choice under this name, without a widget; `usual` if not on offer, or about something else than `of`."""
    link: Link = st.session_state["link"]
    told = name not in link.settled and _read(link, name, offer)
    if not told and link.of.get(name, of) != of:
        link.chosen.pop(name, None)
    link.settled.add(name)
    link.of[name] = of
    if name in link.chosen and not offer.has(link.chosen[name]):
        del link.chosen[name]
    if name in link.usual:
        with suppress(ValueError):
            usual = offer.read(link.usual[name])
    value = link.chosen.get(name, usual)
    _say(link, name, None if value == usual else offer.written(value))
    return value


def widget(name: str, offer: Offer, usual: Any, *, of: Hashable = None) -> tuple[str, Any]:
    """The key of the widget that is about to be drawn, and the choice, to which its session state is set.

    Give the choice to the widget as its default too: a browser that has not loaded the widget's code yet when the next
    run begins forgets what the session state said, shows the default, and reports that as if it had been chosen.
    """
    link: Link = st.session_state["link"]
    key = _key(link, name, offer.identity)
    there = st.session_state.get(key, ABSENT)
    last = link.shown.get(name)
    if last is not None:  # also if another offer replaces it in this run
        told = st.session_state.get(last.key, ABSENT)
        if told is not ABSENT and told != last.value:
            link.chosen[name] = told
            link.changed.add(name)
            link.unknown.pop(name, None)
    if last is not None and last.key != key:
        link.unknown.pop(name, None)  # it was said of another offer
    value = choice(name, offer, usual, of=of)
    if there is ABSENT or there != value or last is None or last.key != key:  # new on the page: tell the browser
        st.session_state[key] = value
    link.shown[name] = ShownWidget(key, value)
    return key, value


def visit() -> int:
    """The number of this visit to a page: another one after the visitor has left the page and come back."""
    link: Link = st.session_state["link"]
    return link.visits


def choose(name: str, value: Any, *, of: Hashable = None) -> None:
    """Choose without the widget: in a callback, or before it is drawn.

    The widget's value from the browser is older in this run: it may even be older than the previous choice.
    """
    link: Link = st.session_state["link"]
    link.settled.add(name)
    link.shown.pop(name, None)
    link.unknown.pop(name, None)
    link.chosen[name] = value
    if of is not None:
        link.of[name] = of


def value(name: str, usual: Any) -> Any:
    """The choice under this name as it was drawn last, `usual` if there is none."""
    link: Link = st.session_state["link"]
    return link.chosen.get(name, usual)


def unknown(name: str) -> str | None:
    """What the address said under this name that is not on offer, until the visitor chooses."""
    link: Link = st.session_state["link"]
    return link.unknown.get(name)


def forget(name: str) -> None:
    """Drop the choice under this name, in a callback or before it is drawn."""
    link: Link = st.session_state["link"]
    link.settled.add(name)
    link.chosen.pop(name, None)


def changed(name: str) -> bool:
    """Whether the visitor has changed the widget of this name, not an address; reported once."""
    link: Link = st.session_state["link"]
    found = name in link.changed
    link.changed.discard(name)
    return found


def suppose(usual: Parameters) -> None:
    """Set the defaults of these names from now on, as an address writes them; those that are dropped become choices."""
    link: Link = st.session_state["link"]
    for name, words in link.usual.items():
        if name not in usual and name in link.settled and name not in link.chosen:
            link.asked[name] = words
            link.settled.discard(name)
    link.usual, link.told = usual, None


def as_supposed(beside: Collection[str]) -> bool:
    """Whether the page shows what `suppose` set: the address says nothing, but for the names `beside`.

    The whole page is drawn again when a part of it changes that.
    """
    link: Link = st.session_state["link"]
    link.beside = beside
    link.told = _as_supposed(link)
    return link.told


def start_over(choices: Mapping[str, Any]) -> None:
    """Forget every choice but these, and draw the next run as a page that was just entered."""
    link: Link = st.session_state["link"]
    link.page, link.asked, link.usual, link.chosen = None, {}, {}, dict(choices)
    for kept in (link.settled, link.shown, link.of, link.changed):
        kept.clear()


def _as_supposed(link: Link) -> bool:
    return link.said.keys() & _shown(link) <= set(link.beside)


def _shown(link: Link) -> set[str]:
    """The names that the page has drawn."""
    return set().union(*link.drawn.values())


def _read(link: Link, name: str, offer: Offer) -> bool:
    """Whether the address decides a name: other choices stay, unless an earlier page is being restored."""
    told = link.restoring or name in link.asked
    if told:
        link.chosen.pop(name, None)
    if name in link.asked:
        try:
            link.chosen[name] = offer.read(link.asked[name])
        except ValueError:  # from somebody else, or from another version
            link.unknown[name] = link.asked[name][-1]
    return told


def _key(link: Link, name: str, identity: Hashable) -> str:
    """One key for each offer of a name, so that the browser keeps nothing of another. There are few."""
    known = link.offers.setdefault(name, [])
    if identity not in known:
        known.append(identity)
    number = known.index(identity)
    return f"{name} {number + 1}" if number else name


def _say(link: Link, name: str, words: list[str] | None) -> None:
    """Set the values of a name in the address, or none; at once if they are new, for what follows may take minutes."""
    link.drawn.setdefault(within.get(), set()).add(name)
    new = link.said.get(name) != words
    link.said.pop(name, None)
    if words is not None:
        link.said[name] = words
    if new and link.steps_known:
        _send(link)


def _send(link: Link) -> None:
    st.query_params.from_dict({**link.said, PAGE: link.page or ""})
