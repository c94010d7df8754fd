"""The options of a method: widgets where its map stands, and the same choices where they are not shown."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Net
from app.shared import link
from app.shared.linked import Linked
from app.shared.offers import Number, Offer, One
from resnet_core.attribution.methods.method import Options


def method_options(net: Net, method: str) -> Options:
    """A widget for each option of a method, in a popover."""
    how, variant = rc.METHODS[method], compute.model(net).variant
    with st.popover("Options", icon=":material/tune:", key=f"{how.id}_options"):
        if not how.options:
            st.caption(f"{how.title} has none.")
        return {option.name: _widget(how, option, variant) for option in how.options}


def chosen_options(net: Net, method: str) -> Options:
    """The same values, where the widgets are not shown."""
    how, variant = rc.METHODS[method], compute.model(net).variant
    return {option.name: _choice(how, option, variant) for option in how.options}


def _widget(how: rc.Method, option: rc.Option, variant: rc.Variant) -> float | str:
    key = f"{how.id}_{option.name}"
    label = option.name.replace("_", " ").capitalize()
    if option.choices is not None:
        words = list(option.choices(variant))
        return Linked().selectbox(label, words, default=_usual(option, words), key=key, help=option.help)
    draw: Callable[..., float] = Linked().number_input if option.name == "seed" else Linked().slider
    return draw(label, option.low, option.high, option.default, key=key, help=option.help)


def _choice(how: rc.Method, option: rc.Option, variant: rc.Variant) -> float | str:
    words = [] if option.choices is None else list(option.choices(variant))
    usual = _usual(option, words) if words else option.default
    offer: Offer = One(words) if words else Number(option.low, option.high)
    found: float | str = link.choice(f"{how.id}_{option.name}", offer, usual)
    return found


def _usual(option: rc.Option, words: list[str]) -> str:
    return words[-1] if option.default is None else str(option.default)
