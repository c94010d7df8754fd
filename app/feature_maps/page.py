"""Feature maps: the sheet of every tensor, one channel on the photo, a block under the microscope, all along depth."""

from __future__ import annotations

import streamlit as st

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Net, Photo, Selection
from app.feature_maps import channels, code, computed, controls, words
from app.feature_maps.charts import depth, parts
from app.feature_maps.components.microscope import microscope
from app.shared import block_choice, chart, link, sentences, sidebar
from app.shared.comparison import comparison_network
from app.shared.errors import explained
from app.shared.input_view import at_hand


def draw() -> None:
    selection = sidebar.selection()
    if not at_hand(selection.net):
        return
    with explained():
        with st.spinner("The network is looking", show_time=True):
            compute.record(selection.net, selection.photo)
        network, view = compute.model(selection.net), compute.view(selection.net, selection.photo)
        measured = computed.measures(selection.net, selection.photo)
        problems = words.record_problems(view, measured, trained=network.weights is not None)
        if network.weights is not None or measured["finite"].all():  # an untrained network that overflows has no answer
            sentences.speaker(network)
        for problem in problems:
            st.warning(problem, icon=":material/healing:")
        one_block(selection)
        st.divider()
        along_depth(selection)


@link.part
def one_block(selection: Selection) -> None:
    """One layer: the block under the microscope, all its channels, and one of them on the photo."""
    with explained():
        record = compute.record(selection.net, selection.photo)  # not an argument, which the session would keep
        names = ["stem", *(block.name for block in record.blocks)]
        left, right = st.columns([5, 4], gap="large")
        with left:
            layer = block_choice.block(names, default="layer1.0")
        block = None if layer == "stem" else record[layer]
        first = st.container()  # filled last: the sheet below decides which channel comes first
        choice = controls.sheet(["y"] if block is None else parts.parts_of(block.shortcut_kind))
        answer = compute.prediction(selection.net, selection.photo).iloc[0]
        net, photo = selection.net, selection.photo
        order = computed.channel_order(net, photo, layer, choice.part, choice.sort, int(answer["index"]))
        with right:
            channel = controls.channel(order)
        channels.sheet_and_channel(selection, layer, block, choice, order, channel, str(answer["class"]))
        with first:
            if block is None:
                st.caption("The stem has no shortcut. Choose a block to lay it under the microscope.")
            else:
                under_the_microscope(selection, block, channel, names)


def under_the_microscope(selection: Selection, block: rc.BlockRecord, channel: int, names: list[str]) -> None:
    """x, shortcut(x), F(x), sum and y of one channel on one colour scale."""
    channel = min(channel, block.y.shape[1] - 1)
    st.subheader(f"{block.name} under the microscope, channel {channel}", anchor=False)
    found = parts.panels(block, channel)
    here, channels_here = names.index(block.name), block.y.shape[1]  # the session keeps the variables of `step`

    def step(way: str) -> None:
        further = 1 if way.startswith("next") else -1
        if way.endswith("block"):
            block_choice.open_block(names[min(max(here + further, 1), len(names) - 1)])
        else:
            controls.pick_channel((channel + further) % channels_here)

    limit = parts.limit_of(found)
    microscope(found, limit=limit, scale_words=parts.scale_words(found), key="microscope", on_step=step)
    st.markdown(parts.shortcut_words(block, channel))
    st.caption(parts.dead_words(block))
    inside = parts.parts_of(block.shortcut_kind)[1:]
    chart.files(
        table=parts.values_table(block, channel),
        code=code.block_code(selection.net, selection.photo, block.name, inside, channel),
        name=f"{selection.net.variant}-{block.name}-channel-{channel}",
        key="microscope_files",
        images={"PNG": parts.painted(found, limit)},
    )


def series_of(net: Net, photo: Photo) -> depth.Series:
    """One network along depth."""
    return depth.Series(net.label, computed.measures(net, photo), trained=compute.model(net).weights is not None)


@link.part
def along_depth(selection: Selection) -> None:
    """What every block does, from the first to the last, of one network or two."""
    st.subheader("Along depth", anchor=False)
    with explained():
        other = comparison_network(selection.net)
        nets = [selection.net] if other is None else [selection.net, other]
        here = [net for net in nets if at_hand(net)]
        with st.spinner("The networks are looking", show_time=True):
            series = [series_of(net, selection.photo) for net in here]
        for column, (name, quantity) in zip(st.columns(2, gap="large") * 2, depth.QUANTITIES.items(), strict=True):
            with column:
                chart.chart(
                    depth.depth_chart(series, quantity),
                    alt=depth.depth_words(series, quantity),
                    table=depth.depth_table(series),
                    code=code.measures_code(nets, selection.photo),
                    name=f"{selection.net.variant}-{name}",
                    key=name,
                )
        if not all(one.trained for one in series):
            st.caption(sentences.UNTRAINED_NORM)


draw()
