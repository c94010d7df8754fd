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


def button(parent: DeltaGenerator) -> None:
    """Send the photo, from the start, or stop it where it is."""
    PLAYER.button(parent, ended=True, begin=partial(link.choose, SENT, 1), width="stretch")


def journey(net: Net, own: Anatomy, chosen: Anatomy) -> None:
    """Which photo, and its way through the stages as far as it has come; nothing before it is sent."""
    stages = list(compute.description(chosen).stages["name"])
    if link.choice(SENT, Number(0, len(stages) + 1), 0) or PLAYER.playing:
        PLAYER.part(_journey)(net, chosen_photo(), own, chosen)


def _journey(net: Net, photo: Photo, own: Anatomy, chosen: Anatomy) -> None:
    steps, note = _steps(net, photo, own, chosen)
    come = int(link.value(SENT, 1))
    if PLAYER.goes_on(ended=come >= len(steps)):
        link.choose(SENT, come + 1)
    come = link.choice(SENT, Number(0, len(steps)), 0)
    st.html(journey_html(steps, come))
    st.caption(note)


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
