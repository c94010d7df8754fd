"""The options of a method: widgets where its map stands, and the same choices where they are not shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
    place = st.container(key=f"page_only_{how.id}")
    with place.popover("Options", icon=":material/tune:", key=f"{how.id}_options"):
        if not how.options:
            st.caption(f"{how.title} has none.")
        return {option.name: _widget(how, option, variant) for option in how.options}


def chosen_options(net: Net, method: str) -> Options:
    """The same values, where the widgets are not shown."""
    how, variant = rc.METHODS[method], compute.model(net).variant
    return {option.name: link.choice(key_of(how, option), *offered(option, variant)) for option in how.options}


def key_of(how: rc.Method, option: rc.Option) -> str:
    """The name of an option in the link."""
    return f"{how.id}_{option.name}"


def offered(option: rc.Option, variant: rc.Variant) -> tuple[Offer, Any]:
    """What can be chosen, and what is chosen at first."""
    if option.choices is None:
        return Number(option.low, option.high), option.default
    words = list(option.choices(variant))
    return One(words), words[-1] if option.default is None else str(option.default)


def _widget(how: rc.Method, option: rc.Option, variant: rc.Variant) -> float | str:
    key, (offer, usual) = key_of(how, option), offered(option, variant)
    label = option.name.replace("_", " ").capitalize()
    if isinstance(offer, One):
        word: str = Linked().selectbox(label, offer.options, default=usual, key=key, help=option.help)
        return word
    draw: Callable[..., float] = Linked().number_input if option.name == "seed" else Linked().slider
    return draw(label, option.low, option.high, option.default, key=key, help=option.help)
