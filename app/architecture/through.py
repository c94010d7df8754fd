"""A photo on its way through the network: what each stage makes of it, one after the other."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.architecture import computed
from app.architecture.charts.journey import Step, journey_html
from app.engine import compute
from app.engine.selection import RANDOM, Anatomy, Net, Photo
from app.shared import link
from app.shared.offers import Number
from app.shared.photo import photo as chosen_photo
from app.shared.player import Player

SENT = "sent"  # in the link: how far the photo has come
PLAYER = Player("send", pace=0.8, play="Send a photo through", pause="Stop")
CHANGED = "Shapes only: the weights were not trained with these options."
NOT_HERE = "Shapes only: the weights of this network are not on this machine."
OVERFLOWS = "Shapes only: the values of this network overflow on the way."
MEAN = "Each picture is the mean of all channels, on its own scale: dark is 0."
UNTRAINED = "These weights are random, the pictures show nothing learned."


def button(parent: DeltaGenerator, chosen: Anatomy) -> None:
    """Send the photo, from the start, or stop it where it is."""
    come = int(link.value(SENT, 1))
    begin, go_on = (partial(link.choose, SENT, to) for to in (1, come + 1))
    ended = not PLAYER.playing or come >= _last(chosen)
    PLAYER.button(parent, ended=ended, begin=begin, go_on=go_on, width="stretch")


def journey(net: Net, own: Anatomy, chosen: Anatomy) -> None:
    """Which photo, and its way through the stages as far as it has come; nothing before it is sent."""
    come = link.choice(SENT, Number(0, _last(chosen)), 0)
    if come:
        steps, note = _steps(net, chosen_photo(), own, chosen)
        st.html(journey_html(steps, come))
        st.caption(note)


def _last(chosen: Anatomy) -> int:
    """How many steps the way has: the photo, the stem, the stages and the head."""
    return 1 + len(compute.description(chosen).stages)


def _steps(net: Net, photo: Photo, own: Anatomy, chosen: Anatomy) -> tuple[list[Step], str]:
    """The steps with their shapes, with pictures where these weights can make them, and what the pictures are."""
    described = compute.description(chosen)
    shapes = [("photo", described.layers["input"].iloc[0])]
    shapes += [(row["name"], row["output"]) for row in described.stages.to_dict("records")]
    pictures, answer = None, ""
    if own != chosen:
        note = CHANGED
    elif not compute.ready(net):
        note = NOT_HERE
    else:
        with st.spinner("The network is looking", show_time=True):
            pictures, answer = computed.seen(net, photo)
        note = OVERFLOWS if pictures is None else MEAN if net.weights != RANDOM else f"{MEAN} {UNTRAINED}"
    found = pictures or ("",) * len(shapes)
    steps = [Step(name, shape, picture) for (name, shape), picture in zip(shapes, [*found, ""], strict=False)]
    return [*steps[:-1], Step("head", shapes[-1][1], "", answer)], note
