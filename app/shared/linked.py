"""Streamlit's widgets, bound to the link: each has a name in the address and shows the choice of `app.shared.link`."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from app.shared import link
from app.shared.offers import FreeText, Many, Number, One, Span, Switch

T = TypeVar("T")
FIRST: Any = object()  # the first option is the default


class Linked:
    """A container for widgets. `key` is the name in the address; further arguments are Streamlit's."""

    def __init__(self, parent: DeltaGenerator | None = None) -> None:
        self._parent: Any = parent or st

    def selectbox(
        self,
        label: str,
        options: Sequence[T],
        *,
        key: str,
        default: T = FIRST,
        format_func: Callable[[Any], str] = str,
        **more: Any,
    ) -> T:
        offer = One(options, format_func)
        own, value = link.widget(key, offer, options[0] if default is FIRST else default)
        more = {**more, "index": list(options).index(value)}
        chosen: T = self._parent.selectbox(label, options, format_func=format_func, key=own, **more)
        return chosen

    def segmented_control(
        self,
        label: str,
        options: Sequence[T],
        *,
        key: str,
        default: T = FIRST,
        format_func: Callable[[Any], str] = str,
        **more: Any,
    ) -> T:
        """One is always chosen."""
        usual = options[0] if default is FIRST else default
        own, value = link.widget(key, One(options, format_func), usual)
        more = {**more, "required": True, "default": value}
        chosen: T | None = self._parent.segmented_control(label, options, format_func=format_func, key=own, **more)
        return usual if chosen is None else chosen

    def pills(
        self,
        label: str,
        options: Sequence[T],
        *,
        key: str,
        default: Sequence[T] = (),
        format_func: Callable[[Any], str] = str,
        **more: Any,
    ) -> list[T]:
        """Any number of them."""
        own, value = link.widget(key, Many(options, format_func), list(default))
        more = {**more, "selection_mode": "multi", "default": value}
        chosen: list[T] = self._parent.pills(label, options, format_func=format_func, key=own, **more)
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
        own, value = link.widget(key, Many(options, format_func, most), list(default))
        chosen: list[T] = self._parent.multiselect(
            label, options, value, format_func=format_func, max_selections=most, key=own
        )
        return chosen

    def slider(self, label: str, low: T, high: T, default: T, step: T | None = None, *, key: str, **more: Any) -> T:
        offer: Any = Number(low, high)  # type: ignore[arg-type]
        own, value = link.widget(key, offer, default)
        chosen: T = self._parent.slider(label, low, high, value, step=step, key=own, **more)
        return chosen

    def span(self, label: str, low: int, high: int, default: tuple[int, int], *, key: str, **more: Any) -> Any:
        """A slider with two ends."""
        own, value = link.widget(key, Span([Number(low, high)] * 2), default)
        return self._parent.slider(label, low, high, value, key=own, **more)

    def number_input(self, label: str, low: T, high: T, default: T, *, key: str, **more: Any) -> T:
        offer: Any = Number(low, high)  # type: ignore[arg-type]
        own, value = link.widget(key, offer, default)
        chosen: T = self._parent.number_input(label, low, high, value, key=own, **more)
        return chosen

    def toggle(self, label: str, *, key: str, **more: Any) -> bool:
        own, value = link.widget(key, Switch(), False)
        chosen: bool = self._parent.toggle(label, value, key=own, **more)
        return chosen

    def expander(self, label: str, *, key: str, **more: Any) -> ExpanderContainer:
        """A part of the page that opens; closed at first. Its `open` says whether it is open."""
        own, _ = link.widget(key, Switch(), False)  # a default would be part of its identity
        found: ExpanderContainer = self._parent.expander(label, key=own, on_change="rerun", **more)
        return found

    def popover(self, label: str, *, key: str, **more: Any) -> DeltaGenerator:
        """A part of the page that opens over it; nothing of it is in the link."""
        found: DeltaGenerator = self._parent.popover(label, key=key, **more)
        return found

    def tabs(self, labels: Sequence[str], *, key: str) -> tuple[str, DeltaGenerator]:
        """Parts of a page of which one is open, at first the first: its label, and the container to fill.

        The others stay empty: draw, and compute, the open one only.
        """
        own, _ = link.widget(key, One(labels), labels[0])  # a default would be part of its identity
        found = self._parent.tabs(list(labels), key=own, on_change="rerun")
        chosen = next((label for label, tab in zip(labels, found, strict=True) if tab.open), labels[0])
        return chosen, found[labels.index(chosen)]

    def text_input(self, label: str, *, key: str, of: Hashable = None, **more: Any) -> str:
        own, value = link.widget(key, FreeText(), "", of=of)
        chosen: str | None = self._parent.text_input(label, value, key=own, **more)
        return chosen or ""
