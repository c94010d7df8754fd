"""The block under the microscope: x forks into F(x) and the shortcut, and both are added."""

from __future__ import annotations

import streamlit as st

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Selection
from app.feature_maps import code, computed, controls
from app.feature_maps.charts import block_words, parts
from app.feature_maps.components.microscope import microscope
from app.shared import chart, slides
from app.shared.drawing.shortcuts import SHORTCUTS
from app.shared.verdict import verdict


def draw(selection: Selection) -> None:
    """One block with its controls, what it did in one line, and its tensors."""
    net, photo = selection.net, selection.photo
    record = compute.record(net, photo)  # not an argument, which the session would keep
    names = ["stem", *(block.name for block in record.blocks)]
    with slides.slide("block"):
        fields, buttons = controls.one_row()
        layer = controls.block(fields, names)
        channel = controls.channel(fields, computed.channel_order(net, photo, layer, "y", "mean"))
        controls.steps(buttons, names, layer)
        if layer == "stem":
            st.caption("The stem has no shortcut. Choose a block to lay it under the microscope.")
            return
        zero = controls.residual_is_zero(buttons)
        block = computed.without_residual(net, photo, layer) if zero else record[layer]
        under_the_microscope(selection, block, channel, names, zero=zero)


def under_the_microscope(
    selection: Selection, block: rc.BlockRecord, channel: int, names: list[str], *, zero: bool
) -> None:
    """x, F(x), shortcut(x), sum and y of one channel on one colour scale."""
    net, photo = selection.net, selection.photo
    row = computed.measures(net, photo).set_index("block").loc[block.name]
    verdict(block_words.finding_without(block) if zero else block_words.finding(block, row))
    found = parts.panels(block, channel)
    limit = parts.limit_of(found)
    with slides.whole_on_screen("microscope"):
        microscope(
            found,
            name=f"{block.name}, channel {channel}",
            way=SHORTCUTS[block.shortcut_kind].name,
            limit=limit,
            scale_words=parts.scale_words(found),
            key="microscope",
            on_step=controls.stepper(names, block.name, channel, block.y.shape[1]),
        )
    st.markdown(block_words.shortcut_words(block, channel))
    st.caption(computed.silent_words(net, photo, block.name, zero))
    chart.files(
        table=parts.values_table(block, channel),
        code=code.block_code(net, photo, block.name, parts.parts_of(block.shortcut_kind)[1:], channel, zero=zero),
        name=f"{net.variant}-{block.name}-channel-{channel}{'-without-F' if zero else ''}",
        key="microscope_files",
        images={"PNG": lambda: parts.painted(found, limit)},
    )
