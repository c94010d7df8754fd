"""One channel over the photo, with what one of its units can see and how its values are distributed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Net, Part, Photo, Selection
from app.feature_maps import code, computed, controls, words
from app.feature_maps.charts import histogram, parts
from app.feature_maps.components.cells import cells
from app.shared import chart
from app.shared.drawing import heat
from app.shared.drawing.layout import title_of
from app.shared.linked import Linked


def draw(
    selection: Selection, layer: str, block: rc.BlockRecord | None, part: Part, channel: int, *, signed: bool
) -> None:
    """One channel over the photo, a unit with its receptive field, and on request its histogram."""
    net, photo = selection.net, selection.photo
    maps = computed.maps(net, photo, layer, part)
    assert maps is not None
    values = maps[channel]
    height, width = values.shape
    strongest = np.unravel_index(int(np.nan_to_num(np.abs(values)).argmax()), values.shape)
    row, column = controls.unit(height, width, (int(strongest[0]), int(strongest[1])))
    unit = parts.unit_of(compute.record(net, photo), layer, part, row, column)
    box = None if parts.is_padding(block, part, channel) else computed.receptive_box(net, unit)
    st.markdown(f"**Channel {channel} on the photo**")
    cells(
        computed.unit_picture(net, photo, layer, part, channel, (row, column), box, signed=signed),
        alt=f"Channel {channel} over {photo.title}, framed what its unit in row {row}, column {column} can see",
        rows=height,
        columns=width,
        count=height * width,
        chosen=row * width + column,
        labels=values,
        key="unit_cells",
        on_pick=lambda cell: controls.pick_unit(cell, height, width),
    )
    scale = heat.scale_of(values, signed=signed)
    ends = ("negative", "positive") if signed else ("silent", "strong")
    st.html(heat.legend(scale, *ends, heat.beyond(scale, values)))
    st.caption(words.unit_words(values, row, column, box, compute.view(net, photo).width))
    if box is not None and unit.is_output and controls.effective():
        effective(net, photo, unit, channel, box)
    with st.container(key="page_only_histogram"):
        fold = Linked().expander("Histogram of the channel", key="histogram_open")
    if fold.open:
        with fold:
            distribution(net, photo, layer, part, channel, values)


def distribution(net: Net, photo: Photo, layer: str, part: Part, channel: int, values: NDArray[np.float32]) -> None:
    """How the values of the channel are distributed."""
    figure = histogram.histogram(values, what=f"channel {channel}", colour=parts.COLOURS[part])
    chart.chart(
        figure,
        alt=words.histogram_alt(title_of(figure), values),
        table=pd.DataFrame(values),
        code=code.channel_code(net, photo, layer, part, channel),
        name=f"{net.variant}-{layer}-{part}-{channel}",
        key="histogram",
    )


def effective(net: Net, photo: Photo, unit: parts.Unit, channel: int, box: rc.Box) -> None:
    """Where in the photo a small change really changes the unit."""
    with st.spinner("Measuring"):
        field = computed.effective_field(net, photo, unit, channel)
    st.image(
        computed.field_picture(net, photo, unit, channel, box),
        width="stretch",
        output_format="PNG",
        alt="The gradient of the unit over the photo, inside the frame of the theoretical field",
    )
    st.caption(words.effective_words(field, box))
