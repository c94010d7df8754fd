"""Feature maps: the sheet of every tensor, one channel on the photo, a block under the microscope, all along depth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Net, Part, Photo, Selection
from app.feature_maps import code, computed, controls, words
from app.feature_maps.charts import depth, parts, sheets
from app.feature_maps.components.cells import cells
from app.feature_maps.components.microscope import microscope
from app.shared import block_choice, chart, link, sentences, sidebar
from app.shared.comparison import comparison_network
from app.shared.drawing import heat
from app.shared.errors import explained
from app.shared.input_view import at_hand
from app.shared.magnitudes import reading


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
        sheet_and_channel(selection, layer, block, choice, order, channel, str(answer["class"]))
        with first:
            if block is None:
                st.caption("The stem has no shortcut. Choose a block to lay it under the microscope.")
            else:
                under_the_microscope(selection, block, channel, names)


def sheet_and_channel(
    selection: Selection,
    layer: str,
    block: rc.BlockRecord | None,
    choice: controls.SheetChoice,
    order: tuple[int, ...],
    channel: int,
    answer: str,
) -> None:
    """All channels of one tensor, and one of them enlarged."""
    net, photo = selection.net, selection.photo
    signed = block is not None and parts.is_signed(choice.part, block.shortcut_kind)
    sheet = computed.sheet(
        net, photo, layer, choice.part, order, columns=choice.columns, per_channel=choice.per_channel, signed=signed
    )
    table = computed.statistics(net, photo, layer, choice.part).set_index("channel")
    what = f"{parts.PART_NAMES[choice.part]} of {layer}"
    left, right = st.columns([5, 4], gap="large")
    with left:
        size = map_size(computed.maps(net, photo, layer, choice.part))
        st.subheader(f"{what}: {len(order)} channels of {size}", anchor=False)
        cells(
            sheet.png,
            alt=words.sheet_alt(what, table),
            rows=sheet.rows,
            columns=sheet.columns,
            count=len(order),
            chosen=order.index(channel),
            labels=[words.channel_label(number, table.loc[number]) for number in order],
            key="sheet_cells",
            on_pick=lambda index: controls.pick_channel(order[index]),
        )
        st.caption(sheets.scale_words(sheet, what) + words.sort_words(choice.sort, sentences.plain(answer)))
        chart.files(
            table=table.reset_index(),
            code=code.channels_code(net, photo, layer, choice.part),
            name=f"{net.variant}-{layer}-{choice.part}",
            key="sheet",
            images={"PNG": sheet.png},
        )
    with right:
        st.subheader(f"Channel {channel} on the photo", anchor=False)
        one_channel(selection, layer, choice.part, channel, signed=signed)


def map_size(maps: np.ndarray | None) -> str:
    return "" if maps is None else f"{maps.shape[1]} × {maps.shape[2]}"


def one_channel(selection: Selection, layer: str, part: Part, channel: int, *, signed: bool) -> None:
    """One channel over the photo, a unit with its receptive field, statistics and histogram."""
    net, photo = selection.net, selection.photo
    maps = computed.maps(net, photo, layer, part)
    assert maps is not None
    values = maps[channel]
    height, width = values.shape
    strongest = np.unravel_index(int(np.nan_to_num(np.abs(values)).argmax()), values.shape)
    row, column = controls.unit(height, width, (int(strongest[0]), int(strongest[1])))
    view = compute.view(net, photo)
    unit = parts.unit_of(compute.record(net, photo), layer, part, row, column)
    box = computed.receptive_box(net, unit)
    scale = heat.scale_of(values, signed=signed)
    cells(
        sheets.unit_overlay(view, values, scale, opacity=0.6, box=box, unit=(row, column)),
        alt=f"Channel {channel} over {photo.title}, framed what its unit in row {row}, column {column} can see",
        rows=height,
        columns=width,
        count=height * width,
        chosen=row * width + column,
        labels=[
            f"row {i // width}, column {i % width}: {reading(float(value))}" for i, value in enumerate(values.flat)
        ],
        key="unit_cells",
        on_pick=lambda cell: controls.pick_unit(cell, height, width),
    )
    ends = ("negative", "positive") if signed else ("silent", "strong")
    st.html(heat.legend(scale, *ends, heat.beyond(scale, values)))
    st.caption(words.unit_words(values, row, column, box, view.width))
    if unit.is_output and controls.effective():
        effective(net, photo, unit, channel, box)
    figure = sheets.histogram(values, what=f"channel {channel}", colour=parts.COLOURS[part])
    chart.chart(
        figure,
        alt=words.histogram_alt(figure.layout.title.text, values),
        table=pd.DataFrame(values),
        code=code.channel_code(net, photo, layer, part, channel),
        name=f"{net.variant}-{layer}-{part}-{channel}",
        key="histogram",
    )


def effective(net: Net, photo: Photo, unit: parts.Unit, channel: int, box: rc.Box) -> None:
    """Where in the photo a small change really changes the unit."""
    with st.spinner("Measuring"):
        field = computed.effective_field(net, photo, unit, channel)
    scale = heat.scale_of(field, signed=False)
    st.image(
        sheets.unit_overlay(compute.view(net, photo), field, scale, opacity=0.7, box=box, unit=None),
        width="stretch",
        output_format="PNG",
        alt="The gradient of the unit over the photo, inside the frame of the theoretical field",
    )
    st.caption(words.effective_words(field, box))


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
