"""Blocks taken out of the drawn network, and what its answer to the photo is without them."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

import resnet_core as rc
from app.engine.selection import Net, Photo, Selection
from app.lesions import code, computed, controls, words
from app.lesions.charts.notes import told
from app.shared import chart, sentences, slides
from app.shared.components.diagram import diagram
from app.shared.drawing import bars, before_after
from app.shared.drawing.standalone import standalone
from app.shared.verdict import verdict

TOP = 3
BOX = 360  # pixels of the box in which the drawing of a deep network scrolls
TALLEST = 27  # blocks of a drawing without a box: more would not stand on the screen
SMALLER = (
    "<style>.st-key-slide_blocks .answers p {font-size: 1rem} .st-key-slide_blocks .answers .row {font-size: 1rem} "
    ".st-key-slide_blocks .answers .track {height: .45rem} .st-key-slide_blocks .answers .legend {margin: 0 0 .3rem 0} "
    ".st-key-slide_blocks .answers li {margin: 0 0 .4rem 0 !important} "
    # on a phone two rows of buttons, so that the answer stands on the first screen
    "@media (max-width: 640px) {.st-key-lesion_tools > :last-child {display: none}}</style>"
)


def draw(selection: Selection) -> None:
    """The finding, the network in which a click takes a block out, and its answers beside it, the twin's below."""
    net, photo = selection.net, selection.photo
    blocks = computed.blocks(net)
    with slides.slide("blocks"):
        st.html(SMALLER)
        over = st.container()
        gone = tuple(controls.gone(list(blocks["name"])))
        scale = controls.buttons(blocks, gone)
        left, right = slides.whole_on_screen("lesions").columns([10, 7], gap="medium")
        other = computed.twin(net)
        nets = (net,) if other is None else (net, other)
        effects = [_effect(each, photo, gone, scale) for each in nets]
        with over:
            _said(nets, effects, gone, scale, len(blocks))
        with left:
            _drawing(net, gone, scale)
        with right:
            for number, (each, effect) in enumerate(zip(nets, effects, strict=True)):
                _answers(each, effect, gone, words.legend(scale) if number == 0 else None, TOP if len(nets) == 1 else 2)
            _files(nets, photo, effects, gone, scale)
            controls.offer_a_deep_network(net)
    st.caption(f"{words.HOW_PLAIN if net.is_plain else words.HOW} {words.NOT_ONE_PHOTO}")


def _effect(net: Net, photo: Photo, gone: tuple[str, ...], scale: float) -> pd.DataFrame | str:
    """The answers before and after, or why this network cannot do without these blocks."""
    try:
        return computed.effect(net, photo, gone, scale)
    except rc.ResNetCoreError as error:
        return str(error)


def _said(
    nets: tuple[Net, ...], effects: list[pd.DataFrame | str], gone: tuple[str, ...], scale: float, count: int
) -> None:
    known = [None if isinstance(effect, str) else effect for effect in effects]
    titles = [net.title for net in nets]
    if len(nets) == 2 and gone:
        finding = words.both_title((titles[0], titles[1]), (known[0], known[1]), gone, scale)
    elif known[0] is None:
        finding = f"{words.changed(gone, scale)} {titles[0]} cannot run"
    else:
        finding = words.title(titles[0], known[0], gone, scale)
    figures = words.state(nets[0].label if len(nets) == 1 else " and ".join(titles), gone, count, scale)
    verdict(*told(finding, figures, trained=computed.trained(nets[0])))


def _drawing(net: Net, gone: tuple[str, ...], scale: float) -> None:
    svg = computed.picture(net, gone, scale)
    deep = len(computed.blocks(net)) > TALLEST
    with st.container(height=BOX if deep else "content", border=False, key="lesion_drawing"):
        diagram(svg, key="lesion_diagram", on_node=partial(controls.turn, gone), on_stage=_nothing)


def _nothing(_stage: str) -> None:
    """No stage folds here."""


def _answers(
    net: Net, effect: pd.DataFrame | str, gone: tuple[str, ...], legend: tuple[str, str] | None, top: int
) -> None:
    if isinstance(effect, str):
        st.info(f"**{sentences.plain(net.title)}**: {sentences.plain(effect)}", icon=":material/link_off:")
        return
    if not gone:
        st.markdown(f"**{sentences.plain(net.title)}**")
        st.html(bars.probability_bars(effect.head(top).rename(columns={"probability_before": "probability"})))
        return
    st.html(before_after.bars(words.card(net.title, effect), before_after.shown(effect, top), legend))


def _files(
    nets: tuple[Net, ...], photo: Photo, effects: list[pd.DataFrame | str], gone: tuple[str, ...], scale: float
) -> None:
    known = [(net, effect) for net, effect in zip(nets, effects, strict=True) if not isinstance(effect, str)]
    if not known:
        return
    tables = [effect.assign(net=net.label) if len(known) > 1 else effect for net, effect in known]
    chart.files(
        table=pd.concat(tables, ignore_index=True),
        code=code.lesion_code([net for net, _ in known], photo, gone, scale),
        name=f"{nets[0].variant}-lesion",
        key="lesion_files",
        images={"SVG": lambda: standalone(computed.picture(nets[0], gone, scale))},
    )
