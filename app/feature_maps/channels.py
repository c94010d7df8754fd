"""All channels of one tensor as a sheet, and one of them enlarged over the photo."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Net, Part, Photo, Selection
from app.feature_maps import code, computed, controls, words
from app.feature_maps.charts import histogram, overlay, parts, sheets
from app.feature_maps.components.cells import cells
from app.shared import chart, sentences
from app.shared.drawing import heat
from app.shared.magnitudes import reading


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
        one_channel(selection, layer, block, choice.part, channel, signed=signed)


def map_size(maps: np.ndarray | None) -> str:
    return "" if maps is None else f"{maps.shape[1]} × {maps.shape[2]}"


def one_channel(
    selection: Selection, layer: str, block: rc.BlockRecord | None, part: Part, channel: int, *, signed: bool
) -> None:
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
    box = None if parts.is_padding(block, part, channel) else computed.receptive_box(net, unit)
    scale = heat.scale_of(values, signed=signed)
    cells(
        overlay.unit_overlay(view, values, scale, opacity=0.6, box=box, unit=(row, column)),
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
    if box is not None and unit.is_output and controls.effective():
        effective(net, photo, unit, channel, box)
    figure = histogram.histogram(values, what=f"channel {channel}", colour=parts.COLOURS[part])
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
        overlay.unit_overlay(compute.view(net, photo), field, scale, opacity=0.7, box=box, unit=None),
        width="stretch",
        output_format="PNG",
        alt="The gradient of the unit over the photo, inside the frame of the theoretical field",
    )
    st.caption(words.effective_words(field, box))
