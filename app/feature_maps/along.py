"""What every block does, from the first to the last, of one network or of two."""

from __future__ import annotations

import streamlit as st

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Net, Photo, Selection
from app.feature_maps import code, computed
from app.feature_maps.charts import depth
from app.shared import chart, network, sentences, slides
from app.shared.comparison import COMPARE, comparison_network
from app.shared.input_view import at_hand

DEEP = Net("resnet56", "cifar10")  # a trained network of ours that is deep enough to show what a residual is
ROWS = {"residual": ("ratio", "cosine"), "activity": ("zeros", "residual_std")}  # by slide: the quantities side by side


# Findings of one height, so that the charts of a row begin at the same one.
LEVEL = (
    "<style>@media (min-width: 641px) {[class*='st-key-slide_'] [data-testid=stColumn] .finding {min-height: 5rem}}"
    "</style>"
)


def draw(selection: Selection) -> None:
    """First how large F(x) is beside the shortcut and what is left of x, then the zeros and the spread."""
    st.html(LEVEL)
    with slides.slide("residual"):
        with st.container(key="page_only_compare"):
            row = st.container(horizontal=True, gap="small", vertical_alignment="center")
            row.markdown(COMPARE, width="content")
            other = comparison_network(selection.net, row.container(width=300), label_visibility="collapsed")
            with row:
                offer_a_deep_network(selection.net)
        nets = (selection.net,) if other is None else (selection.net, other)
        here = tuple(net for net in nets if at_hand(net))
        with st.spinner("The networks are looking", show_time=True):
            series = [computed.series(net, selection.photo) for net in here]
        side_by_side(ROWS["residual"], series, here, nets, selection.photo)
    with slides.slide("activity"):
        side_by_side(ROWS["activity"], series, here, nets, selection.photo)
    if not all(one.trained for one in series):
        st.caption(sentences.UNTRAINED_NORM)


def offer_a_deep_network(net: Net) -> None:
    """One click to the network in which F(x) is small."""
    if net == DEEP or not compute.ready(DEEP):
        return
    count = sum(rc.VARIANTS[DEEP.variant].blocks)
    if st.button(f"See it in {count} blocks: {DEEP.title}", icon=":material/stacks:", key="deep_network"):
        network.choose(DEEP)


def side_by_side(
    quantities: tuple[str, ...],
    series: list[depth.Series],
    here: tuple[Net, ...],
    nets: tuple[Net, ...],
    photo: Photo,
) -> None:
    """One row of charts."""
    figures = computed.depth_figures(here, photo, quantities)
    for column, name, figure in zip(st.columns(len(quantities), gap="large"), quantities, figures, strict=True):
        with column:
            chart.chart(
                figure,
                alt=depth.depth_words(series, depth.QUANTITIES[name]),
                table=depth.depth_table(series),
                code=code.measures_code(nets, photo),
                name=f"{nets[0].variant}-{name}",
                key=name,
            )
