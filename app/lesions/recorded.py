"""Recorded studies: how often networks err on the test pictures without blocks, which one photo cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.engine.cache import cached, new_cache
from app.engine.selection import Net, Selection
from app.lesions import code, computed, controls, words
from app.lesions.charts import kept, several, shuffled, study
from app.lesions.charts.notes import Recorded, View, drawn
from app.shared import chart, slides
from app.shared.drawing.finished import Finished
from app.shared.row import row
from resnet_core.lesions.recorded import recorded_study

DEPTHS = (Net("resnet56", "cifar10"), Net("resnet20", "cifar10"))  # beside each other where blocks go at random


@dataclass(frozen=True)
class Study:
    """A study of `resnet_core.lesions.recorded`: its chart, in words, what to notice, and what it does not prove."""

    file: str
    chart: Callable[[Sequence[Recorded], View], go.Figure]
    words: Callable[[Sequence[Recorded], View], str]
    notice: str
    limits: str


STUDIES = {  # by names that fit a phone side by side
    "One block": Study("lesions", study.study_chart, study.words, words.NOTICE_ONE, words.NOT_ALL_NETS),
    "Several": Study("draws", several.several_chart, several.words, words.NOTICE_SEVERAL, words.NOT_GRADUAL),
    "Shuffled": Study("shuffles", shuffled.shuffled_chart, shuffled.words, words.NOTICE_SHUFFLED, words.NOT_ALIKE),
    "All 2ⁿ": Study("subnetworks", kept.kept_chart, kept.words, words.NOTICE_KEPT, words.NOT_SMALL),
}


def draw(selection: Selection) -> None:
    """One of the studies that there are of this network."""
    net = selection.net
    with slides.slide("study"):
        tools = row()
        offered = [name for name, each in STUDIES.items() if tables(net, each.file)]
        chosen = STUDIES[tools.segmented_control("Study", offered, key="study", label_visibility="collapsed")]
        again = tools.toggle("Batch norm measured again", key="recalibrated")
        st.caption(chosen.notice)
        gone = tuple(controls.gone(list(computed.blocks(net)["name"])))
        chart.show(finished(net, chosen, View(again, gone, len(computed.blocks(net)))), key="study_chart")
        st.caption(chosen.limits)


@cached(new_cache(1))
def tables(net: Net, file: str = "lesions") -> tuple[tuple[Net, pd.DataFrame], ...]:
    """A study of a network and its twin, residual first, as far as it is recorded; nothing if not of the network.

    Of blocks that go at random that of a net of another depth, too.
    """
    nets = sorted((each for each in (net, computed.twin(net)) if each is not None), key=lambda each: each.is_plain)
    nets += [each for each in DEPTHS if file == "draws" and each not in nets][:1]
    found = [(each, recorded_study(each.known, file)) for each in nets if each.known is not None]
    there = tuple((each, table) for each, table in found if table is not None)
    return there if any(each == net for each, _ in there) else ()


@cached(new_cache(2))
def finished(net: Net, chosen: Study, view: View) -> Finished:
    """The chart of a study; its numbers and program are of all that was recorded."""
    known = tables(net, chosen.file)
    nets = drawn([(each.title, table[measured_again(table) == view.again]) for each, table in known])
    return Finished(
        chosen.chart(nets, view),
        chosen.words(nets, view),
        pd.concat([table.assign(net=each.title) for each, table in known], ignore_index=True),
        code.study_code([each for each, _ in known], chosen.file),
        f"{net.variant}-{chosen.file}",
    )


def measured_again(table: pd.DataFrame) -> pd.Series:
    """In which rows batch norm was measured again."""
    return table["recalibrated"] > 0
