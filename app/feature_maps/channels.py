"""The channels of one tensor as a sheet that can step through the blocks, and beside it one of them on the photo."""

from __future__ import annotations

from functools import partial

import streamlit as st

import resnet_core as rc
from app.engine import compute
from app.engine.selection import Selection
from app.feature_maps import code, computed, controls, one_channel, words
from app.feature_maps.charts import parts, pictures, sheets
from app.feature_maps.components.cells import cells
from app.shared import block_choice, chart, sentences, slides
from app.shared.player import Player

PLAYER = Player("step_play", pace=1.2)
# The panel of the channel stays in sight while a long sheet passes.
STAYS = (
    "<style>@media (min-width: 641px) {[data-testid=stColumn]:has(.st-key-whole_channel)"
    " {position: sticky; top: 4rem; align-self: flex-start}}</style>"
)


def draw(selection: Selection) -> None:
    """The sheet with its controls, and the chosen channel beside it."""
    net, photo = selection.net, selection.photo
    record = compute.record(net, photo)  # not an argument, which the session would keep
    blocks = [block.name for block in record.blocks]
    st.html(STAYS)
    with slides.slide("channels"):
        fields, buttons = controls.one_row()
        layers = ["stem", *blocks]
        layer = controls.block(fields, layers)
        block = None if layer == "stem" else record[layer]
        controls.steps(buttons, layers, layer)
        after = min(layers.index(layer) + 1, len(blocks))
        begin, go_on = (partial(block_choice.open_block, layers[to]) for to in (1, after))
        PLAYER.button(buttons, ended=layer == blocks[-1], begin=begin, go_on=go_on)
        part = controls.tensor(buttons, ["y"] if block is None else parts.parts_of(block.shortcut_kind))
        display = controls.display(buttons)
        choice = controls.sheet(display, part, len(computed.statistics(net, photo, layer, part)))
        answer = compute.prediction(net, photo).iloc[0]
        order = computed.channel_order(net, photo, layer, part, choice.sort, int(answer["index"]))
        channel = controls.channel(display, order)
        left, right = slides.whole_on_screen("channels").columns([6, 5], gap="medium")
        with left:
            sheet(selection, layer, block, choice, order, channel, str(answer["class"]))
        if PLAYER.playing:
            return  # what stands beside it follows when it pauses
        with right, slides.whole_on_screen("channel"):
            signed = block is not None and parts.is_signed(part, block.shortcut_kind)
            one_channel.draw(selection, layer, block, part, channel, signed=signed)


def sheet(
    selection: Selection,
    layer: str,
    block: rc.BlockRecord | None,
    choice: controls.SheetChoice,
    order: tuple[int, ...],
    channel: int,
    answer: str,
) -> None:
    """Channels of one tensor, the first ones or all."""
    net, photo = selection.net, selection.photo
    shown = order if choice.everything else order[: controls.FEW]
    painted = computed.sheet(
        net,
        photo,
        layer,
        choice.part,
        shown,
        columns=choice.columns or sheets.square(len(shown)),
        per_channel=choice.scale == controls.OWN,
        signed=block is not None and parts.is_signed(choice.part, block.shortcut_kind),
        limit=limit_of(selection, choice),
    )
    table = computed.statistics(net, photo, layer, choice.part)
    labels = computed.channel_labels(net, photo, layer, choice.part)
    what = f"{parts.PART_NAMES[choice.part]} of {layer}"
    height, width = computed.map_size(net, photo, layer, choice.part)
    st.markdown(f"**{what}: {len(order)} channels of {height} × {width}{words.shown_words(len(shown), len(order))}**")
    cells(
        pictures.of_png(painted.png),
        alt=words.sheet_alt(what, table.set_index("channel"), shown),
        rows=painted.rows,
        columns=painted.columns,
        count=len(shown),
        chosen=shown.index(channel) if channel in shown else None,
        labels=[labels[number] for number in shown],
        key="sheet_cells",
        on_pick=lambda index: controls.pick_channel(shown[index]),
    )
    st.caption(sheets.scale_words(painted, what) + words.sort_words(choice.sort, sentences.plain(answer)))
    if not PLAYER.playing:
        chart.files(
            table=table,
            code=code.channels_code(net, photo, layer, choice.part),
            name=f"{net.variant}-{layer}-{choice.part}",
            key="sheet",
            images={"PNG": painted.png},
        )


def limit_of(selection: Selection, choice: controls.SheetChoice) -> float | None:
    """The end of the scale of all blocks, where it is asked for; while it plays, so that blocks can be compared."""
    if choice.scale == controls.OF_ALL_BLOCKS or (PLAYER.playing and choice.scale != controls.OWN):
        return computed.common_limit(selection.net, selection.photo, choice.part)
    return None
