"""Edit the photo: remove parts under the map that says they matter, and the network answers at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

import resnet_core as rc
from app.attributions import cards, code, computed, edit_controls
from app.attributions.cards import ShownMap
from app.attributions.charts import answers, regions
from app.attributions.components.rectangle import drag_rectangle
from app.attributions.components.regions import regions as superpixel_picture
from app.attributions.edit_controls import EditChoice
from app.attributions.options import chosen_options
from app.attributions.question import Question
from app.engine import compute
from app.engine.selection import Subject
from app.shared import chart, explanations, sentences, slides
from app.shared.errors import explained
from resnet_core.pictures.masks import rectangle

Gone = tuple[NDArray[np.bool_], str, str]  # what is removed (H, W), its name in a sentence, and the code for the answer


@dataclass(frozen=True)
class Edit:
    """The map over the photo, None for the photo alone, what replaces removed parts, the places of buttons and keys."""

    over: ShownMap | None
    fill: rc.Fill
    tools: DeltaGenerator
    keys: DeltaGenerator


def tool_row() -> DeltaGenerator:
    """A row for buttons."""
    return st.container(horizontal=True, gap="small")


def edited(question: Question) -> None:
    """Parts of the photo removed, and the network's answer beside it."""
    subject = question.subject
    with explained(), slides.slide("edit"), slides.whole_on_screen("edit"):
        left, right = st.columns([3, 5], gap="medium")
        with right:
            by_place, tools, result = st.container(), tool_row(), st.container()
            choice = edit_controls.edit(question.methods, by_place, tools)
            keys = st.container()
        fill = least_of_class(subject) if choice.fill is None else choice.fill
        with left:
            over = None
            if choice.method is not None:
                options = chosen_options(subject.net, choice.method)
                over = cards.shown_map(subject, choice.method, options, question.overlay)
            by = {edit_controls.RECTANGLE: without_rectangle, edit_controls.PIXELS: without_first_pixels}
            gone, what, code = by.get(choice.by, without_superpixels)(subject, choice, Edit(over, fill, tools, keys))
        with result:
            effect = computed.edit_effect(subject.net, subject.photo, gone, fill)
            said, neutral = said_of_fill(subject, fill)
            if not neutral:
                st.warning(sentences.plain(said), icon=":material/format_color_fill:")
            st.html(answers.answer_bars(effect, what, float(gone.mean()), target=subject.target))
            if over is not None and (drawn := explanations.drawn(subject.net, over.how)):
                st.caption(f"The map is one draw of {drawn}: another one can rank other parts first.")
            chart.files(table=effect, code=code, name=f"{subject.net.variant}-edit", key="edit_files", images={})
            if neutral:
                st.caption(sentences.plain(said))


def least_of_class(subject: Subject) -> rc.Fill:
    """The fill that alone shows least of the class."""
    alone = computed.alone(subject.net, subject.photo, subject.target)
    return min(alone, key=lambda name: alone[name])


def said_of_fill(subject: Subject, fill: rc.Fill) -> tuple[str, bool]:
    """What the network answers to the fill alone, and whether that leaves room for a fall."""
    alone = computed.alone(subject.net, subject.photo, subject.target)
    by_words = {edit_controls.FILL_WORDS[name]: probability for name, probability in alone.items()}
    answer = compute.prediction(subject.net, subject.photo)
    before = float(answer["probability"][answer["index"] == subject.target].iloc[0])
    said, neutral = answers.fill_words(by_words, edit_controls.FILL_WORDS[fill], subject.name, before)
    if compute.model(subject.net).weights is None:
        said += " Another draw of the random weights can do otherwise."
    return said, neutral


def picture_of(subject: Subject, over: ShownMap | None) -> bytes:
    """The photo that is edited, under the map if there is one, as PNG."""
    return computed.seen(subject.net, subject.photo) if over is None else over.picture.png


def without_rectangle(subject: Subject, _: EditChoice, edit: Edit) -> Gone:
    """The photo without a rectangle, which is drawn in it."""
    view = compute.view(subject.net, subject.photo)
    with edit.keys:
        edges = edit_controls.rectangle()
    gone = rectangle(view.height, view.width, **edges)
    drag_rectangle(
        picture_of(subject, edit.over),
        computed.without(subject.net, subject.photo, edit.fill),
        edges,
        width=view.width,
        alt=f"{subject.photo.title} without a rectangle of {answers.share_words(gone.mean())}",
        key="edit_rectangle",
        on_change=edit_controls.draw_rectangle,
    )
    return gone, "the rectangle", code.rectangle_code(subject, edges, edit.fill)


def without_first_pixels(subject: Subject, _: EditChoice, edit: Edit) -> Gone:
    """The photo without the pixels that the map ranks first."""
    over = edit.over
    if over is None:
        raise rc.ResNetCoreError("Choose a map over the photo: it says which pixels come first.")
    picture = st.container()
    share = edit_controls.first_share()
    gone = regions.first_pixels(explanations.values_of(over.record), share)
    what = f"the pixels that {over.how.title} ranks first"
    with picture:
        st.image(
            computed.with_hole(subject.net, subject.photo, over.picture, gone, edit.fill),
            width="stretch",
            output_format="PNG",
            alt=f"{subject.photo.title} without {what}: {answers.share_words(gone.mean())}",
        )
    return gone, what, code.pixels_code(subject, over.record.method, over.options, share, edit.fill)


def without_superpixels(subject: Subject, choice: EditChoice, edit: Edit) -> Gone:
    """The photo without the marked superpixels."""
    cut, outlines = computed.superpixels(subject.net, subject.photo, choice.count)
    with edit.keys:
        ids = edit_controls.removed(len(outlines.paths), outlines.digest)
    if edit.over is not None:
        take_first(subject, choice.count, edit.over, ids, edit.tools)
    superpixel_picture(
        picture_of(subject, edit.over),
        computed.without(subject.net, subject.photo, edit.fill),
        outlines,
        ids,
        alt=f"{subject.photo.title} in superpixels",
        key="edit_regions",
        on_change=edit_controls.remove,
    )
    what = "the marked superpixel" if len(ids) == 1 else f"the {len(ids)} marked superpixels"
    return regions.selected(cut, ids), what, code.superpixels_code(subject, choice.count, ids, edit.fill)


def take_first(subject: Subject, count: int, over: ShownMap, ids: list[int], tools: DeltaGenerator) -> None:
    """A button that takes the map's first superpixels away; once they are gone, which part of the picture they are."""
    with explained():
        first, share = computed.first_superpixels(subject.net, subject.photo, count, over.record)
        tools.button(
            f"Take the map's top {100 * computed.FIRST:.0f}\N{NO-BREAK SPACE}% away",
            icon=":material/content_cut:",
            key="edit_first",
            on_click=edit_controls.remove,
            args=(first,),
        )
        if ids == first:
            which = "superpixel" if len(first) == 1 else f"{len(first)} superpixels"
            tools.caption(f"The {which} where {over.how.title} has its largest mean: {answers.share_words(share)}.")
