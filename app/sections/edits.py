"""Edit the photo: parts are taken away, and the network answers at once."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

import resnet_core as rc
from app import chart, compute, controls, explanations, map_snippets, words
from app.components.regions import regions
from app.figures import answers, heat
from app.figures.regions import rectangle, selected
from app.selection import Subject


def edited(subject: Subject) -> None:
    """Parts of the photo taken away, and what the network then says."""
    st.subheader("Edit the photo", anchor=False)
    st.caption("A map claims which pixels mattered. Take them away and see whether the network agrees.")
    with controls.explained():
        choice = controls.edit()
        fill = filling(subject, choice.fill)
        left, right = st.columns(2, gap="large")
        with left:
            by = without_rectangle if choice.by == controls.RECTANGLE else without_superpixels
            gone, what, code = by(subject, choice, fill)
        with right:
            effect = explanations.edit_effect(subject.net, subject.photo, gone, fill)
            st.html(answers.answer_bars(effect, what, float(gone.mean()), target=subject.target))
            chart.files(table=effect, code=code, name=f"{subject.net.variant}-edit", key="edit_files", images={})


def filling(subject: Subject, chosen: rc.Fill | None) -> rc.Fill:
    """What stands where parts are gone: the `chosen`, else what alone says least of the class. Tells what it says."""
    alone = explanations.alone(subject.net, subject.photo, subject.target)
    fill: rc.Fill = min(alone, key=lambda name: alone[name]) if chosen is None else chosen
    by_words = {controls.FILL_WORDS[name]: probability for name, probability in alone.items()}
    answer = compute.prediction(subject.net, subject.photo)
    before = float(answer["probability"][answer["index"] == subject.target].iloc[0])
    said, neutral = answers.fill_words(by_words, controls.FILL_WORDS[fill], subject.name, before)
    if neutral:
        st.caption(words.plain(said))
    else:
        st.warning(words.plain(said), icon=":material/format_color_fill:")
    return fill


def without_rectangle(subject: Subject, _: controls.EditChoice, fill: rc.Fill) -> tuple[NDArray[np.bool_], str, str]:
    """The photo without a rectangle: where it is gone, in words what is, and the code for the answer."""
    view = compute.view(subject.net, subject.photo)
    edges = controls.rectangle()
    gone = rectangle(view.height, view.width, **edges)
    whole = explanations.filled(subject.net, subject.photo, fill)
    pixels = np.where(gone[..., None], whole, np.asarray(view))
    st.image(
        heat.enlarged(Image.fromarray(pixels)),
        width="stretch",
        output_format="PNG",
        alt=f"{subject.photo.title} without a rectangle of {gone.mean():.0%} of the picture",
    )
    return gone, "the rectangle", map_snippets.rectangle_code(subject, edges, fill)


def without_superpixels(
    subject: Subject, choice: controls.EditChoice, fill: rc.Fill
) -> tuple[NDArray[np.bool_], str, str]:
    """The photo without the superpixels that the visitor marks: where it is gone, what is, and the code."""
    cut, outlines = explanations.superpixels(subject.net, subject.photo, choice.count)
    picture = st.container()
    ids = controls.removed(len(outlines.paths), outlines.digest)
    with picture:
        regions(
            heat.png(compute.view(subject.net, subject.photo)),
            heat.png(Image.fromarray(explanations.filled(subject.net, subject.photo, fill))),
            outlines,
            ids,
            alt=f"{subject.photo.title} in superpixels",
            key="edit_regions",
            on_change=controls.remove,
        )
    what = "the marked superpixel" if len(ids) == 1 else f"the {len(ids)} marked superpixels"
    return selected(cut, ids), what, map_snippets.superpixels_code(subject, choice.count, ids, fill)
