"""Streamlit's widgets, bound to the link: each has its name in the address, and shows what `app.shared.link` says."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from app.shared import link
from app.shared.offers import Many, Number, One, Span, Switch, Words

T = TypeVar("T")
FIRST: Any = object()  # the first option is the usual one


class Linked:
    """A place for widgets. `key` is the name in the address; further arguments are Streamlit's."""

    def __init__(self, place: DeltaGenerator | None = None) -> None:
        self._place: Any = place or st

    def selectbox(
        self,
        label: str,
        options: Sequence[T],
        *,
        key: str,
        default: T = FIRST,
        format_func: Callable[[Any], str] = str,
        **look: Any,
    ) -> T:
        offer = One(options, format_func)
        own = link.widget(key, offer, options[0] if default is FIRST else default)
        chosen: T = self._place.selectbox(label, options, format_func=format_func, key=own, **look)
        return chosen

    def segmented_control(
        self,
        label: str,
        options: Sequence[T],
        *,
        key: str,
        default: T = FIRST,
        format_func: Callable[[Any], str] = str,
        **look: Any,
    ) -> T:
        """One is always chosen."""
        usual = options[0] if default is FIRST else default
        own = link.widget(key, One(options, format_func), usual)
        look = {**look, "required": True}
        chosen: T | None = self._place.segmented_control(label, options, format_func=format_func, key=own, **look)
        return usual if chosen is None else chosen

    def radio(self, label: str, options: Sequence[T], *, key: str, **look: Any) -> T | None:
        """None at first."""
        own = link.widget(key, One(options), None)
        chosen: T | None = self._place.radio(label, options, index=None, key=own, **look)
        return chosen

    def pills(
        self,
        label: str,
        options: Sequence[T],
        *,
        key: str,
        default: Sequence[T] = (),
        format_func: Callable[[Any], str] = str,
        **look: Any,
    ) -> list[T]:
        """Any number of them."""
        own = link.widget(key, Many(options, format_func), list(default))
        look = {**look, "selection_mode": "multi"}
        chosen: list[T] = self._place.pills(label, options, format_func=format_func, key=own, **look)
        return chosen

    def multiselect(
        self,
        label: str,
        options: Sequence[T],
        *,
        key: str,
        default: Sequence[T],
        most: int,
        format_func: Callable[[Any], str] = str,
    ) -> list[T]:
        own = link.widget(key, Many(options, format_func, most), list(default))
        chosen: list[T] = self._place.multiselect(label, options, format_func=format_func, max_selections=most, key=own)
        return chosen

    def slider(self, label: str, low: T, high: T, default: T, step: T | None = None, *, key: str, **look: Any) -> T:
        offer: Any = Number(low, high)  # type: ignore[arg-type]
        own = link.widget(key, offer, default)
        chosen: T = self._place.slider(label, low, high, step=step, key=own, **look)
        return chosen

    def span(self, label: str, low: int, high: int, default: tuple[int, int], *, key: str, **look: Any) -> Any:
        """A slider with two ends."""
        own = link.widget(key, Span([Number(low, high)] * 2), default)
        return self._place.slider(label, low, high, key=own, **look)

    def number_input(self, label: str, low: T, high: T, default: T, *, key: str, **look: Any) -> T:
        offer: Any = Number(low, high)  # type: ignore[arg-type]
        own = link.widget(key, offer, default)
        chosen: T = self._place.number_input(label, low, high, key=own, **look)
        return chosen

    def toggle(self, label: str, *, key: str, **look: Any) -> bool:
        own = link.widget(key, Switch(), False)
        chosen: bool = self._place.toggle(label, key=own, **look)
        return chosen

    def expander(self, label: str, *, key: str, **look: Any) -> ExpanderContainer:
        """A part of the page that opens; shut at first. Whether it is open stands in its `open`."""
        own = link.widget(key, Switch(), False)
        found: ExpanderContainer = self._place.expander(label, key=own, on_change="rerun", **look)
        return found

    def text_input(self, label: str, *, key: str, of: Hashable = None, **look: Any) -> str:
        own = link.widget(key, Words(), "", of=of)
        chosen: str | None = self._place.text_input(label, key=own, **look)
        return chosen or ""
