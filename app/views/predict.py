"""Predict: what a network says about a photo, and which pixels mattered. One or two networks side by side."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import resnet_core as rc
from app import compute, controls, words
from app.figures import bars, heat
from app.selection import Net, Photo
from resnet_core.predict import transform_of

TOP = 5


def draw() -> None:
    selection = controls.selection()
    compare = st.toggle("Compare with a second network", key="compare", bind="query-params", persist_state="session")
    if not compare:
        panel(selection.net, selection.photo, "first", wide=True)
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(selection.net.label, anchor=False)
        panel(selection.net, selection.photo, "first", wide=False)
    with right:
        other = Net(*controls.network_choice("second", "Second network", default="resnet20"))
        panel(other, selection.photo, "second", wide=False)


@st.fragment
def panel(net: Net, photo: Photo, side: str, *, wide: bool) -> None:
    """Everything about one network; its own widgets redraw nothing else."""
    if not compute.ready(net):
        st.info(
            f"The weights of **{net.label}** are not on this machine yet. Download them in the sidebar, "
            "or choose others there.",
            icon=":material/download:",
        )
        return
    with controls.explained(), st.spinner("The network is looking", show_time=True):
        network = compute.model(net)
        answer = compute.prediction(net, photo)
        words.speaker(network)
        seen, said, mattered = st.columns([1, 1.1, 1.25], gap="large") if wide else (st.container() for _ in range(3))
        with seen:
            what_it_sees(network, photo)
        with said:
            what_it_says(network, answer)
        with mattered:
            what_mattered(net, network, photo, answer, side)


def what_it_sees(network: rc.ResNet, photo: Photo) -> None:
    transform = transform_of(network)
    size = transform.crop
    st.markdown("**What the network sees**")
    st.image(
        heat.enlarged(transform.view(photo.image)),
        width="stretch",
        output_format="PNG",
        alt=f"{photo.title}, cut to the centre square and reduced to {size} by {size} pixels",
    )
    st.caption(f"{photo.title}, {size} × {size} pixels. {photo.credit}")


def what_it_says(network: rc.ResNet, answer: pd.DataFrame) -> None:
    first = answer.iloc[0]
    st.markdown(f"**{words.verdict(network, first['class'], first['probability'])}**")
    st.html(bars.probability_bars(answer.head(TOP)))
    st.caption(words.vocabulary(network))


def what_mattered(net: Net, network: rc.ResNet, photo: Photo, answer: pd.DataFrame, side: str) -> None:
    choice = controls.map_choice(side, answer)
    method = rc.METHODS[choice.method]
    record = compute.attribution(net, photo, choice.target, choice.method)
    values = record.map[0].float().cpu().numpy()
    scale = heat.scale_of(values, signed=record.signed)
    st.image(
        heat.overlay(transform_of(network).view(photo.image), values, scale, choice.opacity),
        width="stretch",
        output_format="PNG",
        alt=words.map_alt(method, choice.class_name, values),
    )
    st.html(heat.legend(scale, *words.legend_ends(method, choice.class_name)))
    st.caption(f"{method.idea} ({method.paper}) {method.sign}{words.completeness(record)}")


draw()
