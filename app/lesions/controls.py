"""Which blocks are taken out, in which order, and what their F(x) is multiplied by: all of it in the link."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from app.engine import compute
from app.engine.selection import Net
from app.lesions.charts.drawn import removable
from app.shared import link, network
from app.shared.linked import Linked
from app.shared.offers import Many

GONE = "gone"  # in the link, as `scale` and `draw`
DEEP = Net("resnet56", "cifar10")  # deep enough that nearly any block can go, with a plain twin beside it
MOST_DRAWS = 999
DIAL = 160  # pixels of the slider


def gone(names: Sequence[str]) -> list[str]:
    """The blocks that are taken out, the last one last."""
    found: list[str] = link.choice(GONE, Many(names), [])
    return found


def turn(now: Sequence[str], name: str) -> None:
    """Take a block out or put it back, in a callback; `now` are those that are out."""
    put([other for other in now if other != name] if name in now else [*now, name])


def put(then: Sequence[str]) -> None:
    """These blocks are out from now on, in a callback."""
    link.choose(GONE, list(then))


def one_more(blocks: pd.DataFrame, now: Sequence[str], draw: int) -> str | None:
    """The next block at random, among those that keep the shape of x; None when all are out. `draw` is the seed."""
    free = blocks[(blocks["input"] == blocks["output"]) & removable(blocks)]
    order = np.random.default_rng(draw).permutation(len(free))
    return next((name for name in (free["name"].iloc[place] for place in order) if name not in now), None)


def buttons(blocks: pd.DataFrame, now: Sequence[str]) -> float:
    """In one row: one more at random, undo, all back; and the factor of F(x) in these blocks, which is returned."""
    row = st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="lesion_tools")
    draw = int(link.value("draw", 0))
    further = one_more(blocks, now, draw)
    row.button(
        "Take out one more at random",
        icon=":material/casino:",
        key="one_more",
        on_click=put,
        args=([*now, further] if further else now,),
        disabled=further is None,
    )
    row.button("Undo", icon=":material/undo:", key="undo", on_click=put, args=(now[:-1],), disabled=not now)
    row.button("Put all back", key="all_back", on_click=put, args=([],), disabled=not now)
    scale = Linked(row).slider(
        "Scale of F(x)",
        0.0,
        2.0,
        0.0,
        0.1,
        key="scale",
        width=DIAL,
        format="%.1f × F(x)",
        label_visibility="collapsed",
    )
    with row.popover("Display", icon=":material/tune:", key="how"):
        Linked().number_input("Number of the random draw", 0, MOST_DRAWS, 0, key="draw")
    return round(scale, 1)


def offer_a_deep_network(net: Net) -> None:
    """One click to the network of which nearly any block can go, beside its plain twin."""
    if net.variant == DEEP.variant or not compute.ready(DEEP):
        return
    if st.button("See it in ResNet-56 and plain-56", icon=":material/stacks:", key="deep_network"):
        network.choose(DEEP)
